import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { arrayText } from '../receipt/line.store.js';
import type { Held } from './portions.js';

/** What is held, or was set aside, of a result of a round. */
export interface KeptHold extends Held {
  readonly id: bigint;
  readonly resultId: string;
  readonly seriesNo: number;
  readonly state: 'held' | 'setAside';
}

/** Everything of a round that is held, or was set aside, in the order of the results. */
export function readHolds(session: Session, roundId: bigint): Promise<KeptHold[]> {
  return session.run(
    'transfer.holds',
    ({ raw }) => raw<KeptHold[]>`
    select h.id, h.result_id as "resultId", h.series_no as "seriesNo", h.case_no as "caseNo", h.code, h.file,
      h.row_no as "row", h.collected, s.state
    from records.transfer_hold h cross join lateral (select records.transfer_hold_state(h.id) as state) as s
    where h.round_id = ${String(roundId)}::bigint and s.state in ('held', 'setAside')
    order by h.series_no, h.case_no collate "C" nulls first, h.id`,
  );
}

/** The result whose portions are held. */
export interface HoldOf {
  readonly roundId: bigint;
  readonly resultId: string;
  readonly seriesNo: number;
  readonly heldOn: IsoDate;
  readonly changeId: bigint;
}

/** Writes what is held of a result. */
export async function insertHolds(tx: Session, of: HoldOf, held: readonly Held[]): Promise<void> {
  if (held.length === 0) return;
  const { roundId, resultId, seriesNo, heldOn, changeId } = of;
  await tx.run(
    'transfer.hold',
    ({ raw }) => raw`
    insert into records.transfer_hold (round_id, result_id, series_no, case_no, code, file, row_no, collected, held_on,
      change_id)
    select ${String(roundId)}::bigint, ${resultId}::uuid, ${seriesNo}, nullif(case_no, ''), code, nullif(file, ''),
      nullif(row_no, 0), collected, ${heldOn}::date, ${String(changeId)}::bigint
    from unnest(${held.map(({ caseNo }) => caseNo ?? '')}::text[], ${held.map(({ code }) => code)}::text[],
      ${held.map(({ file }) => file ?? '')}::text[], ${held.map(({ row }) => row ?? 0)}::integer[],
      ${arrayText(held.map(({ collected }) => collected))}::text::bigint[])
      with ordinality as t (case_no, code, file, row_no, collected, n) order by n`,
  );
}

/** Ends holds: what they held is taken, or is held for another reason from now on. */
export async function endHolds(
  tx: Session,
  ids: readonly bigint[],
  outcome: 'taken' | 'heldAnew',
  changeId: bigint,
): Promise<void> {
  if (ids.length === 0) return;
  await tx.run(
    'transfer.endHolds',
    ({ raw }) => raw`
    insert into records.transfer_hold_end (hold_id, outcome, change_id)
    select id, ${outcome}, ${String(changeId)}::bigint from unnest(${arrayText(ids)}::text::bigint[]) as t (id)`,
  );
}
