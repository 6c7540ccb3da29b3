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
 * The events of a levy line that bear on its limitation, as a scalar of a statement in which it is `line.levy_id`
 * (`records.limitation_event`, handbook 03 §5, §7).
 */
export function limitationEvents(raw: Handle['raw']) {
  return raw`(select string_agg(e.kind || ':' || e.begins || ':' || coalesce(e.ends::text, ''), ','
      order by e.begins, e.kind, e.ends nulls first)
    from records.limitation_event(line.levy_id) as e)`;
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

/**
 * Those of the lines that the collection organization has had, and of which not all is known that it did there
 * (`records.organization_acts_known`): it may have renewed their limitation, so that nobody can say that it is
 * complete.
 */
export async function readUntold(session: Session, levyIds: readonly bigint[]): Promise<ReadonlySet<bigint>> {
  const rows = await session.run(
    'limitation.untold',
    ({ raw }) => raw<{ levy_id: bigint }[]>`
    select l.levy_id from records.transfer_line l join records.transfer_state s using (transfer_id)
    where l.levy_id = any (${arrayText(levyIds)}::text::bigint[]) and s.state = 'active'
      and not records.organization_acts_known(l.transfer_id)`,
  );
  return new Set(rows.map(({ levy_id: levyId }) => levyId));
}

function eventIn(text: string): LimitationEvent {
  const [kind, from = '', on = ''] = text.split(':');
  return { kind: kind as LimitationEvent['kind'], from, on: on === '' ? null : on };
}
