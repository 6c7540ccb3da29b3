import { eq, sql } from 'drizzle-orm';
import {
  overpaymentBalances,
  overpayments,
  refundDecisions,
  refunds,
} from '../../../schema/records/index.js';
import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import type { Yen } from '../../kernel/yen.js';
import { dueUnpaidOf } from './dueUnpaid.js';
import type { OverpaymentStanding, RefundStanding } from './refund.js';

/** An overpayment with whose it is. */
export interface LockedOverpayment extends OverpaymentStanding {
  readonly id: bigint;
  readonly addresseeNo: string;
}

/**
 * Locks an overpayment until commit, through the receipt it came from and in the order of the ledger's locks,
 * and reads what it stands at. Two clerks who give back the same money wait for each other here.
 */
export async function lockOverpayment(
  tx: Session,
  id: bigint,
  today: IsoDate,
): Promise<LockedOverpayment | undefined> {
  await tx.run(
    'overpayment.lock',
    ({ raw }) => raw`
    select records.lock_receipts(array(select coalesce(r.reverses_id, r.id)
      from records.overpayment p join records.receipt r on r.id = p.receipt_id where p.id = ${String(id)}::bigint))`,
  );
  const dueUnpaid = dueUnpaidOf(
    sql`${overpayments.addresseeNo}`,
    sql`${overpayments.levyId}`,
    sql`${today}::date`,
  );
  const [row] = await tx.run('overpayment.standing', ({ orm }) =>
    orm
      .select({
        id: overpayments.id,
        addresseeNo: overpayments.addresseeNo,
        amount: overpayments.amount,
        remaining: overpaymentBalances.remaining,
        dueUnpaid: dueUnpaid.mapWith((yen: bigint | string): Yen => BigInt(yen)),
      })
      .from(overpayments)
      .innerJoin(overpaymentBalances, eq(overpaymentBalances.overpaymentId, overpayments.id))
      .where(eq(overpayments.id, id)),
  );
  return row;
}

/** 起案. */
export interface RefundProposal {
  readonly overpayment: LockedOverpayment;
  readonly amount: Yen;
  readonly reason: string;
  readonly proposedBy: string;
  readonly proposedOn: IsoDate;
}

/** Writes a proposal that `assertProposable` allowed. @returns its number */
export async function insertRefund(tx: Session, proposal: RefundProposal, changeId: bigint): Promise<bigint> {
  const { overpayment, ...values } = proposal;
  const [row] = await tx.run('refund.propose', ({ orm }) =>
    orm
      .insert(refunds)
      .values({ ...values, overpaymentId: overpayment.id, addresseeNo: overpayment.addresseeNo, changeId })
      .returning({ id: refunds.id }),
  );
  if (row === undefined) throw new KuramoriError('INTERNAL', 'A refund was not recorded.');
  return row.id;
}

/** A refund for its decision. */
export interface FoundRefund extends RefundStanding {
  readonly id: bigint;
  readonly addresseeNo: string;
}

interface FoundRefundRow {
  readonly id: bigint;
  readonly addressee_no: string;
  readonly proposer_person: string;
  readonly outcome: 'approved' | 'rejected' | null;
}

/** A refund by its number, with the person who proposed it. */
export async function findRefund(tx: Session, id: bigint): Promise<FoundRefund | undefined> {
  const [row] = await tx.run(
    'refund.find',
    ({ raw }) => raw<FoundRefundRow[]>`
    select r.id, r.addressee_no, d.outcome, coalesce(s.person_id, r.proposed_by) as proposer_person
    from records.refund r
    left join records.refund_decision d on d.refund_id = r.id
    left join access.staff s on s.staff_id = r.proposed_by
    where r.id = ${String(id)}::bigint`,
  );
  return (
    row && {
      id: row.id,
      addresseeNo: row.addressee_no,
      proposerPerson: row.proposer_person,
      outcome: row.outcome ?? undefined,
    }
  );
}

/** The natural person behind an account; an account outside the register stands for itself. */
export async function personOf(tx: Session, actorId: string): Promise<string> {
  const [row] = await tx.run(
    'staff.person',
    ({ raw }) => raw<{ person_id: string }[]>`select person_id from access.staff where staff_id = ${actorId}`,
  );
  return row?.person_id ?? actorId;
}

/** 決裁. */
export interface RefundDecisionEntry {
  readonly refundId: bigint;
  readonly outcome: 'approved' | 'rejected';
  readonly decidedBy: string;
  readonly decidedOn: IsoDate;
  readonly reason: string;
}

/**
 * Writes the decision that `assertDecidable` allowed.
 * @throws KuramoriError CONFLICT when another decision was faster
 */
export async function insertDecision(
  tx: Session,
  entry: RefundDecisionEntry,
  changeId: bigint,
): Promise<void> {
  const written = await tx.run('refund.decide', ({ orm }) =>
    orm
      .insert(refundDecisions)
      .values({ ...entry, changeId })
      .onConflictDoNothing()
      .returning({ refundId: refundDecisions.refundId }),
  );
  if (written.length === 0) {
    throw new KuramoriError(
      'CONFLICT',
      'The refund was decided by somebody else at this moment. Read it again.',
      { field: 'refundId' },
    );
  }
}
