import { randomUUID } from 'node:crypto';
import type { Session } from '../../../kernel/database/database.js';
import type { IsoDate } from '../../../kernel/dates.js';
import { INCIDENTS_LISTED_MAX } from '../../../kernel/limits.js';
import { INCIDENT_ITEM_NAMES, type Incident, type IncidentItem, type IncidentStep } from './incident.js';

/** One row to be added to an incident. */
export interface IncidentEntry {
  readonly incidentId: string;
  readonly step: IncidentStep;
  readonly learnedOn?: IsoDate | undefined;
  readonly malicious?: boolean | undefined;
  readonly doneOn?: IsoDate | undefined;
  readonly said: Readonly<Partial<Record<IncidentItem, string>>>;
  readonly by: string;
  readonly approvedBy?: string | undefined;
}

/** A new number of an incident (事案番号). */
export function newIncidentId(): string {
  return `IN-${randomUUID()}`;
}

/** @param at ISO instant */
export async function insertIncidentEntry(tx: Session, entry: IncidentEntry, at: string): Promise<void> {
  const { incidentId, step, learnedOn, malicious, doneOn, said, by, approvedBy } = entry;
  await tx.run(
    'vault.incident.insert',
    ({ raw }) => raw`
    insert into vault.incident_entry (incident_id, step, learned_on, malicious, done_on, overview, items, people, cause,
      secondary_damage, response, publication, prevention, other, entered_by, approved_by, entered_at)
    values (${incidentId}, ${step}, ${learnedOn ?? null}::date, ${malicious ?? null}::boolean, ${doneOn ?? null}::date,
      ${said.overview ?? null}, ${said.items ?? null}, ${said.people ?? null}, ${said.cause ?? null},
      ${said.secondaryDamage ?? null}, ${said.response ?? null}, ${said.publication ?? null},
      ${said.prevention ?? null}, ${said.other ?? null}, ${by}, ${approvedBy ?? null}, ${at}::timestamptz)`,
  );
}

/** Whether nobody else adds to the incident before the transaction's end. */
export async function lockIncident(tx: Session, incidentId: string): Promise<void> {
  await tx.run(
    'vault.incident.lock',
    ({ raw }) => raw`select pg_advisory_xact_lock(hashtextextended(${`incident:${incidentId}`}, 0))`,
  );
}

interface IncidentRow extends Record<IncidentItem, string | null> {
  readonly key: bigint;
  readonly incidentId: string;
  readonly learnedOn: IsoDate;
  readonly malicious: boolean;
  readonly done: Readonly<Partial<Record<IncidentStep, IsoDate>>> | null;
  readonly enteredBy: string;
}

/** An incident, or none. */
export async function findIncident(session: Session, incidentId: string): Promise<Incident | undefined> {
  const [incident] = await readIncidents(session, { incidentId, limit: 1 });
  return incident;
}

/** Incidents that are not closed, oldest first. */
export async function openIncidents(session: Session): Promise<readonly Incident[]> {
  const all = await readIncidents(session, { limit: INCIDENTS_LISTED_MAX });
  return all.filter(({ done }) => done.closed === undefined);
}

/** Which incidents. */
interface IncidentQuery {
  readonly incidentId?: string;
  /** Learned of on this day or before it. */
  readonly learnedBy?: IsoDate;
  /** Not closed before this day. */
  readonly openOn?: IsoDate;
  readonly after?: bigint | undefined;
  readonly limit: number;
}

/** Incidents by the number of their first entry; of each text the last one that was entered counts. */
export async function readIncidents(
  session: Session,
  { incidentId, learnedBy, openOn, after = 0n, limit }: IncidentQuery,
): Promise<readonly Incident[]> {
  const rows = await session.run(
    'vault.incident.read',
    ({ raw }) => raw<IncidentRow[]>`
    with last as (
      select incident_id, min(id) as key, min(learned_on) as learned_on,
        (array_agg(malicious order by id desc) filter (where malicious is not null))[1] as malicious,
        (array_agg(entered_by order by id))[1] as entered_by,
        jsonb_object_agg(step, done_on::text) filter (where step <> 'found') as done,
        max(done_on) filter (where step = 'closed') as closed_on,
        (array_agg(overview order by id desc) filter (where overview is not null))[1] as overview,
        (array_agg(items order by id desc) filter (where items is not null))[1] as items,
        (array_agg(people order by id desc) filter (where people is not null))[1] as people,
        (array_agg(cause order by id desc) filter (where cause is not null))[1] as cause,
        (array_agg(secondary_damage order by id desc) filter (where secondary_damage is not null))[1]
          as secondary_damage,
        (array_agg(response order by id desc) filter (where response is not null))[1] as response,
        (array_agg(publication order by id desc) filter (where publication is not null))[1] as publication,
        (array_agg(prevention order by id desc) filter (where prevention is not null))[1] as prevention,
        (array_agg(other order by id desc) filter (where other is not null))[1] as other
      from vault.incident_entry
      where ${incidentId ?? null}::text is null or incident_id = ${incidentId ?? null}
      group by incident_id)
    select key, incident_id as "incidentId", learned_on as "learnedOn", malicious, done, entered_by as "enteredBy",
      overview, items, people, cause, secondary_damage as "secondaryDamage", response, publication, prevention, other
    from last
    where key > ${String(after)}::bigint
      and (${learnedBy ?? null}::date is null or learned_on <= ${learnedBy ?? null}::date)
      and (${openOn ?? null}::date is null or closed_on is null or closed_on >= ${openOn ?? null}::date)
    order by key limit ${limit}`,
  );
  return rows.map(incidentOf);
}

function incidentOf({
  key,
  incidentId,
  learnedOn,
  malicious,
  done,
  enteredBy,
  ...items
}: IncidentRow): Incident {
  const said = Object.fromEntries(
    INCIDENT_ITEM_NAMES.flatMap((item) => (items[item] === null ? [] : [[item, items[item]]])),
  ) as Incident['said'];
  return { key, incidentId, learnedOn, malicious, said, done: done ?? {}, enteredBy };
}

/** Holidays by law that are registered. */
export async function readHolidays(session: Session): Promise<ReadonlySet<IsoDate>> {
  const rows = await session.run(
    'vault.holiday.read',
    ({ raw }) => raw<{ day: IsoDate }[]>`select day::text as day from vault.holiday`,
  );
  return new Set(rows.map(({ day }) => day));
}

/** Registers holidays; one that is there already stays as it is. @returns how many were new */
export async function insertHolidays(
  tx: Session,
  holidays: readonly { readonly day: IsoDate; readonly name: string }[],
): Promise<number> {
  const rows = await tx.run(
    'vault.holiday.insert',
    ({ raw }) => raw`
    insert into vault.holiday (day, name)
    select given.day::date, given.name
    from unnest(${holidays.map(({ day }) => day)}::text[], ${holidays.map(({ name }) => name)}::text[])
      as given (day, name)
    on conflict (day) do nothing returning day`,
  );
  return rows.length;
}
