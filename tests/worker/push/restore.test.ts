import { expect, test } from 'vitest';
import { openAuditLog } from '../../../src/audit/log.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { newUuidV7 } from '../../../src/kernel/uuid.js';
import { readChanges as readJournal } from '../../../src/vault/push/changes.js';
import { readChanges } from '../../../src/worker/push/changes.js';
import { testDatabase } from '../../support/database.js';
import { standingOf, statesOf } from '../../support/push.js';
import { Records } from '../../support/records.js';
import { done } from '../../vault/operation/support/two.js';
import { pushing } from '../../vault/push/support/pushing.js';

/** A vault whose journal of pushes goes back to an earlier time, and the records that had read on. */
const it = await pushing();
const db = await testDatabase();
const records = new Records(db.owner);
const { owner, vault } = it.vault.databases;
const UNIFIED = '000000000012345';
const ref = await it.register('123456789018', UNIFIED);
const deps = {
  database: db.worker,
  audit: openAuditLog(db.worker),
  vault: { pushChanges: (after: string, limit = 500) => readJournal(vault, after, limit) },
  clock: systemClock,
};

async function readAll(): Promise<void> {
  while ((await readChanges(deps)).more);
}

/** The owner's backup of the pushes, and how it is put back: rows and the sequence as they were. */
async function backup(name = 'b'): Promise<() => Promise<void>> {
  await owner.vault.run('test.backup', ({ raw }) =>
    raw.unsafe(`create table public.${name}_push as table vault.push;
      create table public.${name}_change as table vault.push_change`),
  );
  return async () => {
    await owner.vault.run('test.restore', ({ raw }) =>
      raw.unsafe(`do $$ begin
        alter table vault.push_change disable trigger kept;
        delete from vault.push_change; delete from vault.push;
        insert into vault.push select * from public.${name}_push;
        insert into vault.push_change overriding system value select * from public.${name}_change;
        alter table vault.push_change enable always trigger kept;
        perform setval('vault.push_change_sequence_seq', (select max(sequence) from public.${name}_change));
      end $$`),
    );
  };
}

/** A push of the records that the vault takes at this moment. */
async function pushed(): Promise<string> {
  const pushRequestId = newUuidV7(it.vault.clock.ms());
  await records.push(await records.addressee(), { pushRequestId }, [{ state: 'HANDED_OVER' }]);
  done((await it.acquire(ref, UNIFIED, { pushRequestId })).answer);
  return pushRequestId;
}

test('a worker that had read on in the vault that was lost follows the one that was restored, by itself', async () => {
  it.peer.faults.push('notReached');
  const waits = await pushed();
  await it.runner.settled();
  const restore = await backup();
  it.vault.clock.move(60_000);
  await it.runner.settled();
  const gone = await pushed();
  await it.runner.settled();
  await readAll();
  expect(await standingOf(db, waits)).toMatchObject({ state: 'DONE', attempt: 2 });
  expect(await standingOf(db, gone)).toMatchObject({ state: 'DONE' });

  await restore();
  await readAll();
  expect((await statesOf(db, waits)).at(-1)).toBe('DONE');
  it.vault.clock.move(60_000);
  it.peer.faults.push('outage');
  await it.runner.settled();
  const next = await pushed();
  await it.runner.settled();
  await readAll();
  // The lost vault had it done; the restored one is sending it again, and that is what is so.
  expect(await standingOf(db, waits)).toMatchObject({ state: 'RETRY_WAIT', reason: 'OUTAGE' });
  expect(await standingOf(db, next)).toMatchObject({ state: 'DONE' });
  expect(await standingOf(db, gone)).toMatchObject({ state: 'DONE' });
  const twice = await db.owner.run(
    'test.twice',
    ({ raw }) => raw`
    select push_request_id from records.push_state where vault_sequence is not null
    group by push_request_id, vault_sequence, state, at having count(*) > 1`,
  );
  expect([...twice]).toEqual([]);
});

test('a worker that had followed a backup that was too old follows the right vault again', async () => {
  // What the test before has left waiting would take the faults of this one.
  it.vault.clock.move(60 * 60_000);
  await it.runner.settled();
  it.peer.faults.push('notReached');
  const waits = await pushed();
  await it.runner.settled();
  const tooOld = await backup('old');
  it.vault.clock.move(60_000);
  await it.runner.settled();
  const right = await backup('new');
  await readAll();
  expect(await standingOf(db, waits)).toMatchObject({ state: 'DONE' });

  await tooOld();
  await readAll();
  it.vault.clock.move(60_000);
  it.peer.faults.push('outage');
  await it.runner.settled();
  await readAll();
  expect(await standingOf(db, waits)).toMatchObject({ state: 'RETRY_WAIT', reason: 'OUTAGE' });

  await right();
  await readAll();
  expect(await standingOf(db, waits)).toMatchObject({ state: 'DONE', attempt: 2 });
  const before = await statesOf(db, waits);
  await readAll();
  expect(await statesOf(db, waits)).toEqual(before);
});
