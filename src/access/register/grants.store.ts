import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import type { HeldRole } from './separation.js';

/** A grant as administrators see it. */
export interface GrantView {
  readonly id: bigint;
  readonly staffId: string;
  readonly role: string;
  readonly department: string;
  readonly validFrom: IsoDate;
  readonly validTo: IsoDate | undefined;
  /** First day on which it is revoked. */
  readonly revokedOn: IsoDate | undefined;
  readonly grantedBy: string;
}

interface GrantRow {
  readonly id: bigint;
  readonly staff_id: string;
  readonly role: string;
  readonly department: string;
  readonly valid_from: string;
  readonly valid_to: string | null;
  readonly revoked_on: string | null;
  readonly granted_by: string;
}

/** All grants an account ever had, newest first. */
export async function listGrants(session: Session, staffId: string): Promise<readonly GrantView[]> {
  const rows = await session.run(
    'access.grant.list',
    ({ raw }) => raw<GrantRow[]>`
    select g.id, g.staff_id, g.role, g.department, g.valid_from, g.valid_to, c.actor_id as granted_by,
      (select min(r.effective_on) from access.role_grant_revocation r where r.grant_id = g.id) as revoked_on
    from access.role_grant g join records.change c on c.id = g.change_id
    where g.staff_id = ${staffId} order by g.id desc`,
  );
  return rows.map(grantOf);
}

/** One grant of a staff member, or none. */
export async function findGrant(session: Session, grantId: bigint): Promise<GrantView | undefined> {
  const [row] = await session.run(
    'access.grant.find',
    ({ raw }) => raw<GrantRow[]>`
    select g.id, g.staff_id, g.role, g.department, g.valid_from, g.valid_to, c.actor_id as granted_by,
      (select min(r.effective_on) from access.role_grant_revocation r where r.grant_id = g.id) as revoked_on
    from access.role_grant g join records.change c on c.id = g.change_id
    where g.id = ${String(grantId)} and g.staff_id is not null`,
  );
  return row && grantOf(row);
}

/** Roles a natural person holds at any time of a period, over all accounts, with every function they ever hold. */
export async function rolesOfPerson(
  session: Session,
  personId: string,
  from: IsoDate,
  to: IsoDate | undefined,
): Promise<readonly HeldRole[]> {
  const rows = await session.run(
    'access.grant.ofPerson',
    ({ raw }) => raw<HeldRole[]>`
    select g.role as name,
      array(select distinct f.function from access.role_function f where f.role = g.role) as functions
    from access.role_grant g join access.staff s on s.staff_id = g.staff_id
    left join lateral (
      select min(r.effective_on) as on_day from access.role_grant_revocation r where r.grant_id = g.id
    ) ended on true
    where s.person_id = ${personId}
      and g.valid_from <= coalesce(${to ?? null}::date, 'infinity')
      and coalesce(g.valid_to, 'infinity') >= ${from}
      and coalesce(ended.on_day, 'infinity') > greatest(${from}::date, g.valid_from)`,
  );
  return [...rows];
}

/** Functions a role ever holds. */
export async function functionsOfRole(session: Session, role: string): Promise<HeldRole> {
  const rows = await session.run(
    'access.role.functions',
    ({ raw }) => raw<{ function: HeldRole['functions'][number] }[]>`
    select distinct function from access.role_function where role = ${role}`,
  );
  return { name: role, functions: rows.map((row) => row.function) };
}

/**
 * Ends grants of an account from a day on; those that end earlier anyway are left alone.
 * @param except grants for this unit stay
 */
export async function revokeGrantsOf(
  tx: Session,
  staffId: string,
  effectiveOn: IsoDate,
  reason: string,
  changeId: bigint,
  except: string | null = null,
): Promise<void> {
  await tx.run(
    'access.grant.revokeAll',
    ({ raw }) => raw`
    insert into access.role_grant_revocation (grant_id, effective_on, reason, change_id)
    select g.id, ${effectiveOn}::date, ${reason}, ${String(changeId)}::int8 from access.role_grant g
    where g.staff_id = ${staffId}
      and (${except}::text is null or g.department <> ${except}::text)
      and coalesce(g.valid_to, 'infinity') >= ${effectiveOn}::date
      and not exists (
        select from access.role_grant_revocation r where r.grant_id = g.id and r.effective_on <= ${effectiveOn})
    order by g.id`,
  );
}

function grantOf(row: GrantRow): GrantView {
  return {
    id: row.id,
    staffId: row.staff_id,
    role: row.role,
    department: row.department,
    validFrom: row.valid_from,
    validTo: row.valid_to ?? undefined,
    revokedOn: row.revoked_on ?? undefined,
    grantedBy: row.granted_by,
  };
}
