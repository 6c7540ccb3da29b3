import { describe, expect, test } from 'vitest';
import { insertChanges } from '../../../src/worker/push/changes.store.js';
import { settleWaiting } from '../../../src/worker/push/outbox.store.js';
import { openDatabase } from '../../../src/kernel/database/database.js';
import type { Session } from '../../../src/kernel/database/database.js';
import type { PushChange } from '../../../src/protocol/push.js';
import { testDatabase } from '../../support/database.js';
import { askPush, standingOf, statesOf } from '../../support/push.js';

const db = await testDatabase();
const AT = '2026-11-02T01:00:00.000Z';
let sequence = 0;

/** What the vault tells of pushes, in its order. */
function told(pushRequestIds: readonly string[], states: readonly PushChange['state'][]): PushChange[] {
  return states.flatMap((state) =>
    pushRequestIds.map((pushRequestId) => {
      sequence += 1;
      return { pushRequestId, state, at: AT, sequence: String(sequence), attempt: 1, reason: 'OK' };
    }),
  );
}

const tells = (tx: Session, changes: readonly PushChange[]) =>
  insertChanges(tx, changes, { sequence: BigInt(sequence), digest: '', generation: 0 });
const handsOver = (tx: Session, pushRequestId: string) =>
  settleWaiting(tx, { pushRequestId }, { state: 'HANDED_OVER', reason: null, at: AT });

/** A transaction that has written and commits when it is told. */
async function held(write: (tx: Session) => Promise<void>) {
  let commit: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (commit = resolve));
  let wrote: () => void = () => undefined;
  const written = new Promise<void>((resolve) => (wrote = resolve));
  const ended = db.worker.transaction('test.held', async (tx) => {
    await write(tx);
    wrote();
    await asked;
  });
  await written;
  return async () => {
    commit();
    await ended;
  };
}

/** Starts a transaction that must wait for another one's, and lets that one commit once it does. */
async function behind(commit: () => Promise<void>, write: (tx: Session) => Promise<void>): Promise<void> {
  const second = db.worker.transaction('test.behind', write);
  await expect
    .poll(async () => {
      const [row] = await db.owner.run(
        'test.waits',
        ({ raw }) => raw<{ n: bigint }[]>`
        select count(*)::bigint as n from pg_catalog.pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return row?.n;
    })
    .toBe(1n);
  await commit();
  await second;
}

describe('two workers that write of one push at once', () => {
  test('note nothing of its hand-over once the vault’s word is being written', async () => {
    const { pushRequestId } = await askPush(db);
    const changes = told([pushRequestId], ['ACCEPTED', 'SENDING', 'DONE']);
    const commit = await held((tx) => tells(tx, changes));
    await behind(commit, (tx) => handsOver(tx, pushRequestId));
    expect(await statesOf(db, pushRequestId)).toEqual(['WAITING', 'ACCEPTED', 'SENDING', 'DONE']);
    expect(await standingOf(db, pushRequestId)).toMatchObject({ state: 'DONE' });
  });

  test('put the vault’s word behind a hand-over that is being written', async () => {
    const { pushRequestId } = await askPush(db);
    const changes = told([pushRequestId], ['ACCEPTED', 'SENDING', 'DONE']);
    const commit = await held((tx) => handsOver(tx, pushRequestId));
    await behind(commit, (tx) => tells(tx, changes));
    expect(await statesOf(db, pushRequestId)).toEqual([
      'WAITING',
      'HANDED_OVER',
      'ACCEPTED',
      'SENDING',
      'DONE',
    ]);
    expect(await standingOf(db, pushRequestId)).toMatchObject({ state: 'DONE' });
  });

  test('still note every other end of what was signed, whatever the vault has told', async () => {
    const { pushRequestId } = await askPush(db);
    await db.worker.transaction('test.told', (tx) => tells(tx, told([pushRequestId], ['ACCEPTED'])));
    await db.worker.transaction('test.late', (tx) =>
      settleWaiting(tx, { pushRequestId }, { state: 'NOT_ACCEPTED', reason: 'REPLAY_DETECTED', at: AT }),
    );
    expect(await statesOf(db, pushRequestId)).toEqual(['WAITING', 'ACCEPTED', 'NOT_ACCEPTED']);
    expect(await standingOf(db, pushRequestId)).toMatchObject({ state: 'ACCEPTED' });
  });
});

test('two processes that race over many pushes leave no journal in another order', async () => {
  const other = openDatabase({ url: db.urls.worker, application: 'tests-worker', connections: 2 });
  try {
    const pushes = await Promise.all(Array.from({ length: 20 }, () => askPush(db)));
    const ids = pushes.map(({ pushRequestId }) => pushRequestId);
    const handing = (async () => {
      for (const pushRequestId of ids)
        await db.worker.transaction('test.handOver', (tx) => handsOver(tx, pushRequestId));
    })();
    const telling = (async () => {
      for (const at of [3, 1, 4, 0, 2]) {
        const some = ids.slice(at * 4, at * 4 + 4).toReversed();
        await other.transaction('test.tell', (tx) => tells(tx, told(some, ['ACCEPTED', 'SENDING', 'DONE'])));
      }
    })();
    await Promise.all([handing, telling]);
    for (const { pushRequestId } of pushes) {
      const states = await statesOf(db, pushRequestId);
      expect(states.filter((state) => state !== 'HANDED_OVER')).toEqual([
        'WAITING',
        'ACCEPTED',
        'SENDING',
        'DONE',
      ]);
      expect([-1, 1]).toContain(states.indexOf('HANDED_OVER'));
    }
  } finally {
    await other.close();
  }
});
