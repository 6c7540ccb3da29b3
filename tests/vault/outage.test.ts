import { describe, expect, test, vi } from 'vitest';
import { verifySequence } from '../../src/audit/verify.js';
import { Load, outageHouse, rowsOf, type Ended } from './outage/support.js';

const house = await outageHouse(4);
const { vault, client, deliver, owner, peer, vaultServer, shredServer } = house;
const { pid } = vault.running;
const KINDS = ['register', 'push', 'reveal', 'push'] as const;

const isReady = () =>
  client.assertReady().then(
    () => 'ready',
    ({ code }: { code: string }) => code,
  );
const isDone = ({ code }: Ended) => code === 'done';
const codesOf = (ended: readonly Ended[]) =>
  [...new Set(ended.filter((each) => !isDone(each)).map(({ code }) => code))].toSorted();
const deliverAgain = (each: Ended, time: number) =>
  deliver({ ...each, requestId: `${each.requestId}-${time}` });
const shown = (ended: readonly Ended[]) => ended.filter((each) => each.kind === 'reveal' && isDone(each));

/** What the budgets hold, and what was shown since. */
async function spent(): Promise<number> {
  const [row] = await rowsOf<{ n: number }>(
    owner.vault,
    `select coalesce(sum(subjects), 0)::int as n from vault.budget_use where kind = 'reveal'`,
  );
  return row!.n;
}

/** Entries of an operation: its intent, and what it came to. */
async function entriesOf(): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await rowsOf<{ id: string; reason: string }>(
    owner.vault,
    `select context ->> 'requestId' as id, split_part(reason, ':', 1) as reason from audit.entry order by sequence`,
  );
  const entries = new Map<string, string[]>();
  for (const { id, reason } of rows) entries.set(id, [...(entries.get(id) ?? []), reason]);
  return entries;
}

/** Each answer that left has its two entries, each number its one record and its key; nothing is there double. */
async function expectWhole(ended: readonly Ended[]): Promise<void> {
  expect((await verifySequence(owner.vault)).faults).toEqual([]);
  const entries = await entriesOf();
  const completed = { register: 'done', push: 'accepted', reveal: 'done' };
  for (const { requestId, kind } of ended.filter(isDone))
    expect(entries.get(requestId)).toEqual(['intent', completed[kind]]);
  for (const { open, result } of shown(ended))
    expect(await open!(result['individualNumber'] ?? '')).toBe(house.known.number);
  const refs = ended
    .filter((each) => each.kind === 'register' && isDone(each))
    .map(({ result }) => result['ref']);
  expect(new Set(refs).size).toBe(refs.length);
  const kept = await rowsOf<{ ref: string }>(owner.vault, 'select vault_ref as ref from vault.number_index');
  const keys = await rowsOf<{ ref: string }>(owner.shred, 'select vault_ref as ref from shred.key');
  expect(kept.map(({ ref }) => ref)).toEqual(expect.arrayContaining(refs));
  expect(keys.map(({ ref }) => ref)).toEqual(expect.arrayContaining(kept.map(({ ref }) => ref)));
}

/** What was signed once serves once: what is delivered again is told again, or refused, and done at most once. */
async function expectSingleUse(ended: readonly Ended[]): Promise<readonly Ended[]> {
  const again = await Promise.all(ended.map((each) => deliverAgain(each, 2)));
  ended.forEach((each, at) => {
    if (!isDone(each)) expect(['done', 'REPLAY_DETECTED']).toContain(again[at]?.code);
    else if (each.kind === 'reveal') expect(again[at]?.code).toBe('REPLAY_DETECTED');
    else expect(again[at]?.result).toMatchObject({ ...each.result });
  });
  const third = await Promise.all(shown([...ended, ...again]).map((each) => deliverAgain(each, 3)));
  expect(third.filter(isDone)).toEqual([]);
  return again;
}

/** Every push that was taken has its effect once. One that met the failure rests for PUSH_FAULT_PAUSE_MS. */
async function expectPushedOnce(): Promise<void> {
  const taken = () =>
    rowsOf<{ id: string; state: string }>(owner.vault, 'select message_id as id, state from vault.push');
  await vi.waitUntil(async () => (await taken()).every(({ state }) => state === 'DONE'), {
    timeout: 20_000,
    interval: 50,
  });
  for (const { id } of await taken()) expect(peer.effects.get(id)).toBe(1);
}

describe('a database server of the vault that is killed under load', () => {
  test.each([
    ['with its log', vaultServer, ['AUDIT_UNAVAILABLE', 'VAULT_UNAVAILABLE']],
    ['with the shred keys', shredServer, ['VAULT_UNAVAILABLE']],
  ])(
    '%s: clear refusals, nothing lost or doubled, and service comes back by itself',
    async (_which, server, codes) => {
      const before = await spent();
      const load = new Load(house, KINDS);
      await load.hasSeen(8, 'done');
      await server.kill();
      await load.hasSeen(16, 'refused');
      expect(await isReady()).toBe('VAULT_UNAVAILABLE');
      await server.restart();
      await load.hasSeen(8, 'done');
      await vi.waitUntil(async () => (await isReady()) === 'ready', { timeout: 5_000, interval: 20 });
      const ended = await load.stop();
      for (const code of codesOf(ended)) expect(codes).toContain(code);
      await expectWhole(ended);
      const again = await expectSingleUse(ended);
      const told = shown([...ended, ...again]).length;
      // A server that is gone takes back nothing; what was in its hands then stays counted, of each person one at most.
      expect((await spent()) - before).toBeGreaterThanOrEqual(told);
      expect((await spent()) - before).toBeLessThanOrEqual(
        told + (server === vaultServer ? house.staff.length : 0),
      );
    },
  );
});

test('both of them that hang: an answer within the deadline, and what was under way ends once they go on', async () => {
  const load = new Load(house, KINDS);
  await load.hasSeen(4, 'done');
  for (const server of [vaultServer, shredServer]) server.freeze();
  await load.hasSeen(house.staff.length, 'refused');
  for (const server of [vaultServer, shredServer]) server.thaw();
  await load.hasSeen(8, 'done');
  const ended = await load.stop();
  // Which of the two deadlines passes first, the log's or the call's, is for the machine to say.
  for (const code of codesOf(ended)) expect(['AUDIT_UNAVAILABLE', 'VAULT_UNAVAILABLE']).toContain(code);
  await expectWhole(ended);
  await expectSingleUse(ended);
});

test('the vault that did all this was never started anew, and each push it took had its effect once', async () => {
  expect(await isReady()).toBe('ready');
  expect(() => process.kill(pid, 0)).not.toThrow();
  await expectPushedOnce();
}, 40_000);
