import { levyCharges } from '../../../schema/records/levy.js';
import { allocations } from '../../../schema/records/receipt.js';
import { overpayments } from '../../../schema/records/refund.js';
import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import type { LedgerLine, Posting } from './posting.js';

/** Why the system levies or withdraws a late charge; shown in the ledger. */
export const LATE_CHARGE_FIXED = '本税完納による延滞金の確定';
export const LATE_CHARGE_WITHDRAWN = '収納取消による延滞金の再計算';

/** The receipt a posting is written for. */
export interface PostedTo {
  readonly receiptId: bigint;
  readonly paidOn: IsoDate;
  readonly changeId: bigint;
}

/** Writes a posting: the late charge it fixes first, then what was applied, then what was too much. */
export async function writePosting(
  tx: Session,
  line: LedgerLine,
  posting: Posting,
  to: PostedTo,
): Promise<void> {
  // Sent one behind the other, without waiting in between: one connection runs them in this order.
  await Promise.all([
    writeLateCharge(tx, line, posting, to),
    writeApplied(tx, line, posting, to),
    writeOverpayment(tx, line, posting, to),
  ]);
}

async function writeLateCharge(
  tx: Session,
  { levyId }: LedgerLine,
  { lateChargeFixed }: Posting,
  { paidOn, changeId }: PostedTo,
): Promise<void> {
  if (lateChargeFixed <= 0n) return;
  await tx.run('receipt.charge', ({ orm }) =>
    orm.insert(levyCharges).values({
      levyId,
      component: 'lateCharge',
      amount: lateChargeFixed,
      decidedOn: paidOn,
      reason: LATE_CHARGE_FIXED,
      changeId,
    }),
  );
}

async function writeApplied(
  tx: Session,
  { levyId }: LedgerLine,
  { applied }: Posting,
  { receiptId, paidOn, changeId }: PostedTo,
): Promise<void> {
  if (applied.length === 0) return;
  await tx.run('receipt.allocate', ({ orm }) =>
    orm.insert(allocations).values(
      applied.map(({ component, amount }) => ({
        levyId,
        component,
        amount,
        receiptId,
        effectiveOn: paidOn,
        changeId,
      })),
    ),
  );
}

async function writeOverpayment(
  tx: Session,
  { addresseeNo, levyId }: LedgerLine,
  { overpayment }: Posting,
  { receiptId, paidOn, changeId }: PostedTo,
): Promise<void> {
  if (overpayment === undefined) return;
  const { cause, amount } = overpayment;
  await tx.run('receipt.overpay', ({ orm }) =>
    orm
      .insert(overpayments)
      .values({ addresseeNo, levyId, receiptId, cause, amount, aroseOn: paidOn, changeId }),
  );
}
