import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import type { Yen } from '../../kernel/yen.js';
import { missing } from '../receipt/lock.store.js';
import { arrayText } from '../receipt/line.store.js';
import type { EndStateWord } from './reconciliation.js';
import { lineKey, type OpenLine, type PlacedCollection } from './result.js';

/** A result of a round that is known. */
export interface KnownResult {
  readonly resultKey: bigint;
  readonly actsAreTaken: boolean;
}

/** The results of a round that are known, by their package numbers. */
export async function readKnownResults(
  session: Session,
  roundId: bigint,
): Promise<ReadonlyMap<string, KnownResult>> {
  const rows = await session.run(
    'transfer.knownResults',
    ({ raw }) => raw<(KnownResult & { resultId: string })[]>`
    select r.result_id as "resultId", r.id as "resultKey", a.result_id is not null as "actsAreTaken"
    from records.transfer_result r left join records.transfer_acts a on a.result_id = r.id
    where r.round_id = ${String(roundId)}::bigint`,
  );
  return new Map(rows.map((row) => [row.resultId, row]));
}

/** What may still be collected of each line that the organization has, by case and line number. */
export async function readOpenLines(tx: Session, roundId: bigint): Promise<ReadonlyMap<string, OpenLine>> {
  const rows = await tx.run(
    'transfer.openLines',
    ({ raw }) => raw<(OpenLine & { caseNo: string; lineNo: number })[]>`
    select c.case_no as "caseNo", l.line_no as "lineNo", l.id as "lineId",
      (l.unpaid
        - coalesce((select sum(d.amount) from records.transfer_delta d
          where d.line_id = l.id and d.component in ('tax', 'penalty')), 0)
        - coalesce((select sum(k.tax) from records.transfer_collection k where k.line_id = l.id), 0))::bigint as unpaid,
      (l.reminder_fee
        - coalesce((select sum(d.amount) from records.transfer_delta d
          where d.line_id = l.id and d.component = 'reminderFee'), 0)
        - coalesce((select sum(k.reminder_fee) from records.transfer_collection k where k.line_id = l.id), 0))::bigint
        as "reminderFee"
    from records.transfer_standing s
    join records.transfer_line l on l.transfer_id = s.transfer_id
    join records.delinquency_case c on c.id = s.case_id
    where s.round_id = ${String(roundId)}::bigint and s.is_locked`,
  );
  return new Map(rows.map((row) => [lineKey(row), row]));
}

/** The cases that the organization has, by case number. */
export async function readActiveCases(tx: Session, roundId: bigint): Promise<ReadonlyMap<string, bigint>> {
  const rows = await tx.run(
    'transfer.activeCases',
    ({ raw }) => raw<{ case_no: string; transfer_id: bigint }[]>`
    select c.case_no, s.transfer_id from records.transfer_standing s
    join records.delinquency_case c on c.id = s.case_id
    where s.round_id = ${String(roundId)}::bigint and s.is_locked`,
  );
  return new Map(rows.map((row) => [row.case_no, row.transfer_id]));
}

/** 事案の結果 as a result says it. */
export interface NewOutcome {
  readonly transferId: bigint;
  readonly endState: EndStateWord;
  readonly statedOn: IsoDate;
  readonly judgement: string | null;
}

/** A result as it came. */
export interface NewResult {
  readonly resultId: string;
  readonly seriesNo: number;
  readonly final: boolean;
  readonly receivedOn: IsoDate;
  /** Of all that it says, held or not. */
  readonly collected: Yen;
  readonly changeId: bigint;
}

/** Writes a result. A second one of the same number is refused by its key. @returns its key */
export async function insertResult(tx: Session, roundId: bigint, result: NewResult): Promise<bigint> {
  const [row] = await tx.run(
    'transfer.result',
    ({ raw }) => raw<{ id: bigint }[]>`
    insert into records.transfer_result (result_id, round_id, series_no, is_final, received_on, collected, change_id)
    values (${result.resultId}::uuid, ${String(roundId)}::bigint, ${result.seriesNo}, ${result.final},
      ${result.receivedOn}::date, ${String(result.collected)}::bigint, ${String(result.changeId)}::bigint)
    returning id`,
  );
  return row?.id ?? missing('transfer.result');
}

/** What is taken of a result. */
export interface TakenRows {
  readonly collections: readonly PlacedCollection[];
  readonly outcomes: readonly NewOutcome[];
  readonly changeId: bigint;
}

/** Writes what is taken of a result. */
export async function insertTaken(
  tx: Session,
  id: bigint,
  { collections, outcomes, changeId }: TakenRows,
): Promise<void> {
  const [resultKey, change] = [String(id), String(changeId)];
  const numbers = (pick: (one: PlacedCollection) => bigint) => arrayText(collections.map(pick));
  await tx.run(
    'transfer.collections',
    ({ raw }) => raw`
    insert into records.transfer_collection (result_id, line_id, collected_on, tax, late_charge, reminder_fee,
      disposition_cost, change_id)
    select ${resultKey}::bigint, line, on_day::date, tax, late_charge, fees, cost, ${change}::bigint
    from unnest(${numbers(({ lineId }) => lineId)}::text::bigint[],
      ${collections.map(({ collectedOn }) => collectedOn)}::text[], ${numbers(({ tax }) => tax)}::text::bigint[],
      ${numbers(({ lateCharge }) => lateCharge)}::text::bigint[], ${numbers(({ fees }) => fees)}::text::bigint[],
      ${numbers(({ dispositionCost }) => dispositionCost)}::text::bigint[])
      with ordinality as t (line, on_day, tax, late_charge, fees, cost, n) order by n`,
  );
  await tx.run(
    'transfer.outcomes',
    ({ raw }) => raw`
    insert into records.transfer_outcome (result_id, transfer_id, end_state, stated_on, judgement, change_id)
    select ${resultKey}::bigint, id, end_state, on_day::date, nullif(judgement, ''), ${change}::bigint
    from unnest(${arrayText(outcomes.map(({ transferId }) => transferId))}::text::bigint[],
      ${outcomes.map(({ endState }) => endState)}::text[], ${outcomes.map(({ statedOn }) => statedOn)}::text[],
      ${outcomes.map(({ judgement }) => judgement ?? '')}::text[]) as t (id, end_state, on_day, judgement)`,
  );
}
