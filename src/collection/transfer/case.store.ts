import type { Handle, Session } from '../../kernel/database/session.js';
import type { IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { TRANSFER_CASES_EXAMINED_MAX } from '../../kernel/limits.js';
import type { Yen } from '../../kernel/yen.js';
import { arrayText } from '../receipt/line.store.js';
import type { Candidate, CaseFacts } from './selection.js';
import { statesBefore, type TransferStateWord } from './states.js';

/** Which lines of which people can be handed over. */
export interface Handover {
  readonly today: IsoDate;
  readonly taxItems: readonly string[];
}

/**
 * The lines of open cases that can be handed over on a day: overdue, reminded ten days ago (handbook 03 §2), not
 * stayed, nor extinguished by a stay that was cancelled too late. A person with several open cases is handed over by
 * the oldest one, so that no line goes twice.
 */
export function handoverLines(raw: Handle['raw'], { today, taxItems }: Handover) {
  return raw`
    select c.id as case_id, c.case_no, c.addressee_no, l.id as levy_id, l.due_on, l.tax_item, l.levy_fiscal_year,
      l.tax_year, l.instalment_no, b.tax_outstanding + b.penalty_outstanding as unpaid,
      greatest(b.late_charge_outstanding, 0) as late_charge_fixed,
      greatest(b.reminder_fee_outstanding, 0) as reminder_fee,
      greatest(b.disposition_cost_outstanding, 0) as disposition_cost
    from records.delinquency_case c
    join records.levy_balance b on b.addressee_no = c.addressee_no and not b.settled
    join records.levy_line l on l.id = b.levy_id
    join records.reminder m on m.levy_id = l.id
    where not exists (select from records.case_closing k where k.case_id = c.id)
      and not exists (
        select from records.delinquency_case o where o.addressee_no = c.addressee_no and o.id < c.id
          and not exists (select from records.case_closing k where k.case_id = o.id))
      and l.due_on < ${today}::date and m.sent_on + 10 < ${today}::date
      and l.tax_item = any (${[...taxItems]}::text[])
      and b.tax_outstanding >= 0 and b.penalty_outstanding >= 0
      and not exists (
        select from records.execution_stay s where s.levy_id = l.id and records.stay_in_force(s.id))`;
}

interface FactsRow {
  readonly case_id: bigint;
  readonly case_no: string;
  readonly addressee_no: string;
  readonly line_count: number;
  readonly unpaid: Yen;
  readonly late_charge_fixed: Yen;
  readonly fees: Yen;
  readonly oldest_due_on: IsoDate;
  readonly is_protected: boolean;
}

/**
 * Facts of all open cases that are in no transfer.
 * @throws KuramoriError CONFLICT when there are more than one selection looks at
 */
export async function readCaseFacts(tx: Session, handover: Handover): Promise<readonly CaseFacts[]> {
  const rows = await tx.run(
    'transfer.facts',
    ({ raw }) => raw<FactsRow[]>`
    select h.case_id, h.case_no, h.addressee_no, count(*)::integer as line_count, sum(h.unpaid)::bigint as unpaid,
      sum(h.late_charge_fixed)::bigint as late_charge_fixed,
      sum(h.reminder_fee + h.disposition_cost)::bigint as fees, min(h.due_on) as oldest_due_on,
      exists (select from records.protection_reach p where p.addressee_no = h.addressee_no
        and ${handover.today}::date between p.valid_from and p.valid_to) as is_protected
    from (${handoverLines(raw, handover)}) as h
    where not exists (select from records.transfer_standing s where s.addressee_no = h.addressee_no and s.is_live)
    group by h.case_id, h.case_no, h.addressee_no
    limit ${TRANSFER_CASES_EXAMINED_MAX + 1}`,
  );
  if (rows.length > TRANSFER_CASES_EXAMINED_MAX) {
    throw new KuramoriError(
      'CONFLICT',
      `More than ${TRANSFER_CASES_EXAMINED_MAX} cases are open. Narrow the tax items of the round.`,
    );
  }
  return rows.map((row) => ({
    caseId: row.case_id,
    caseNo: row.case_no,
    addresseeNo: row.addressee_no,
    lineCount: row.line_count,
    unpaid: row.unpaid,
    lateChargeFixed: row.late_charge_fixed,
    fees: row.fees,
    oldestDueOn: row.oldest_due_on,
    isProtected: row.is_protected,
  }));
}

/** A case of a round that is still on its way out, with what can be handed over of it today. */
export interface StandingCase {
  readonly transferId: bigint;
  readonly addresseeNo: string;
  readonly lineCount: number;
  readonly unpaid: Yen;
}

/** The cases of a round in a state, as they stand on a day. */
export async function readStanding(
  tx: Session,
  roundId: bigint,
  state: TransferStateWord,
  handover: Handover,
): Promise<readonly StandingCase[]> {
  const rows = await tx.run(
    'transfer.standing',
    ({ raw }) => raw<{ transfer_id: bigint; addressee_no: string; line_count: number; unpaid: Yen }[]>`
    select s.transfer_id, s.addressee_no, count(h.levy_id)::integer as line_count,
      coalesce(sum(h.unpaid), 0)::bigint as unpaid
    from records.transfer_standing s
    left join (${handoverLines(raw, handover)}) as h on h.case_id = s.case_id
    where s.round_id = ${String(roundId)}::bigint and s.state = ${state}
    group by s.transfer_id, s.addressee_no order by s.transfer_id`,
  );
  return rows.map((row) => ({
    transferId: row.transfer_id,
    addresseeNo: row.addressee_no,
    lineCount: row.line_count,
    unpaid: row.unpaid,
  }));
}

/** Writes candidates with their first state. */
export async function insertCandidates(
  tx: Session,
  roundId: bigint,
  candidates: readonly Candidate[],
  { at, changeId }: { readonly at: string; readonly changeId: bigint },
): Promise<void> {
  const numbers = (pick: (one: Candidate) => bigint | number) => arrayText(candidates.map(pick));
  await tx.run(
    'transfer.candidates',
    ({ raw }) => raw`
    with chosen as (
      insert into records.transfer_case (round_id, case_id, addressee_no, rank, reason, line_count, unpaid,
        late_charge_fixed, fees, change_id)
      select ${String(roundId)}::bigint, t.case_id, t.addressee_no, t.rank, t.reason, t.line_count, t.unpaid,
        t.late_charge_fixed, t.fees, ${String(changeId)}::bigint
      from unnest(${numbers(({ caseId }) => caseId)}::text::bigint[],
        ${candidates.map(({ addresseeNo }) => addresseeNo)}::text[],
        ${numbers(({ rank }) => rank)}::text::integer[], ${candidates.map(({ reason }) => reason)}::text[],
        ${numbers(({ lineCount }) => lineCount)}::text::integer[], ${numbers(({ unpaid }) => unpaid)}::text::bigint[],
        ${numbers((one) => one.lateChargeFixed)}::text::bigint[], ${numbers(({ fees }) => fees)}::text::bigint[])
        as t (case_id, addressee_no, rank, reason, line_count, unpaid, late_charge_fixed, fees)
      order by t.rank
      returning id
    )
    insert into records.transfer_state (transfer_id, step, state, entered_at, change_id)
    select id, 1, 'candidate', ${at}::timestamptz, ${String(changeId)}::bigint from chosen`,
  );
}

/** How cases go on. */
export interface Advance {
  readonly roundId: bigint;
  readonly to: TransferStateWord;
  /** ISO instant. */
  readonly at: string;
  readonly changeId: bigint;
  /** A word or a sentence of ours, or of the person who withdraws. */
  readonly reason?: string;
  /** These cases alone; all that may go on without it. */
  readonly transferIds?: readonly bigint[];
}

/**
 * Takes the cases of a round that may go on (`statesBefore`) to a state; others stay where they are.
 * @returns addressee numbers of those that went on
 */
export async function advanceCases(tx: Session, advance: Advance): Promise<string[]> {
  const { roundId, to, at, changeId, reason, transferIds } = advance;
  const rows = await tx.run(
    'transfer.advance',
    ({ raw }) => raw<{ addressee_no: string }[]>`
    with going as materialized (
      select transfer_id, step, addressee_no from records.transfer_standing
      where round_id = ${String(roundId)}::bigint and state = any (${[...statesBefore(to)]}::text[])
        and (${transferIds === undefined}::boolean
          or transfer_id = any (${arrayText(transferIds ?? [])}::text::bigint[]))
    ), gone as (
      insert into records.transfer_state (transfer_id, step, state, reason, entered_at, change_id)
      select transfer_id, step + 1, ${to}, ${reason ?? null}::text, ${at}::timestamptz, ${String(changeId)}::bigint
      from going returning transfer_id
    )
    select addressee_no from going where transfer_id in (select transfer_id from gone) order by addressee_no`,
  );
  return rows.map(({ addressee_no: addresseeNo }) => addresseeNo);
}

/** How many cases of a round are in each state. */
export async function countStates(
  session: Session,
  roundId: bigint,
): Promise<ReadonlyMap<TransferStateWord, number>> {
  const rows = await session.run(
    'transfer.states',
    ({ raw }) => raw<{ state: TransferStateWord; cases: number }[]>`
    select state, count(*)::integer as cases from records.transfer_standing
    where round_id = ${String(roundId)}::bigint group by state order by state`,
  );
  return new Map(rows.map(({ state, cases }) => [state, cases]));
}
