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
  const { receiptId, paidOn, changeId } = to;
  if (posting.lateChargeFixed > 0n) {
    await tx.run('receipt.charge', ({ orm }) =>
      orm.insert(levyCharges).values({
        levyId: line.levyId,
        component: 'lateCharge',
        amount: posting.lateChargeFixed,
        decidedOn: paidOn,
        reason: LATE_CHARGE_FIXED,
        changeId,
      }),
    );
  }
  if (posting.applied.length > 0) {
    await tx.run('receipt.allocate', ({ orm }) =>
      orm.insert(allocations).values(
        posting.applied.map(({ component, amount }) => ({
          levyId: line.levyId,
          component,
          amount,
          receiptId,
          effectiveOn: paidOn,
          changeId,
        })),
      ),
    );
  }
  if (posting.overpayment !== undefined) {
    const { cause, amount } = posting.overpayment;
    await tx.run('receipt.overpay', ({ orm }) =>
      orm.insert(overpayments).values({
        addresseeNo: line.addresseeNo,
        levyId: line.levyId,
        receiptId,
        cause,
        amount,
        aroseOn: paidOn,
        changeId,
      }),
    );
  }
}
