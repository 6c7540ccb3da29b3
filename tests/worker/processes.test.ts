import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Session } from '../../src/kernel/database/database.js';
import { testDatabase } from '../support/database.js';
import { askPush, standingOf, statesOf, waiting } from '../support/push.js';
import { authority } from '../vault/http/support.js';
import { temporaryHome, type Running } from '../vault/processes/process.js';
import { startWorkerProcess } from './support/house.js';
import { StandInVault } from './support/vault.js';

const WAIT = { timeout: 10_000, interval: 20 };
const db = await testDatabase();
const home = temporaryHome();
const certificates = await authority(home);
const vault = await StandInVault.open(certificates);

beforeEach(() => {
  vault.onOperation = () => Promise.resolve(undefined);
  vault.onChanges = () => Promise.resolve();
});

const startWorker = () => startWorkerProcess(home, db.urls.worker, vault.url);

/** The worker at work; a test that ends it leaves another in its place. */
let worker = await startWorker();

const outputOf = ({ said }: Running) => Buffer.concat([...said.output, ...said.error]).toString();
const readiness = async ({ address }: Running) => {
  const answer = await fetch(new URL('/readyz', address));
  return [answer.status, ((await answer.json()) as { code?: string }).code];
};

/** Holds something of the database from now until it is let go. */
async function held(hold: (tx: Session) => Promise<unknown>): Promise<() => Promise<void>> {
  let letGo: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  let taken: () => void = () => undefined;
  const isTaken = new Promise<void>((resolve) => (taken = resolve));
  const ended = db.owner.transaction('test.hold', async (tx) => {
    await hold(tx);
    taken();
    await gate;
  });
  await isTaken;
  return async () => {
    letGo();
    await ended;
  };
}

/** Whether a worker holds the push at this moment. */
async function isTaken(pushRequestId: string): Promise<boolean> {
  const rows = await db.owner.run(
    'test.taken',
    ({ raw }) => raw`
    select from records.push_outbox where push_request_id = ${pushRequestId}::uuid for update skip locked`,
  );
  return rows.length === 0;
}

async function isDone(pushRequestId: string): Promise<void> {
  await expect.poll(() => standingOf(db, pushRequestId), WAIT).toMatchObject({ state: 'DONE' });
  const states = await statesOf(db, pushRequestId);
  expect(states.filter((state) => state !== 'HANDED_OVER')).toEqual([
    'WAITING',
    'ACCEPTED',
    'SENDING',
    'DONE',
  ]);
  // Another worker may have told what became of it before this one could write that it was handed over.
  expect([-1, 1]).toContain(states.indexOf('HANDED_OVER'));
  expect(await standingOf(db, pushRequestId)).toMatchObject({ state: 'DONE' });
  expect(vault.effects.filter((effect) => effect === pushRequestId)).toHaveLength(1);
}

describe('kill -9 of a worker', () => {
  test('that had taken a push and asked for nothing yet', async () => {
    const letGo = await held((tx) =>
      tx.run('test.head', ({ raw }) => raw`select from audit.head for update`),
    );
    const { pushRequestId } = await askPush(db);
    await expect.poll(() => isTaken(pushRequestId), WAIT).toBe(true);
    await worker.kill();
    await letGo();
    expect(vault.asked).toEqual([]);
    worker = await startWorker();
    await isDone(pushRequestId);
    expect(vault.asked).toHaveLength(1);
  }, 30_000);

  test('that had sent a push and not written down the answer', async () => {
    const before = vault.asked.length;
    let letGo: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    vault.onOperation = async ({ body: { pushRequestId } }) => {
      vault.onOperation = () => Promise.resolve(undefined);
      vault.effects.push(pushRequestId);
      vault.changed(pushRequestId, 'ACCEPTED', 'ACCEPTED', 0);
      await gate;
      return undefined;
    };
    const { pushRequestId } = await askPush(db);
    await expect.poll(() => vault.asked.length, WAIT).toBe(before + 1);
    await worker.kill();
    letGo();
    worker = await startWorker();
    await expect.poll(() => waiting(db), WAIT).toBe(0);
    expect(vault.asked.slice(before).map(({ assertion }) => assertion)).toEqual([
      vault.asked[before]?.assertion,
      vault.asked[before]?.assertion,
    ]);
    expect(vault.effects.filter((effect) => effect === pushRequestId)).toHaveLength(1);
    await expect.poll(() => standingOf(db, pushRequestId), WAIT).toMatchObject({ state: 'ACCEPTED' });
    const states = await statesOf(db, pushRequestId);
    expect(states.filter((state) => state !== 'HANDED_OVER').toSorted()).toEqual(['ACCEPTED', 'WAITING']);
    // The one that was killed may have told of the acceptance before the other could write that it was handed over.
    expect(states.length).toBeLessThanOrEqual(3);
  }, 30_000);

  test('that had read changes and not written them down', async () => {
    const { pushRequestId } = await askPush(db);
    await isDone(pushRequestId);
    const letGo = await held((tx) =>
      tx.run('test.lock', ({ raw }) => raw`lock table records.push_state in share mode`),
    );
    let read = 0;
    vault.onChanges = () => Promise.resolve(void (read += 1));
    vault.changed(pushRequestId, 'PENDING', 'MANUAL_PENDING');
    await expect.poll(() => read, WAIT).toBeGreaterThan(0);
    await expect.poll(() => isWaitingForTable(), WAIT).toBe(true);
    await worker.kill();
    await letGo();
    worker = await startWorker();
    await expect.poll(() => standingOf(db, pushRequestId), WAIT).toMatchObject({ state: 'PENDING' });
    expect((await statesOf(db, pushRequestId)).filter((state) => state === 'PENDING')).toHaveLength(1);
  }, 30_000);
});

describe('a worker', () => {
  test('finishes what is under way when it is told to stop, and leaves the rest', async () => {
    let letGo: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    vault.onOperation = async () => {
      await gate;
      return undefined;
    };
    const before = vault.asked.length;
    const first = await askPush(db);
    await expect.poll(() => vault.asked.length, WAIT).toBe(before + 1);
    worker.signal('SIGTERM');
    await expect.poll(() => readiness(worker), WAIT).toEqual([503, 'STOPPING']);
    const second = await askPush(db);
    letGo();
    await worker.ended;
    expect(worker.code()).toBe(0);
    expect(await statesOf(db, first.pushRequestId)).toContain('HANDED_OVER');
    expect(await statesOf(db, second.pushRequestId)).toEqual(['WAITING']);
    worker = await startWorker();
    await isDone(second.pushRequestId);
  }, 30_000);

  test('beside another does nothing twice', async () => {
    const other = await startWorker();
    const before = vault.asked.length;
    const pushes = await Promise.all(Array.from({ length: 24 }, () => askPush(db)));
    for (const { pushRequestId } of pushes) await isDone(pushRequestId);
    expect(await waiting(db)).toBe(0);
    expect(vault.asked.length - before).toBe(24);
    await other.kill();
  }, 30_000);

  test('looks at its certificate when it is told to, and refuses one that is none', async () => {
    const file = join(home, 'keys', 'tls', 'worker.crt.pem');
    const sound = readFileSync(file);
    writeFileSync(file, 'no certificate');
    worker.signal('SIGHUP');
    const entries = () =>
      db.owner.run(
        'test.entries',
        ({ raw }) => raw`
        select decision, raised from audit.entry where coordinate = 'Worker.vaultCertificate'`,
      );
    await expect
      .poll(async () => [...(await entries())], WAIT)
      .toEqual([{ decision: 'refuse', raised: true }]);
    writeFileSync(file, sound);
    const { pushRequestId } = await askPush(db);
    await isDone(pushRequestId);
  }, 30_000);

  test('is alive and not ready while its vault is away, and says why without a name or an address', async () => {
    await vault.close();
    await expect.poll(() => readiness(worker), WAIT).toEqual([503, 'VAULT_UNAVAILABLE']);
    expect((await fetch(new URL('/healthz', worker.address))).status).toBe(200);
    const { pushRequestId } = await askPush(db);
    await vault.listen();
    await isDone(pushRequestId);
    await expect.poll(() => readiness(worker), WAIT).toEqual([200, undefined]);
    const said = outputOf(worker);
    expect(said).toContain('VAULT_UNAVAILABLE');
    expect(said).not.toContain(pushRequestId);
    expect(said).not.toContain(vault.url);
  }, 30_000);
});

async function isWaitingForTable(): Promise<boolean> {
  const rows = await db.owner.run(
    'test.waiting',
    ({ raw }) => raw`
    select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
      and query like '%insert into records.push_state%'`,
  );
  return rows.length > 0;
}
