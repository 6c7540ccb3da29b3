import { describe, expect, test } from 'vitest';
import { revokeStaff } from '../../src/access/register/staff.js';
import type { Database } from '../../src/kernel/database/database.js';
import { testDatabase } from '../support/database.js';
import { StandingClock } from './support/clock.js';
import { house, origin, PASSWORD } from './support/house.js';

const db = await testDatabase();
const clock = new StandingClock('2026-11-02T00:00:00Z');
const home = await house(db, clock);
await home.staff('S001', ['collectionClerk']);
await home.identity.signIn({ staffId: 'S001', password: PASSWORD, totp: home.code() }, origin());

const PERMISSION_DENIED = '42501';
const RESTRICT_VIOLATION = '23001';

/** What the gateway may change of a row; a table that is missing here may not be changed at all. */
const UPDATABLE: Readonly<Record<string, readonly string[]>> = {
  staff: ['employment_to', 'state'],
  service_account: ['state'],
  service_key: ['ended_at'],
  credential: ['ended_at', 'last_step', 'state'],
  enrolment: ['ended_at'],
  session: ['ended_at', 'ended_reason', 'last_seen_at'],
  refresh_token: ['used_at'],
  oidc_request: ['pending_sha256', 'second_factor_done', 'staff_id', 'used_at'],
};
const READ_ONLY = ['department', 'role', 'role_function', 'role_purpose'];
/** Journals, each with a column somebody could want to change. */
const JOURNALS = [
  ['posting', 'department'],
  ['role_grant', 'role'],
  ['role_grant_revocation', 'reason'],
  ['sign_in_event', 'kind'],
  ['staff_event', 'reason'],
  ['step_up', 'purpose'],
] as const;

async function privileges(role: string): Promise<{ name: string; privilege: string; columns: string[] }[]> {
  return db.owner.run('test', async ({ raw }) => [
    ...(await raw<{ name: string; privilege: string; columns: string[] }[]>`
    select c.relname as name, p.privilege, array(
      select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        and p.privilege in ('INSERT', 'UPDATE', 'SELECT')
        and has_column_privilege(${role}, c.oid, a.attname, p.privilege) order by 1
    ) as columns
    from pg_class c,
      unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p(privilege)
    where c.relnamespace = 'access'::regnamespace and c.relkind = 'r'
      and (has_table_privilege(${role}, c.oid, p.privilege)
        or (p.privilege in ('INSERT', 'UPDATE', 'SELECT') and has_any_column_privilege(${role}, c.oid, p.privilege)))
    order by 1, 2`),
  ]);
}

async function stateOf(database: Database, statement: string): Promise<string> {
  return database
    .run('test', ({ raw }) => raw.unsafe(statement))
    .then(
      () => 'done',
      (error: unknown) => String((error as { facts: { sqlstate?: string } }).facts.sqlstate),
    );
}

const tables = await db.owner.run('test', async ({ raw }) =>
  (
    await raw<
      { name: string }[]
    >`select relname as name from pg_class where relnamespace = 'access'::regnamespace and relkind = 'r' order by 1`
  ).map(({ name }) => name),
);

describe("the gateway's privileges on the register", () => {
  test('are exactly the columns its use cases need', async () => {
    const held = await privileges('kuramori_gateway');
    const of = (privilege: string) => held.filter((one) => one.privilege === privilege);
    expect(Object.fromEntries(of('UPDATE').map(({ name, columns }) => [name, columns]))).toEqual(UPDATABLE);
    expect(of('SELECT').map(({ name }) => name)).toEqual(tables);
    expect(of('INSERT').map(({ name }) => name)).toEqual(tables.filter((name) => !READ_ONLY.includes(name)));
    expect(held.filter(({ privilege }) => !['SELECT', 'INSERT', 'UPDATE'].includes(privilege))).toEqual([]);
  });

  test.each(tables)('refuse to delete from or empty %s', async (name) => {
    expect(await stateOf(db.gateway, `delete from access.${name}`)).toBe(PERMISSION_DENIED);
    expect(await stateOf(db.gateway, `truncate access.${name} cascade`)).toBe(PERMISSION_DENIED);
  });

  test.each(JOURNALS)(
    'refuse to change %s, and so does the table itself for its owner',
    async (name, column) => {
      const update = `update access.${name} set ${column} = ${column} where false`;
      expect(await stateOf(db.gateway, update)).toBe(PERMISSION_DENIED);
      for (const statement of [
        update,
        `delete from access.${name} where false`,
        `truncate access.${name} cascade`,
      ]) {
        expect(await stateOf(db.owner, statement)).toBe(RESTRICT_VIOLATION);
      }
    },
  );

  test.each(READ_ONLY)('give no word in %s', async (name) => {
    expect(await stateOf(db.gateway, `insert into access.${name} select * from access.${name}`)).toBe(
      PERMISSION_DENIED,
    );
    expect(await stateOf(db.gateway, `update access.${name} set name = name`)).toMatch(/42501|42703/);
  });

  test('the loads have none at all', async () => {
    expect(await privileges('kuramori_loader')).toEqual([]);
    expect(await stateOf(db.loader, 'select from access.staff')).toBe(PERMISSION_DENIED);
  });
});

describe('what has ended', () => {
  test.each([
    [
      'a session',
      `update access.session set ended_at = now(), ended_reason = 'x'`,
      'update access.session set ended_at = null, ended_reason = null',
    ],
    [
      'a token',
      'update access.refresh_token set used_at = now()',
      'update access.refresh_token set used_at = null',
    ],
    [
      'a credential',
      `update access.credential set state = 'ended', ended_at = now()`,
      `update access.credential set state = 'active'`,
    ],
    [
      'an enrolment',
      'update access.enrolment set ended_at = now()',
      'update access.enrolment set ended_at = null',
    ],
  ])('stays ended: %s', async (_, end, revive) => {
    expect(await stateOf(db.gateway, end)).toBe('done');
    expect(await stateOf(db.gateway, revive)).toBe(RESTRICT_VIOLATION);
  });

  test('an account stays revoked', async () => {
    await db.gateway.transaction('test', (tx) => revokeStaff(tx, home.change(), 'S001'));
    expect(await stateOf(db.gateway, `update access.staff set state = 'active'`)).toBe(RESTRICT_VIOLATION);
  });
});

test('housekeeping removes assertions and outside sign-ins a day after their end, nothing younger', async () => {
  await db.gateway.run(
    'test',
    ({ raw }) => raw`
    insert into access.client_assertion (client_id, jti, expires_at)
    select 'job', n::text, statement_timestamp() - n * interval '1 hour' from generate_series(1, 48) n`,
  );
  const purge = (moment: string) =>
    db.gateway.run(
      'test',
      async ({ raw }) =>
        (await raw<{ purged: bigint }[]>`select access.purge_expired(${moment}) as purged`)[0]?.purged,
    );
  expect(await purge('2999-01-01T00:00:00Z')).toBe(24n + 1n);
  expect(await purge('2999-01-01T00:00:00Z')).toBe(0n);
});
