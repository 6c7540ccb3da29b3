import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { BUILT_IN_ROLES, type RoleDefinition } from '../roles.js';
import { assertCompatible, type HeldRole } from './separation.js';

/** From when the built-in roles hold their functions: before any day the system decides about. */
const ROLES_IN_FORCE_FROM: IsoDate = '2000-01-01';

/** A unit of the municipality. */
export interface Department {
  readonly code: string;
  readonly name: string;
  readonly branchCode: string | undefined;
}

/**
 * Installs the built-in roles as dated data. Repeating it changes nothing.
 * @param session of the owner of the schema; the gateway may only read roles
 */
export async function installBuiltInRoles(session: Session): Promise<void> {
  for (const [name, role] of Object.entries<RoleDefinition>(BUILT_IN_ROLES)) {
    await installRole(session, name, role, ROLES_IN_FORCE_FROM);
  }
}

/**
 * Installs one role; functions and purposes it already has stay as they are.
 * @throws KuramoriError CONFLICT when the role alone joins what must be separate
 */
export async function installRole(
  session: Session,
  name: string,
  role: RoleDefinition,
  from: IsoDate,
): Promise<void> {
  assertCompatible([{ name, functions: role.functions }]);
  await session.run(
    'access.role.install',
    ({ raw }) => raw`
    with named as (
      insert into access.role (name, title, scope) values (${name}, ${role.title}, ${role.scope})
      on conflict (name) do nothing
    ), purposes as (
      insert into access.role_purpose (role, purpose, valid_from)
      select ${name}, purpose, ${from}::date from unnest(${[...role.purposes]}::text[]) as given(purpose)
      where not exists (select from access.role_purpose held where held.role = ${name} and held.purpose = given.purpose)
    )
    insert into access.role_function (role, function, valid_from)
    select ${name}, function, ${from}::date from unnest(${[...role.functions]}::text[]) as given(function)
    where not exists (
      select from access.role_function held where held.role = ${name} and held.function = given.function)`,
  );
}

/** Installs units; a unit that is there stays as it is. @param session of the owner of the schema */
export async function installDepartments(
  session: Session,
  departments: readonly Department[],
): Promise<void> {
  for (const { code, name, branchCode } of departments) {
    await session.run(
      'access.department.install',
      ({ raw }) => raw`
      insert into access.department (code, name, branch_code) values (${code}, ${name}, ${branchCode ?? null})
      on conflict (code) do nothing`,
    );
  }
}

/** All units, by code. */
export async function listDepartments(session: Session): Promise<readonly Department[]> {
  const rows = await session.run(
    'access.department.list',
    ({ raw }) =>
      raw<{ code: string; name: string; branch_code: string | null }[]>`
      select code, name, branch_code from access.department order by code`,
  );
  return rows.map((row) => ({ code: row.code, name: row.name, branchCode: row.branch_code ?? undefined }));
}

/** A role as administrators see it. */
export interface RoleView extends HeldRole {
  readonly title: string;
  readonly scope: 'municipality' | 'branch';
  readonly purposes: readonly string[];
}

/** All roles with what they hold on a day, by name. */
export async function listRoles(session: Session, day: IsoDate): Promise<readonly RoleView[]> {
  const rows = await session.run(
    'access.role.list',
    ({ raw }) => raw<RoleView[]>`
    select r.name, r.title, r.scope,
      array(select f.function from access.role_function f where f.role = r.name and f.valid_from <= ${day}
        and (f.valid_to is null or f.valid_to >= ${day}) order by 1) as functions,
      array(select p.purpose from access.role_purpose p where p.role = r.name and p.valid_from <= ${day}
        and (p.valid_to is null or p.valid_to >= ${day}) order by 1) as purposes
    from access.role r order by r.name`,
  );
  return [...rows];
}

/** @throws KuramoriError NOT_FOUND */
export async function assertRoleExists(session: Session, role: string): Promise<void> {
  const found = await session.run(
    'access.role.find',
    ({ raw }) => raw`select from access.role where name = ${role}`,
  );
  if (found.length === 0)
    throw new KuramoriError('NOT_FOUND', 'There is no such role. Choose one from the list of roles.');
}
