import type { Session } from '../../kernel/database/database.js';
import type { LineAccount, Reconciliation, ResultAccount } from './reconciliation.js';

/**
 * Every line of the round that the organization accepted, with what happened to its tax and penalty since the freeze.
 */
export async function readLineAccounts(tx: Session, roundId: bigint): Promise<LineAccount[]> {
  return tx.run(
    'transfer.lineAccounts',
    ({ raw }) => raw<LineAccount[]>`
    select c.case_no as "caseNo", l.line_no as "lineNo", l.unpaid as "unpaidAtTransfer",
      coalesce(here.paid, 0)::bigint as "paidHere", coalesce(here.reduced, 0)::bigint as reduced,
      coalesce((select sum(k.tax) from records.transfer_collection k where k.line_id = l.id), 0)::bigint as collected,
      (b.tax_outstanding + b.penalty_outstanding)::bigint as "ledgerRemaining",
      (select o.end_state from records.transfer_outcome o join records.transfer_result r on r.id = o.result_id
        where o.transfer_id = s.transfer_id order by r.series_no desc limit 1) as "endState"
    from records.transfer_standing s
    join records.transfer_acceptance a on a.transfer_id = s.transfer_id and a.outcome = 'accepted'
    join records.transfer_line l on l.transfer_id = s.transfer_id
    join records.delinquency_case c on c.id = s.case_id
    join records.levy_balance b on b.levy_id = l.levy_id
    left join lateral (
      select sum(d.amount) filter (where d.kind in ('payment', 'offset')) as paid,
        sum(d.amount) filter (where d.kind in ('adjustment', 'writeOff')) as reduced
      from records.transfer_delta d where d.line_id = l.id and d.component in ('tax', 'penalty')
    ) as here on true
    where s.round_id = ${String(roundId)}::bigint and s.is_noted
    order by c.case_no collate "C", l.line_no`,
  );
}

/** Every result of the round against the money that came for it. */
export async function readResultAccounts(tx: Session, roundId: bigint): Promise<ResultAccount[]> {
  return tx.run(
    'transfer.resultAccounts',
    ({ raw }) => raw<ResultAccount[]>`
    select r.result_id as "resultId", records.result_collected(r.id) as collected,
      coalesce((select sum(m.amount) from records.transfer_remittance m where m.result_id = r.id), 0)::bigint
        as received
    from records.transfer_result r where r.round_id = ${String(roundId)}::bigint order by r.series_no`,
  );
}

/** Where the organization's own acts in the cases of a round stand; no difference of yen, and in nobody's way. */
export interface ActStanding {
  /** Its dispositions that last: they hold limitation. */
  readonly lasting: number;
  /** Cases that it has or had, of which not all that it did is known: nothing of them is written off by limitation. */
  readonly untold: number;
}

/** Reads it. */
export async function readActStanding(tx: Session, roundId: bigint): Promise<ActStanding> {
  const [row] = await tx.run(
    'transfer.actStanding',
    ({ raw }) => raw<[ActStanding]>`
    select
      (select count(*)::integer from records.disposition d join records.transfer_result r on r.id = d.result_id
        where r.round_id = ${String(roundId)}::bigint
          and not exists (select from records.disposition_end e where e.disposition_id = d.id)) as lasting,
      (select count(*)::integer from records.transfer_acceptance a join records.transfer_case c on c.id = a.transfer_id
        where c.round_id = ${String(roundId)}::bigint and a.outcome = 'accepted'
          and not records.organization_acts_known(c.id)) as untold`,
  );
  return row;
}

/** Writes a comparison. */
export async function insertReconciliation(
  tx: Session,
  roundId: bigint,
  found: Reconciliation,
  digest: string,
  changeId: bigint,
): Promise<void> {
  await tx.run(
    'transfer.reconcile',
    ({ raw }) => raw`
    insert into records.transfer_reconciliation (round_id, transferred, collected, received, remaining, differences,
      digest, change_id)
    values (${String(roundId)}::bigint, ${String(found.transferred)}::bigint, ${String(found.collected)}::bigint,
      ${String(found.received)}::bigint, ${String(found.remaining)}::bigint, ${found.differences.length}, ${digest},
      ${String(changeId)}::bigint)`,
  );
}

/** Whether a comparison of this digest was written without differences. */
export async function isReconciled(tx: Session, roundId: bigint, digest: string): Promise<boolean> {
  const rows = await tx.run(
    'transfer.reconciled',
    ({ raw }) => raw`
    select from records.transfer_reconciliation
    where round_id = ${String(roundId)}::bigint and digest = ${digest} and differences = 0`,
  );
  return rows.length > 0;
}

/** What stands in the way of the end of a round. */
export async function readRoundEnd(
  tx: Session,
  roundId: bigint,
): Promise<{ readonly underWay: number; readonly reconciled: number; readonly hasFinal: boolean }> {
  const [row] = await tx.run(
    'transfer.roundEnd',
    ({ raw }) => raw<{ underWay: number; reconciled: number; hasFinal: boolean }[]>`
    select count(*) filter (where is_live and state <> 'reconciled')::integer as "underWay",
      count(*) filter (where state = 'reconciled')::integer as reconciled,
      exists (select from records.transfer_result r
        where r.round_id = ${String(roundId)}::bigint and r.is_final) as "hasFinal"
    from records.transfer_standing where round_id = ${String(roundId)}::bigint`,
  );
  return row ?? { underWay: 0, reconciled: 0, hasFinal: false };
}

/** Erases the frozen rows of a round that has ended. @returns how many */
export async function eraseRows(tx: Session, roundId: bigint): Promise<number> {
  const [row] = await tx.run(
    'transfer.erase',
    ({ raw }) => raw<{ erased: bigint }[]>`
    select records.erase_transfer_rows(${String(roundId)}::bigint) as erased`,
  );
  return Number(row?.erased ?? 0n);
}
