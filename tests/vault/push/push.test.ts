import { describe, expect, test } from 'vitest';
import { cancelPushRequest } from '../../../src/client/index.js';
import { fileKeyService } from '../../../src/vault/seal/file.js';
import { readChanges } from '../../../src/vault/push/changes.js';
import { codeOf, done } from '../operation/support/two.js';
import { pushing } from './support/pushing.js';

const it = await pushing();
const { vault, peer, runner } = it;
const MINUTE = 60_000;
const UNIFIED = '000000000012345';
const ref = await it.register('123456789018', UNIFIED);
const other = await it.register('135792468015', '000000000099999');

/** Lets the vault carry out what is due after a time. */
async function after(minutes: number): Promise<void> {
  vault.clock.move(minutes * MINUTE);
  await runner.settled();
}
const pushed = async () => {
  const { pushRequestId, answer } = await it.acquire(ref, UNIFIED);
  expect(done(answer)).toEqual({ pushRequestId, state: 'ACCEPTED' });
  await runner.settled();
  return pushRequestId;
};
const effectsOf = () => [...peer.effects.values()];

const codes = async (id: string) => (await it.history(id)).join(', ');

describe('a push', () => {
  test('is accepted, sent, answered: each step in the journal', async () => {
    const id = await pushed();
    expect(await it.history(id)).toEqual(['ACCEPTED ACCEPTED', 'SENDING TRANSMITTING', 'DONE OK']);
    expect(effectsOf()).toEqual([1]);
    const last = (await it.changes(id)).at(-1);
    expect(last?.attempt).toBe(1);
    expect(last?.receiptDigest).toMatch(/^sha256:/);
    expect(last?.nextAttemptAt).toBeUndefined();
  });

  test('is sent once, however often it is signed for under its name', async () => {
    const id = await pushed();
    const before = effectsOf().length;
    const { answer } = await it.acquire(ref, UNIFIED, { pushRequestId: id });
    expect(done(answer)).toEqual({ pushRequestId: id, state: 'DONE', replayed: true });
    await after(60);
    expect(effectsOf()).toHaveLength(before);
  });

  test('is refused under the name of another', async () => {
    const id = await pushed();
    const deadline = '2026-11-22T12:00:00Z';
    const { answer } = await it.acquire(ref, UNIFIED, { pushRequestId: id, deadline });
    expect(codeOf(answer)).toBe('CONFLICT pushRequestId');
  });

  test('is refused for a unified addressee number that is not linked with the reference', async () => {
    expect(codeOf((await it.acquire(ref, '000000000099999')).answer)).toBe('CONFLICT linkage');
    expect(codeOf((await it.acquire(other, UNIFIED)).answer)).toBe('CONFLICT linkage');
    const unlinked = await it.register('202020202000');
    expect(codeOf((await it.acquire(unlinked, UNIFIED)).answer)).toBe('CONFLICT linkage');
  });

  test.each(['2026-11-22T00:00:00Z', '2027-11-22T00:00:00Z'])(
    'is refused for the deadline %s',
    async (deadline) => {
      expect(codeOf((await it.acquire(ref, UNIFIED, { deadline })).answer)).toBe('BAD_INPUT');
    },
  );
});

describe('a message that does not arrive', () => {
  test('is sent again after 1, 2, 4, 8, 15 minutes, and given up after the eighth time', async () => {
    peer.faults.push(...Array.from({ length: 20 }, () => 'notReached' as const));
    const id = await pushed();
    for (const minutes of [1, 2, 4, 8, 15, 15, 15]) {
      await after(minutes - 0.1);
      const before = (await it.history(id)).length;
      await after(0.1);
      expect(await it.history(id)).toHaveLength(before + 2);
    }
    peer.faults.length = 0;
    expect((await it.history(id)).at(-1)).toBe('RETRY_WAIT NOT_REACHED');
    expect((await it.changes(id)).at(-1)?.attempt).toBe(8);
    await after(15);
    expect((await it.history(id)).at(-1)).toBe('FAILED ATTEMPTS_SPENT');
    await after(60);
    expect((await it.history(id)).at(-1)).toBe('FAILED ATTEMPTS_SPENT');
  });

  test('has its effect once when the server was out of service', async () => {
    peer.faults.push('outage', 'outage');
    const id = await pushed();
    expect((await it.history(id)).at(-1)).toBe('RETRY_WAIT OUTAGE');
    await after(1);
    await after(2);
    expect(await codes(id)).toBe(
      'ACCEPTED ACCEPTED, SENDING TRANSMITTING, RETRY_WAIT OUTAGE, SENDING TRANSMITTING, ' +
        'RETRY_WAIT OUTAGE, SENDING TRANSMITTING, DONE OK',
    );
    expect(new Set(effectsOf())).toEqual(new Set([1]));
  });

  test('is not sent after its deadline', async () => {
    peer.faults.push('notReached');
    const deadline = new Date(vault.clock.ms() + 30_000).toISOString();
    const { pushRequestId: id } = await it.acquire(ref, UNIFIED, { deadline });
    await runner.settled();
    const sent = peer.received.length;
    await after(0.5);
    expect((await it.history(id)).at(-1)).toBe('EXPIRED DEADLINE_PASSED');
    expect(peer.received).toHaveLength(sent);
  });
});

describe('a message whose answer is lost', () => {
  test('is asked about, and not sent again when it had its effect', async () => {
    peer.faults.push('lostAfter');
    const id = await pushed();
    const received = peer.received.length;
    await after(1);
    expect((await it.history(id)).slice(-2)).toEqual(['INDETERMINATE NO_ANSWER', 'DONE OK']);
    expect(peer.received).toHaveLength(received);
  });

  test('is sent again as the identical envelope when the other side does not know it', async () => {
    peer.faults.push('lostBefore');
    const id = await pushed();
    const [asked, received] = [peer.asked, peer.received.length];
    await after(1);
    expect(peer.asked).toBe(asked + 1);
    expect((await it.history(id)).slice(-2)).toEqual(['SENDING TRANSMITTING', 'DONE OK']);
    const again = peer.received.slice(received);
    expect(again).toHaveLength(1);
    // The envelope of before: its time is not that of now.
    expect(Date.parse(again[0]!.sentAt)).toBe(vault.clock.ms() - MINUTE);
  });

  test.each(['notReached', 'outage'] as const)(
    'may have its effect still when a second copy comes to %s: it is asked about, and not cancelled',
    async (fault) => {
      peer.faults.push('lostBefore', fault);
      const id = await pushed();
      await after(1);
      expect((await it.history(id)).at(-1)).toBe('INDETERMINATE NO_ANSWER');
      const { key, context } = it.clerk;
      const cancelled = await cancelPushRequest(key, {
        ...context,
        ref,
        pushRequestId: id,
        reason: '取下げ',
      });
      expect(codeOf(await vault.run(cancelled))).toMatch(/^CONFLICT/);
      await after(2);
      expect((await it.history(id)).at(-1)).toBe('DONE OK');
      expect(new Set(effectsOf())).toEqual(new Set([1]));
    },
  );

  test('is never taken for without effect by the word of a server that is out of service', async () => {
    [peer.status, peer.reason] = ['RETRYABLE', 'OUTAGE'];
    peer.faults.push('lostAfter');
    const id = await pushed();
    const received = peer.received.length;
    await after(1);
    expect((await it.history(id)).slice(-2)).toEqual(['SENDING TRANSMITTING', 'INDETERMINATE NO_ANSWER']);
    expect(peer.received[received]).toEqual(peer.received[received - 1]);
    // No copy is taken any more: from now on its word is the last.
    await after(6);
    expect((await it.history(id)).slice(-3)[0]).toBe('RETRY_WAIT NOT_RECEIVED');
    [peer.status, peer.reason] = ['DONE', undefined];
    await after(4);
    expect((await it.history(id)).at(-1)).toBe('DONE OK');
    expect(new Set(effectsOf())).toEqual(new Set([1]));
  });

  test('is made anew only when no copy of the old envelope is taken any more', async () => {
    peer.faults.push('lostBefore');
    peer.silentQuestions = 3;
    const id = await pushed();
    for (const minutes of [1, 2, 4]) await after(minutes);
    expect((await it.history(id)).at(-1)).toBe('INDETERMINATE NO_ANSWER');
    const received = peer.received.length;
    await after(8);
    expect((await it.history(id)).slice(-3)).toEqual([
      'RETRY_WAIT NOT_RECEIVED',
      'SENDING TRANSMITTING',
      'DONE OK',
    ]);
    const [fresh] = peer.received.slice(received);
    expect(Date.parse(fresh!.sentAt)).toBe(vault.clock.ms());
    expect(new Set(effectsOf())).toEqual(new Set([1]));
  });

  test('is never taken for lost while a copy of it may still be on its way', async () => {
    peer.faults.push('lostBefore');
    peer.silentQuestions = 2;
    const id = await pushed();
    await after(1);
    await after(2);
    // Between the ends of its time on the two clocks: neither sent again nor given up.
    await after(2);
    const received = peer.received.length;
    expect((await it.history(id)).at(-1)).toBe('INDETERMINATE NO_ANSWER');
    await after(2);
    expect(peer.received).toHaveLength(received + 1);
    expect((await it.history(id)).at(-1)).toBe('DONE OK');
  });

  test('is given up, and shown to the auditors, when nobody can say what became of it', async () => {
    peer.faults.push('lostAfter');
    peer.silentQuestions = 10_000;
    const id = await pushed();
    await after(1);
    await after(14 * 24 * 60);
    peer.silentQuestions = 0;
    expect((await it.history(id)).at(-1)).toBe('FAILED UNRESOLVED');
  });
});

describe('a message that waits at the other side', () => {
  test('is asked about until it is decided', async () => {
    peer.acquisition = 'REQUESTED';
    const id = await pushed();
    expect((await it.history(id)).at(-1)).toBe('PENDING WAITING');
    await after(1);
    await after(2);
    peer.acquisition = 'ACQUIRED';
    await after(4);
    expect((await it.history(id)).slice(-2)).toEqual(['PENDING WAITING', 'DONE OK']);
    expect(await it.history(id)).toHaveLength(4);
  });

  test('is refused when another number of the person took the place of the one', async () => {
    peer.acquisition = 'REQUESTED';
    const id = await pushed();
    peer.acquisition = 'ENDED';
    await after(1);
    peer.acquisition = 'ACQUIRED';
    expect((await it.history(id)).at(-1)).toBe('REFUSED CODE_NOT_ACQUIRED');
  });

  test('waits on when the question about it is refused or lost', async () => {
    peer.acquisition = 'REQUESTED';
    const id = await pushed();
    [peer.acquisition, peer.status, peer.reason] = ['ACQUIRED', 'REFUSED', 'STAFF_ENDED'];
    await after(1);
    [peer.status, peer.reason] = ['DONE', undefined];
    peer.faults.push('notReached', 'lostBefore', 'outage');
    for (const minutes of [2, 4, 8]) await after(minutes);
    expect((await it.history(id)).at(-1)).toBe('PENDING WAITING');
    await after(15);
    expect((await it.history(id)).at(-1)).toBe('DONE OK');
  });

  test('expires at its deadline', async () => {
    peer.acquisition = 'REQUESTED';
    const id = await pushed();
    await after(24 * 60);
    peer.acquisition = 'ACQUIRED';
    expect((await it.history(id)).at(-1)).toBe('EXPIRED DEADLINE_PASSED');
  });
});

describe('an answer that is not understood', () => {
  test('stops the push', async () => {
    peer.status = 'PARTIAL';
    const id = await pushed();
    peer.status = 'DONE';
    expect((await it.history(id)).at(-1)).toBe('FAILED SYSTEM_ERROR');
  });
});

describe('a cancellation', () => {
  const cancel = async (pushRequestId: string, of = ref, reason = '取下げ') => {
    const { key, context } = it.clerk;
    return vault.run(await cancelPushRequest(key, { ...context, ref: of, pushRequestId, reason }));
  };

  test('ends a push of which nothing was sent, for good', async () => {
    peer.faults.push('notReached');
    const id = await pushed();
    const received = peer.received.length;
    expect(done(await cancel(id))).toEqual({ pushRequestId: id, state: 'CANCELLED' });
    expect(done(await cancel(id))).toEqual({ pushRequestId: id, state: 'CANCELLED' });
    await after(60);
    expect(peer.received).toHaveLength(received);
    expect((await it.history(id)).at(-1)).toBe('CANCELLED CANCELLED');
  });

  test('keeps the words of its reason, the first, with the state and nowhere else', async () => {
    peer.faults.push('notReached');
    const id = await pushed();
    await cancel(id, ref, '本人が口頭で取り下げた\n（窓口）');
    await cancel(id, ref, '別の理由');
    const changes = await it.changes(id);
    expect(changes.map(({ cancelReason }) => cancelReason)).toEqual([
      ...Array.from({ length: changes.length - 1 }),
      '本人が口頭で取り下げた\n（窓口）',
    ]);
  });

  test.each(['　', '取\u0000下げ'])('is refused for the reason %j', async (reason) => {
    peer.faults.push('notReached');
    const id = await pushed();
    expect(codeOf(await cancel(id, ref, reason))).toMatch(/^BAD_INPUT/);
    expect((await it.history(id)).at(-1)).toBe('RETRY_WAIT NOT_REACHED');
  });

  test('is too late once it may have been sent', async () => {
    peer.faults.push('lostAfter');
    const id = await pushed();
    expect(codeOf(await cancel(id))).toMatch(/^CONFLICT/);
    await after(1);
    expect(codeOf(await cancel(id))).toMatch(/^CONFLICT/);
  });

  test('is refused for the push of another person', async () => {
    expect(codeOf(await cancel(await pushed(), other))).toMatch(/^NOT_FOUND/);
  });
});

describe('the journal', () => {
  test('is read in pages, in the order of its numbers and not of their digits', async () => {
    const all = await readChanges(vault.context.database, '0', 500);
    const numbers = all.changes.map(({ sequence }) => BigInt(sequence));
    expect(numbers.length).toBeGreaterThan(20);
    expect(numbers).toEqual(numbers.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(all.last).toBe(String(numbers.at(-1)));
    const paged: string[] = [];
    for (let after = '0'; ;) {
      const page = await readChanges(vault.context.database, after, 7);
      if (page.changes.length === 0) break;
      paged.push(...page.changes.map(({ sequence }) => sequence));
      after = page.last;
    }
    expect(paged).toEqual(all.changes.map(({ sequence }) => sequence));
    expect(await readChanges(vault.context.database, all.last, 7)).toEqual({ changes: [], last: all.last });
  });

  test('cannot be changed by anybody', async () => {
    for (const statement of ['update vault.push_change set reason = reason', 'delete from vault.push_change'])
      for (const database of [vault.context.database, vault.databases.owner.vault])
        await expect(database.run('test.change', ({ raw }) => raw.unsafe(statement))).rejects.toMatchObject({
          code: 'DATABASE_ERROR',
        });
  });
});

describe('a vault that is sealed', () => {
  test('sends nothing until it is open again, and then what waited', async () => {
    peer.faults.push('notReached');
    const id = await pushed();
    vault.context.seal.seal();
    await after(1);
    expect((await it.history(id)).at(-1)).toBe('RETRY_WAIT NOT_REACHED');
    await vault.context.seal.open(fileKeyService(vault.keyFile));
    await after(0);
    expect((await it.history(id)).at(-1)).toBe('DONE OK');
  });
});
