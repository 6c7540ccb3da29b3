import type { Session } from '../../kernel/database/database.js';
import type { Yen } from '../../kernel/yen.js';

/** Control totals (照合合計) of the frozen lines, from the journal. */
export interface FrozenTotals {
  readonly cases: number;
  readonly lines: number;
  readonly assessed: Yen;
  readonly paid: Yen;
  readonly reduced: Yen;
  readonly unpaid: Yen;
  readonly lateChargeFixed: Yen;
  readonly fees: Yen;
}

/** What of a round was frozen, in sums. */
export async function readFrozenTotals(session: Session, roundId: bigint): Promise<FrozenTotals> {
  const [row] = await session.run(
    'transfer.totals',
    ({ raw }) => raw<FrozenTotals[]>`
    select count(distinct c.id)::integer as cases, count(l.id)::integer as lines,
      coalesce(sum(l.assessed), 0)::bigint as assessed, coalesce(sum(l.paid), 0)::bigint as paid,
      coalesce(sum(l.reduced), 0)::bigint as reduced, coalesce(sum(l.unpaid), 0)::bigint as unpaid,
      coalesce(sum(l.late_charge_fixed), 0)::bigint as "lateChargeFixed",
      coalesce(sum(l.reminder_fee + l.disposition_cost), 0)::bigint as fees
    from records.transfer_case c join records.transfer_line l on l.transfer_id = c.id
    where c.round_id = ${String(roundId)}::bigint`,
  );
  const none = { assessed: 0n, paid: 0n, reduced: 0n, unpaid: 0n, lateChargeFixed: 0n, fees: 0n };
  return row ?? { cases: 0, lines: 0, ...none };
}

/** A draft that is complete in the vault. */
export interface Submission {
  readonly draftDigest: string;
  readonly cases: number;
  readonly unpaid: Yen;
}

/** The submission of a round, or none. */
export async function readSubmission(session: Session, roundId: bigint): Promise<Submission | undefined> {
  const [row] = await session.run(
    'transfer.submission',
    ({ raw }) => raw<Submission[]>`
    select draft_digest as "draftDigest", case_count as cases, unpaid from records.transfer_submission
    where round_id = ${String(roundId)}::bigint`,
  );
  return row;
}

/** Writes a submission; a second one of the same round finds it there. */
export async function insertSubmission(
  tx: Session,
  roundId: bigint,
  { draftDigest, cases, unpaid }: Submission,
  changeId: bigint,
): Promise<void> {
  await tx.run(
    'transfer.submit',
    ({ raw }) => raw`
    insert into records.transfer_submission (round_id, draft_digest, case_count, unpaid, change_id)
    values (${String(roundId)}::bigint, ${draftDigest}, ${cases}, ${String(unpaid)}::bigint,
      ${String(changeId)}::bigint)
    on conflict (round_id) do nothing`,
  );
}
