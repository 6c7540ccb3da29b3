import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openAuditLog } from '../../../src/audit/log.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { newUuidV7 } from '../../../src/kernel/uuid.js';
import type { PushChange } from '../../../src/protocol/push.js';
import {
  changesSince,
  goesOn,
  placeAt,
  readChanges,
  type ChangesDeps,
} from '../../../src/worker/push/changes.js';
import { testDatabase } from '../../support/database.js';
import { askPush, loggedOf, standingOf, statesOf } from '../../support/push.js';
import { authority } from '../../vault/http/support.js';
import { clientOf, StandInVault } from '../support/vault.js';

const db = await testDatabase();
const certificates = await authority();
const vault = await StandInVault.open(certificates);
const audit = openAuditLog(db.worker);
const readOn = async () => (await readChanges(deps)).found;
const deps: ChangesDeps = {
  database: db.worker,
  audit,
  vault: clientOf(vault.url, certificates),
  clock: systemClock,
};

async function cursor(): Promise<number> {
  const [row] = await db.owner.run(
    'test.cursor',
    ({ raw }) => raw<{ sequence: bigint }[]>`select sequence from records.push_cursor`,
  );
  return Number(row?.sequence);
}

describe('the vault’s journal', () => {
  test('is read on from where it was read, each change once and in the log', async () => {
    const { pushRequestId, requestId } = await askPush(db);
    vault.changed(pushRequestId, 'ACCEPTED', 'ACCEPTED', 0);
    vault.changed(pushRequestId, 'SENDING', 'TRANSMITTING');
    expect(await readOn()).toBe(2);
    expect(await readOn()).toBe(0);
    vault.changed(pushRequestId, 'RETRY_WAIT', 'OUTAGE', 1);
    expect(await readOn()).toBe(1);
    expect(await statesOf(db, pushRequestId)).toEqual(['WAITING', 'ACCEPTED', 'SENDING', 'RETRY_WAIT']);
    expect(await standingOf(db, pushRequestId)).toEqual({
      state: 'RETRY_WAIT',
      reason: 'OUTAGE',
      attempt: 1,
    });
    expect(await loggedOf(db, requestId)).toEqual([
      'push worker PushRequest.state allow ACCEPTED:ACCEPTED',
      'push worker PushRequest.state allow SENDING:TRANSMITTING',
      'push worker PushRequest.state allow RETRY_WAIT:OUTAGE',
    ]);
    expect(await cursor()).toBe(vault.journal.length);
  });

  test('is read by one of several workers at a time', async () => {
    const { pushRequestId } = await askPush(db);
    vault.changed(pushRequestId, 'ACCEPTED', 'ACCEPTED', 0);
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    let come: () => void = () => undefined;
    const reading = new Promise<void>((resolve) => (come = resolve));
    vault.onChanges = () => {
      come();
      return gate;
    };
    const first = readOn();
    // Else the second one might be the one that reads, and would wait here for ever.
    await reading;
    expect(await readOn()).toBe(0);
    open();
    vault.onChanges = () => Promise.resolve();
    expect(await first).toBe(1);
    expect(await statesOf(db, pushRequestId)).toEqual(['WAITING', 'ACCEPTED']);
  });

  test('that tells of a push that is none of ours is read past, and the auditors are told', async () => {
    const { pushRequestId } = await askPush(db);
    vault.changed(newUuidV7(0), 'ACCEPTED', 'ACCEPTED', 0);
    vault.changed(pushRequestId, 'ACCEPTED', 'ACCEPTED', 0);
    expect(await readOn()).toBe(2);
    expect(await cursor()).toBe(vault.journal.length);
    const raised = await db.owner.run(
      'test.raised',
      ({ raw }) => raw`select reason, rows from audit.entry where raised`,
    );
    expect([...raised]).toEqual([{ reason: 'unknownPush', rows: 1n }]);
    expect(await standingOf(db, pushRequestId)).toMatchObject({ state: 'ACCEPTED' });
  });

  test('is left where it is when the log cannot be written', async () => {
    const { pushRequestId } = await askPush(db);
    const closed = openAuditLog(db.worker);
    await closed.close();
    vault.changed(pushRequestId, 'ACCEPTED', 'ACCEPTED', 0);
    const before = await cursor();
    await expect(readChanges({ ...deps, audit: closed })).rejects.toMatchObject({
      code: 'AUDIT_UNAVAILABLE',
    });
    expect(await cursor()).toBe(before);
    expect(await statesOf(db, pushRequestId)).toEqual(['WAITING']);
    expect(await readOn()).toBe(1);
  });

  test.each([
    ['ends before what was read', 0],
    ['has something else there', 2],
    ['has gone on beyond it', 4],
  ])(
    'of a restored vault, which %s, is read from its beginning, and what is known stays',
    async (_what, more) => {
      const [told, lost] = [await askPush(db), await askPush(db)];
      vault.changed(told.pushRequestId, 'ACCEPTED', 'ACCEPTED', 0);
      await readOn();
      const backup = [...vault.journal];
      vault.changed(told.pushRequestId, 'CANCELLED', 'CANCELLED', 0, { cancelReason: '取下げ' });
      vault.changed(lost.pushRequestId, 'ACCEPTED', 'ACCEPTED', 0);
      expect(await readOn()).toBe(2);
      const at = await cursor();
      vault.journal.splice(0, vault.journal.length, ...backup);
      const since = ['SENDING', 'RETRY_WAIT', 'SENDING', 'DONE'] as const;
      for (const [i, state] of since.slice(0, more).entries())
        vault.changed(told.pushRequestId, state, 'OK', i, { at: '2026-11-02T02:00:00.000Z' });
      expect(await readChanges(deps)).toEqual({ found: 0, more: true });
      expect(await cursor()).toBe(0);
      expect((await readChanges(deps)).found).toBeGreaterThanOrEqual(more);
      expect(await readOn()).toBe(0);
      expect(await statesOf(db, told.pushRequestId)).toEqual([
        'WAITING',
        'ACCEPTED',
        'CANCELLED',
        ...since.slice(0, more),
      ]);
      const state = since.slice(0, more).at(-1) ?? 'CANCELLED';
      expect(await standingOf(db, told.pushRequestId)).toMatchObject({ state });
      expect(await standingOf(db, lost.pushRequestId)).toMatchObject({ state: 'ACCEPTED' });
      expect(await cursor()).toBe(vault.journal.length);
      const raised = await db.owner.run(
        'test.raised',
        ({ raw }) => raw`select reason from audit.entry where raised and reason like 'journalRestored:%'
        order by sequence desc limit 1`,
      );
      expect([...raised]).toEqual([{ reason: `journalRestored:${at}` }]);
    },
  );

  test('of a vault that was restored twice has the newest word', async () => {
    const { pushRequestId } = await askPush(db);
    const backup = [...vault.journal];
    for (const [state, at] of [
      ['DONE', '2026-11-02T03:00:00.000Z'],
      ['FAILED', '2026-11-02T04:00:00.000Z'],
      ['SENDING', '2026-11-02T05:00:00.000Z'],
    ] as const) {
      vault.journal.splice(0, vault.journal.length, ...backup);
      vault.changed(pushRequestId, state, 'OK', 1, { at });
      while ((await readChanges(deps)).more);
      expect(await standingOf(db, pushRequestId)).toMatchObject({ state });
    }
  });

  test('follows the cursor in its order, or is refused', () => {
    const change = (sequence: bigint): PushChange => ({
      sequence: String(sequence),
      pushRequestId: '01936f3c-0000-7000-8000-000000000000',
      state: 'ACCEPTED',
      reason: 'ACCEPTED',
      attempt: 0,
      at: '2026-11-02T01:00:00Z',
    });
    const sequences = fc.array(fc.bigInt({ min: 0n, max: 30n }), { maxLength: 5 });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 20n }), fc.boolean(), sequences, (at, overlaps, all) => {
        const page = (overlaps ? [at, ...all] : all).map(change);
        const place = at === 0n ? { sequence: 0n, digest: '' } : placeAt(change(at));
        const told = { changes: page, last: '0' };
        const since = () => changesSince(place, told);
        const news = at === 0n ? page : page.slice(1);
        const begins = at === 0n || page[0]?.sequence === String(at);
        const path = [at, ...news.map(({ sequence }) => BigInt(sequence))];
        const inOrder = path.every((each, i) => i === 0 || each > path[i - 1]!);
        expect(goesOn(place, told)).toBe(begins);
        if (inOrder) expect(since()).toEqual(news);
        else expect(since).toThrow(/journal of pushes came out of order/);
      }),
    );
  });
});
