import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';

/** States of an account (handbook 15 §2). */
export type StaffState = 'pending' | 'active' | 'suspended' | 'revoked';

/** An account as the register has it. */
export interface StaffAccount {
  readonly staffId: string;
  readonly personId: string;
  readonly name: string;
  readonly kana: string;
  readonly state: StaffState;
  readonly employmentFrom: IsoDate;
  readonly employmentTo: IsoDate | undefined;
}

/** An account with its unit and roles on a day. */
export interface StaffView extends StaffAccount {
  readonly department: string | undefined;
  readonly roles: readonly string[];
}

interface StaffRow {
  readonly staff_id: string;
  readonly person_id: string;
  readonly name: string;
  readonly kana: string;
  readonly state: StaffState;
  readonly employment_from: string;
  readonly employment_to: string | null;
}

/** What may be asked of the list; `after` is the staff id the former page ended with. */
export interface StaffFilter {
  readonly department?: string;
  readonly state?: StaffState;
  readonly after?: string;
  readonly limit: number;
}

/**
 * Serialises what is decided about one natural person until the transaction ends, so that two grants at once cannot
 * each overlook the other.
 */
export async function lockPerson(tx: Session, personId: string): Promise<void> {
  await tx.run(
    'access.person.lock',
    ({ raw }) => raw`select pg_advisory_xact_lock(hashtextextended('access.person:' || ${personId}, 0))`,
  );
}

/** One account, or none. */
export async function findAccount(session: Session, staffId: string): Promise<StaffAccount | undefined> {
  const [row] = await session.run(
    'access.staff.find',
    ({ raw }) => raw<StaffRow[]>`select * from access.staff where staff_id = ${staffId}`,
  );
  return row && accountOf(row);
}

/** @throws KuramoriError NOT_FOUND */
export async function accountNamed(session: Session, staffId: string): Promise<StaffAccount> {
  const account = await findAccount(session, staffId);
  if (account === undefined)
    throw new KuramoriError('NOT_FOUND', 'There is no such staff account. Check the staff id.');
  return account;
}

/** Accounts with unit and roles on a day, by staff id; one page. */
export async function listStaff(
  session: Session,
  filter: StaffFilter,
  day: IsoDate,
): Promise<readonly StaffView[]> {
  const rows = await session.run(
    'access.staff.list',
    ({ raw }) =>
      raw<(StaffRow & { department: string | null; roles: string[] })[]>`
      select s.*, unit.department,
        array(select distinct g.role from access.grants_in_force(s.staff_id, null, ${day}) g order by 1) as roles
      from access.staff s
      left join lateral (
        select u.department from access.units_in_force(s.staff_id, ${day}) u where u.is_current
      ) unit on true
      where s.staff_id > ${filter.after ?? ''}
        and (${filter.department ?? null}::text is null or unit.department = ${filter.department ?? null})
        and (${filter.state ?? null}::text is null or s.state = ${filter.state ?? null})
      order by s.staff_id limit ${filter.limit}`,
  );
  return rows.map((row) => ({
    ...accountOf(row),
    department: row.department ?? undefined,
    roles: row.roles,
  }));
}

/** Sets the state of an account. The database refuses to revive a revoked one. */
export async function setState(tx: Session, staffId: string, state: StaffState): Promise<void> {
  await tx.run(
    'access.staff.setState',
    ({ raw }) => raw`update access.staff set state = ${state} where staff_id = ${staffId}`,
  );
}

/** The number of the latest suspension of an account, which tells it from those before it. */
export async function latestSuspension(session: Session, staffId: string): Promise<string | undefined> {
  const [row] = await session.run(
    'access.staff.suspension',
    ({ raw }) => raw<{ id: bigint }[]>`
    select id from access.staff_event where staff_id = ${staffId} and kind = 'suspended' order by id desc limit 1`,
  );
  return row && String(row.id);
}

/** Suspends an account unless it is suspended or revoked already. @returns whether it was this that suspended it */
export async function suspendOpenAccount(tx: Session, staffId: string): Promise<boolean> {
  const suspended = await tx.run(
    'access.staff.suspendOpen',
    ({ raw }) => raw`
    update access.staff set state = 'suspended'
    where staff_id = ${staffId} and state in ('pending', 'active') returning 1`,
  );
  return suspended.length > 0;
}

/** Ends every open session of an account at once. */
export async function endSessionsOf(tx: Session, staffId: string, at: string, reason: string): Promise<void> {
  await tx.run(
    'access.session.endAll',
    ({ raw }) => raw`
    update access.session set ended_at = ${at}, ended_reason = ${reason}
    where staff_id = ${staffId} and ended_at is null`,
  );
}

/** Ends every credential and enrolment of an account. */
export async function endCredentialsOf(tx: Session, staffId: string, at: string): Promise<void> {
  await tx.run(
    'access.credential.endAll',
    ({ raw }) => raw`
    update access.credential set state = 'ended', ended_at = ${at}
    where staff_id = ${staffId} and state in ('active', 'enrolling')`,
  );
  await tx.run(
    'access.enrolment.endAll',
    ({ raw }) => raw`
    update access.enrolment set ended_at = ${at} where staff_id = ${staffId} and ended_at is null`,
  );
}

function accountOf(row: StaffRow): StaffAccount {
  return {
    staffId: row.staff_id,
    personId: row.person_id,
    name: row.name,
    kana: row.kana,
    state: row.state,
    employmentFrom: row.employment_from,
    employmentTo: row.employment_to ?? undefined,
  };
}
