import { describe, expect, test } from 'vitest';
import { withdrawConsentRequest } from '../../../../src/client/index.js';
import { done } from '../../operation/support/two.js';
import { answersAtOnce, batching, DAY, GATHERED } from './support.js';

const it = await batching();
answersAtOnce(it);
const {
  vault,
  peer,
  clerk,
  people,
  after,
  batched,
  last,
  newest,
  standing,
  sentBatches,
  effectsOf,
  provisionRecords,
} = it;
const owner = vault.databases.owner.vault;

describe('a batch that does not arrive', () => {
  test('is sent again after 1, 2, 4, 8, 15 minutes, and its lines are given up after the eighth time', async () => {
    peer.faults.push(...Array.from({ length: 20 }, () => 'notReached' as const));
    const ids = await batched(2);
    await after(GATHERED);
    for (const minutes of [1, 2, 4, 8, 15, 15, 15]) {
      await after(minutes - 0.1);
      const { attempt } = await newest();
      await after(0.1);
      expect((await newest()).attempt).toBe(attempt + 1);
    }
    expect(await standing()).toBe('RETRY_WAIT NOT_REACHED');
    await after(15);
    expect(await last(ids)).toEqual(ids.map(() => 'FAILED ATTEMPTS_SPENT'));
    expect(await standing()).toBe('DISSOLVED LINE_ENDED');
    expect(await provisionRecords(ids)).toEqual([]);
  });

  test('has its effect once when the server was out of service', async () => {
    peer.faults.push('outage');
    const ids = await batched(2);
    await after(GATHERED);
    expect(await last(ids)).toEqual(ids.map(() => 'RETRY_WAIT OUTAGE'));
    await after(1);
    await after(1);
    expect(await last(ids)).toEqual(ids.map(() => 'DONE OK'));
    expect(await effectsOf()).toBe(1);
  });

  test('is dissolved when a consent was withdrawn, and the others travel under other names', async () => {
    peer.faults.push('notReached');
    const ids = await batched(2);
    await after(GATHERED);
    const { batchId } = await newest();
    const [row] = await owner.run(
      'test.consent',
      ({ raw }) => raw<{ id: string }[]>`
      select consent_id as id from vault.push where push_request_id = ${ids[0]!}`,
    );
    const details = { ...clerk.context, ref: people[0]!.ref, consentId: row!.id, reason: '撤回' };
    done(await vault.run(await withdrawConsentRequest(clerk.key, details)));
    await after(1);
    expect(await last(ids)).toEqual(['CANCELLED WITHDRAWN', 'PENDING WAITING']);
    expect((await newest()).batchId).not.toBe(batchId);
    expect(sentBatches().some(({ messageId }) => messageId === batchId)).toBe(false);
    await after(1);
    expect(await last(ids)).toEqual(['CANCELLED WITHDRAWN', 'DONE OK']);
    expect(await provisionRecords(ids)).toHaveLength(1);
  });

  test('is not sent after the deadline of a line', async () => {
    peer.faults.push('notReached');
    const deadline = new Date(vault.clock.ms() + 10.5 * 60_000).toISOString();
    const ids = [...(await batched(1, { deadline })), ...(await batched(2)).slice(1)];
    await after(GATHERED);
    await after(1);
    const [expired, , other] = await last([...ids, ids[1]!]);
    expect(expired).toBe('EXPIRED DEADLINE_PASSED');
    expect(other).toBe('PENDING WAITING');
    await after(1);
  });
});

describe('a batch whose answer is lost', () => {
  test('is asked about, and not sent again when it had its effect', async () => {
    peer.faults.push('lostAfter');
    const ids = await batched(2);
    await after(GATHERED);
    expect(await last(ids)).toEqual(ids.map(() => 'INDETERMINATE NO_ANSWER'));
    const before = sentBatches().length;
    await after(1);
    expect(await last(ids)).toEqual(ids.map(() => 'DONE OK'));
    expect(sentBatches()).toHaveLength(before);
  });

  test('is sent again as the identical envelope when the other side does not know it', async () => {
    peer.faults.push('lostBefore');
    const ids = await batched(2);
    await after(GATHERED);
    await after(1);
    expect(await last(ids)).toEqual(ids.map(() => 'PENDING WAITING'));
    expect(Date.parse(sentBatches().at(-1)!.sentAt)).toBe(vault.clock.ms() - 60_000);
    expect(await effectsOf()).toBe(1);
    await after(1);
    expect(await last(ids)).toEqual(ids.map(() => 'DONE OK'));
  });

  test.each(['notReached', 'outage'] as const)(
    'may have its effect after a second copy: %s',
    async (fault) => {
      peer.faults.push('lostBefore', fault);
      const ids = await batched(2);
      await after(GATHERED);
      await after(1);
      expect(await last(ids)).toEqual(ids.map(() => 'INDETERMINATE NO_ANSWER'));
      await after(1);
      expect(await last(ids)).toEqual(ids.map(() => 'PENDING WAITING'));
      expect(await effectsOf()).toBe(1);
      await after(1);
      expect(await last(ids)).toEqual(ids.map(() => 'DONE OK'));
    },
  );

  test('is made anew, with the same records, only when no copy is taken any more', async () => {
    peer.faults.push('lostBefore');
    peer.silentQuestions = 3;
    const ids = await batched(2);
    await after(GATHERED);
    for (const minutes of [1, 2, 4]) await after(minutes);
    expect(await last(ids)).toEqual(ids.map(() => 'INDETERMINATE NO_ANSWER'));
    const { batchId } = await newest();
    await after(8);
    expect(sentBatches().at(-1)).toMatchObject({ messageId: batchId });
    expect(Date.parse(sentBatches().at(-1)!.sentAt)).toBe(vault.clock.ms());
    await after(1);
    expect(await last(ids)).toEqual(ids.map(() => 'DONE OK'));
  });

  test('is never taken for lost while a copy of it may still be on its way', async () => {
    peer.faults.push('lostBefore');
    peer.silentQuestions = 2;
    const ids = await batched(1);
    await after(GATHERED);
    await after(1);
    await after(2);
    await after(2);
    const before = sentBatches().length;
    expect(await last(ids)).toEqual(['INDETERMINATE NO_ANSWER']);
    await after(2);
    expect(sentBatches()).toHaveLength(before + 1);
    await after(1);
    expect(await last(ids)).toEqual(['DONE OK']);
  });

  test('is given up, and shown to the auditors, when nobody can say what became of it', async () => {
    peer.faults.push('lostAfter');
    peer.silentQuestions = 10_000;
    const ids = await batched(2);
    await after(GATHERED);
    await after(14 * DAY);
    expect(await last(ids)).toEqual(ids.map(() => 'FAILED UNRESOLVED'));
    expect(await standing()).toBe('FAILED UNRESOLVED');
    expect(await provisionRecords(ids)).toHaveLength(2);
  });
});
