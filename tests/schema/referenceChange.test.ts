import { beforeEach, describe, expect, test } from 'vitest';
import type { Database, Session } from '../../src/kernel/database/database.js';
import { newVaultRef } from '../../src/vault/number/vaultRef.js';
import { testDatabase } from '../support/database.js';
import { Records } from '../support/records.js';

const db = await testDatabase();
const records = new Records(db.owner);
const PERMISSION_DENIED = { facts: { sqlstate: '42501' } };

let no: string;
beforeEach(async () => {
  no = await records.addressee();
});

interface Line {
  readonly old: string | null;
  readonly next: string | null;
  readonly by: string;
  readonly action: string | null;
}

const linesOf = async (addresseeNo: string) => [
  ...(await db.owner.run(
    'test.lines',
    ({ raw }) => raw<Line[]>`
    select old_ref as old, new_ref as next, database_user as by, action
    from records.reference_change r left join records.change c on c.id = r.change_id
    where r.addressee_no = ${addresseeNo} and recorded_at between now() - interval '1 minute' and clock_timestamp()
    order by r.id`,
  )),
];
const refer = (on: Pick<Session, 'run'>, ref: string | null, addresseeNo = no) =>
  on.run(
    'test.refer',
    ({ raw }) => raw`update records.addressee set vault_ref = ${ref} where addressee_no = ${addresseeNo}`,
  );
const record = (on: Pick<Session, 'run'>, action: string) =>
  on.run(
    'test.change',
    ({ raw }) => raw`
    insert into records.change (actor_id, purpose, request_id, action)
    values ('C1101', 'COLLECTION', gen_random_uuid(), ${action})`,
  );
const statement = (database: Database, text: string) =>
  database.run('test.statement', ({ raw }) => raw.unsafe(text));

describe('whoever changes the reference of an addressee leaves a line', () => {
  test('as the gateway, with the change of the same transaction', async () => {
    const ref = newVaultRef();
    await db.gateway.transaction('test.change', async (tx) => {
      await record(tx, 'registered');
      await refer(tx, ref);
    });
    // The change may come after it, and what is taken back in the same transaction stands there as well.
    await db.gateway.transaction('test.change', async (tx) => {
      await refer(tx, null);
      await refer(tx, ref);
      await record(tx, 'later');
    });
    expect(await linesOf(no)).toEqual([
      { old: null, next: ref, by: 'test_gateway', action: 'registered' },
      { old: ref, next: null, by: 'test_gateway', action: 'later' },
      { old: null, next: ref, by: 'test_gateway', action: 'later' },
    ]);
  });

  test('past the application, without one: neither a change before nor one elsewhere explains it', async () => {
    const [first, second] = [newVaultRef(), newVaultRef()];
    await refer(db.loader, first);
    // One connection: a change that it has committed is the latest that its session knows of.
    const one = await db.gateway.transaction('test.held', async (tx) => {
      await record(tx, 'before');
      return tx.run('test.pid', ({ raw }) => raw<{ pid: number }[]>`select pg_backend_pid() as pid`);
    });
    const pids = new Set<number>();
    for (const ref of [second, null]) {
      await db.gateway.transaction('test.alone', async (tx) => {
        const [row] = await tx.run(
          'test.pid',
          ({ raw }) => raw<{ pid: number }[]>`select pg_backend_pid() as pid`,
        );
        pids.add(row!.pid);
        await refer(tx, ref);
      });
    }
    expect(pids).toContain(one[0]!.pid);
    expect(await linesOf(no)).toEqual([
      { old: null, next: first, by: 'test_loader', action: null },
      { old: first, next: second, by: 'test_gateway', action: null },
      { old: second, next: null, by: 'test_gateway', action: null },
    ]);
  });

  test('as who he is, whatever role he takes', async () => {
    const ref = newVaultRef();
    await db.gateway.transaction('test.role', async (tx) => {
      await tx.run('test.role', ({ raw }) => raw`set local role kuramori_gateway`);
      await refer(tx, ref);
    });
    expect(await linesOf(no)).toMatchObject([{ next: ref, by: 'test_gateway' }]);
  });

  test('also by an upsert, by a new row, a new number of the row, and by taking the row away', async () => {
    const [ref, later] = [newVaultRef(), newVaultRef()];
    const [copy, renamed] = [`${no.slice(0, -2)}x1`, `${no.slice(0, -2)}x2`];
    const insert = `insert into records.addressee (addressee_no, kind, branch_code, name, kana, residence, address,
        name_folded, kana_folded, address_folded, vault_ref)
      select '${copy}', kind, branch_code, name, kana, residence, address, name_folded, kana_folded, address_folded,
        '${ref}' from records.addressee where addressee_no = '${no}'`;
    await statement(db.owner, insert);
    const upsert = `${insert} on conflict (addressee_no) do update set vault_ref = '${later}'`;
    await statement(db.owner, upsert);
    await statement(
      db.owner,
      `update records.addressee set addressee_no = '${renamed}' where addressee_no = '${copy}'`,
    );
    await statement(db.owner, `delete from records.addressee where addressee_no = '${renamed}'`);
    expect((await linesOf(copy)).map(({ old, next }) => [old, next])).toEqual([
      [null, ref],
      [ref, later],
      [later, null],
    ]);
    expect((await linesOf(renamed)).map(({ old, next }) => [old, next])).toEqual([
      [null, later],
      [later, null],
    ]);
  });

  test('and also where triggers are switched off for the session', async () => {
    const ref = newVaultRef();
    await db.owner.transaction('test.replica', async (tx) => {
      await tx.run('test.replica', ({ raw }) => raw`set local session_replication_role = replica`);
      await refer(tx, ref);
    });
    expect(await linesOf(no)).toMatchObject([{ old: null, next: ref }]);
  });

  test('but not where nothing of it changes', async () => {
    const ref = newVaultRef();
    await refer(db.gateway, ref);
    await refer(db.gateway, ref);
    await statement(
      db.owner,
      `update records.addressee set name = '蔵守　花子' where addressee_no = '${no}'`,
    );
    expect(await linesOf(no)).toHaveLength(1);
  });
});

describe('an attacker who has the SQL user of the gateway, the loads or the worker', () => {
  const USERS = [
    ['gateway', db.gateway],
    ['loads', db.loader],
    ['worker', db.worker],
  ] as const;

  test.each(USERS)('%s: writes, changes, takes away and numbers no line', async (_, database) => {
    await refer(db.gateway, newVaultRef());
    const columns = '(addressee_no, new_ref, recorded_at, database_user)';
    for (const text of [
      `insert into records.reference_change ${columns} values ('${no}', 'vr_', now(), 'owner')`,
      `update records.reference_change set database_user = 'owner' where addressee_no = '${no}'`,
      `delete from records.reference_change where addressee_no = '${no}'`,
      `select setval('records.reference_change_id_seq', 1)`,
      `alter table records.addressee disable trigger reference_moved`,
      `drop trigger reference_moved on records.addressee`,
      `set session_replication_role = replica`,
    ])
      await expect(statement(database, text), text).rejects.toMatchObject(PERMISSION_DENIED);
  });

  test.each(USERS)('%s: has no table of his own write lines', async (_, database) => {
    const trigger = database.transaction('test.own', async (tx) => {
      const run = (text: string) => tx.run('test.own', ({ raw }) => raw.unsafe(text));
      await run('create temporary table own (addressee_no text, vault_ref text)');
      await run(
        `create trigger lie after insert on own for each row execute function records.note_reference()`,
      );
    });
    await expect(trigger).rejects.toMatchObject(PERMISSION_DENIED);
  });

  test('takes a reference and gives it to another, and both stand written down', async () => {
    const [ref, other] = [newVaultRef(), await records.addressee()];
    await refer(db.gateway, ref);
    await refer(db.gateway, null);
    await refer(db.gateway, ref, other);
    expect(await linesOf(no)).toMatchObject([{ next: ref }, { old: ref, next: null, action: null }]);
    expect(await linesOf(other)).toMatchObject([{ old: null, next: ref, by: 'test_gateway', action: null }]);
  });
});
