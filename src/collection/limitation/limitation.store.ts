import type { Handle, Session } from '../../kernel/database/session.js';
import type { IsoDate } from '../../kernel/dates.js';
import { arrayText } from '../receipt/line.store.js';
import { limitationOf, LIMITATION_YEARS, type Limitation, type LimitationEvent } from './limitation.js';

/** What the limitation of a line is worked out from, as a statement answers it. */
export interface LimitationRow {
  readonly due_on: IsoDate;
  readonly legal_family: keyof typeof LIMITATION_YEARS;
  /** `kind:from:on`, with commas between; `on` empty while a seizure lasts. */
  readonly events: string | null;
}

/**
 * The events of a levy line that bear on its limitation, as a scalar of a statement in which it is `line.levy_id`: a
 * written promise acknowledges every line that it lists, and a payment the line it is applied to, or all lines of a
 * written promise that says so; what was collected by force or reversed acknowledges nothing (handbook 03 §5, §7). A
 * 交付要求 or 参加差押 is not lost when its procedure is cancelled (18条の2 ①3 ②), as a seizure is. A final notice demands
 * what the round hands over: lines of its taxes, reminded, not stayed on that day.
 */
export function limitationEvents(raw: Handle['raw']) {
  return raw`(select string_agg(distinct e.kind || ':' || e.begins || ':' || coalesce(e.ends::text, ''), ',') from (
    select 'REMINDER' as kind, m.sent_on as begins, m.sent_on as ends from records.reminder m
    where m.levy_id = line.levy_id
    union all
    select 'ACKNOWLEDGEMENT', a.effective_on, a.effective_on from (
      select line.levy_id as levy_id, '-infinity'::date as since, 'infinity'::date as until
      union all
      select distinct o.levy_id, p.promised_on, coalesce(x.ended_on, 'infinity') from records.promise_claim c
      join records.instalment_promise p on p.id = c.promise_id and p.payments_acknowledge_all
        and p.form = 'written'
      join records.promise_claim o on o.promise_id = p.id and o.levy_id <> c.levy_id
      left join records.promise_end x on x.promise_id = p.id
      where c.levy_id = line.levy_id
    ) as k
    join records.allocation a on a.levy_id = k.levy_id and a.effective_on >= k.since and a.effective_on < k.until
    join records.receipt r on r.id = a.receipt_id
    where a.amount > 0 and r.reverses_id is null and r.source not in ('disposition', 'organization')
      and not exists (select from records.receipt v where v.reverses_id = r.id)
    union all
    select 'ACKNOWLEDGEMENT', p.promised_on, p.promised_on from records.promise_claim c
    join records.instalment_promise p on p.id = c.promise_id
    where c.levy_id = line.levy_id and p.form = 'written'
    union all
    select case when e.kind = 'cancelled' and d.kind = 'seizure' then 'CANCELLED' else 'SEIZURE' end,
      d.executed_on, e.ended_on
    from records.disposition_claim c join records.disposition d on d.id = c.disposition_id
    left join records.disposition_end e on e.disposition_id = d.id
    where c.levy_id = line.levy_id
    union all
    select 'DEMAND', n.issued_on, n.issued_on from records.levy_line l
    join records.transfer_case t on t.addressee_no = l.addressee_no
    join records.transfer_round u on u.id = t.round_id and u.configuration->'criteria'->'taxItems' ? l.tax_item
    join records.transfer_notice n on n.transfer_id = t.id
    where l.id = line.levy_id and l.due_on < n.issued_on
      and exists (select from records.reminder m where m.levy_id = l.id and m.sent_on + 10 < n.issued_on)
      and not exists (select from records.execution_stay s where s.levy_id = l.id and s.decided_on <= n.issued_on
        and not exists (select from records.stay_cancellation x where x.stay_id = s.id
          and x.cancelled_on <= n.issued_on))
  ) as e)`;
}

/** The limitation that a row tells of. */
export function limitationIn(row: LimitationRow): Limitation {
  const events = (row.events ?? '').split(',').filter((each) => each !== '');
  return limitationOf(row.due_on, LIMITATION_YEARS[row.legal_family], events.map(eventIn));
}

/** 時効 of levy lines as the records stand. Lock the lines first when something will hang on it. */
export async function readLimitations(
  session: Session,
  levyIds: readonly bigint[],
): Promise<Map<bigint, Limitation>> {
  const rows = await session.run(
    'limitation.read',
    ({ raw }) => raw<(LimitationRow & { id: bigint })[]>`
    select line.levy_id as id, l.due_on, i.legal_family, ${limitationEvents(raw)} as events
    from unnest(${arrayText(levyIds)}::text::bigint[]) as line (levy_id)
    join records.levy_line l on l.id = line.levy_id
    join records.tax_item i on i.code = l.tax_item`,
  );
  return new Map(rows.map((row) => [row.id, limitationIn(row)]));
}

function eventIn(text: string): LimitationEvent {
  const [kind, from = '', on = ''] = text.split(':');
  return { kind: kind as LimitationEvent['kind'], from, on: on === '' ? null : on };
}
