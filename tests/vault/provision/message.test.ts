import { beforeEach, describe, expect, test } from 'vitest';
import { newPushRequestId, registerCopiesRequest } from '../../../src/client/index.js';
import { openWorkOf } from '../../../src/vault/erasure/running.js';
import { storeParts } from '../../../src/vault/spool/parts.js';
import { purgeSpool } from '../../../src/vault/spool/purge.js';
import { codeOf, done } from '../operation/support/two.js';
import { BASIS, giving, MINUTE } from './support.js';

const { vault, peer, ref, giver, copy, registers, told, last, calm } = await giving();
const { context } = vault;
const owner = vault.databases.owner.vault;
await owner.run(
  'test.basis',
  ({ raw }) => raw`
  insert into vault.legal_basis (basis, purpose, valid_from, provision)
  values (${BASIS}, 'INFORMATION_PROVISION', '2026-04-01', '番号法第19条第8号')`,
);
await owner.run(
  'test.on',
  ({ raw }) => raw`
  insert into vault.provision_switch (is_on, basis, first_approval, second_approval, reason, switched_by, switched_at)
  values (true, ${BASIS}, 'AP-1', 'AP-2', '試行', 'P-1', now())`,
);
beforeEach(calm);

describe('a message that does not arrive', () => {
  const again = async (messageId: string, minutes: number) => {
    vault.clock.move(minutes * MINUTE);
    return told(registers([copy({ recordId: 'C-7' })], messageId));
  };

  test('waits 1, 2, 4, 8, 15 minutes before it is sent again, and is given up after the eighth time', async () => {
    peer.faults.push('notReached', 'outage', ...Array.from({ length: 6 }, () => 'notReached' as const));
    const messageId = newPushRequestId(vault.clock.ms);
    const first = await again(messageId, 0);
    expect(first).toMatchObject({ state: 'RETRY_WAIT', reason: 'NOT_REACHED' });
    expect(await again(messageId, 0)).toEqual(first);
    expect(await again(messageId, 1)).toMatchObject({ state: 'RETRY_WAIT', reason: 'OUTAGE' });
    for (const minutes of [2, 4, 8, 15, 15, 15])
      expect(await again(messageId, minutes)).toMatchObject({ state: 'RETRY_WAIT' });
    expect(await again(messageId, 15)).toMatchObject({ state: 'FAILED', reason: 'ATTEMPTS_SPENT' });
    expect(await again(messageId, 15)).toMatchObject({ state: 'FAILED' });
  });

  test('is not given up while the last copy of it may still be taken', async () => {
    peer.faults.push(...Array.from({ length: 7 }, () => 'notReached' as const), 'lostBefore');
    const messageId = newPushRequestId(vault.clock.ms);
    for (const minutes of [0, 1, 2, 4, 8, 15, 15]) await again(messageId, minutes);
    expect(await again(messageId, 15)).toMatchObject({ state: 'INDETERMINATE', reason: 'NO_ANSWER' });
    const sent = peer.received.length;
    expect(await again(messageId, 1)).toMatchObject({ state: 'INDETERMINATE', reason: 'NO_ANSWER' });
    expect(await again(messageId, 10)).toMatchObject({ state: 'FAILED', reason: 'ATTEMPTS_SPENT' });
    expect(peer.received).toHaveLength(sent);
  });

  test('is asked about, and not sent again when it had its effect', async () => {
    peer.faults.push('lostAfter');
    const messageId = newPushRequestId(vault.clock.ms);
    expect(await again(messageId, 0)).toMatchObject({ state: 'INDETERMINATE', reason: 'NO_ANSWER' });
    const sent = peer.received.length;
    expect(await again(messageId, 0)).toMatchObject({ state: 'DONE', reason: 'OK' });
    expect(peer.received).toHaveLength(sent);
    expect(peer.effects.get(messageId)).toBe(1);
  });

  test('is sent again as the identical envelope while it is taken, and anew when no copy is', async () => {
    for (const [minutes, isSame] of [
      [1, true],
      [7, false],
    ] as const) {
      peer.faults.push('lostBefore');
      const messageId = newPushRequestId(vault.clock.ms);
      const at = vault.clock.ms();
      await again(messageId, 0);
      expect(await again(messageId, minutes)).toMatchObject({ state: 'DONE' });
      expect(Date.parse(last('copy.register').sentAt) <= at + MINUTE).toBe(isSame);
    }
  });

  test.each(['notReached', 'outage'] as const)(
    'may have its effect still when a second copy of it comes to %s',
    async (fault) => {
      peer.faults.push('lostBefore', fault);
      const messageId = newPushRequestId(vault.clock.ms);
      await again(messageId, 0);
      expect(await again(messageId, 1)).toMatchObject({ state: 'INDETERMINATE', reason: 'NO_ANSWER' });
      expect(await openWorkOf(context)([ref])).toContain(ref);
      expect(await again(messageId, 1)).toMatchObject({ state: 'DONE' });
      expect(peer.effects.get(messageId)).toBe(1);
    },
  );

  test('is never taken for without effect by the word of a server that is out of service', async () => {
    [peer.status, peer.reason] = ['RETRYABLE', 'OUTAGE'];
    peer.faults.push('lostAfter');
    const messageId = newPushRequestId(vault.clock.ms);
    await again(messageId, 0);
    expect(await again(messageId, 1)).toMatchObject({ state: 'INDETERMINATE', reason: 'NO_ANSWER' });
    // No copy is taken any more: it is made anew, and what is said of the one copy is its standing.
    expect(await again(messageId, 6)).toMatchObject({ state: 'RETRY_WAIT', reason: 'OUTAGE' });
    calm();
    expect(await again(messageId, 8)).toMatchObject({ state: 'DONE' });
    expect(peer.effects.get(messageId)).toBe(1);
  });

  test('is left as it is while a copy of it may still be on its way, and while nobody answers', async () => {
    peer.faults.push('lostBefore');
    const messageId = newPushRequestId(vault.clock.ms);
    await again(messageId, 0);
    const sent = peer.received.length;
    expect(await again(messageId, 4)).toMatchObject({ state: 'INDETERMINATE' });
    peer.silentQuestions = 1;
    expect(await again(messageId, 0)).toMatchObject({ state: 'INDETERMINATE' });
    expect(peer.received).toHaveLength(sent);
    expect(await again(messageId, 5)).toMatchObject({ state: 'DONE' });
  });

  test('keeps the numbers of whom it is about until it is known what became of it', async () => {
    const open = async () => [...(await openWorkOf(context)([ref]))];
    peer.faults.push('lostAfter');
    const messageId = newPushRequestId(vault.clock.ms);
    await again(messageId, 0);
    expect(await open()).toEqual([ref]);
    expect(await again(messageId, 0)).toMatchObject({ state: 'DONE' });
    expect(await open()).toEqual([]);
  });

  test('is told, and settled, also when what lay in the spool of it is erased', async () => {
    peer.faults.push('lostAfter');
    const [ended, lost] = [newPushRequestId(vault.clock.ms), newPushRequestId(vault.clock.ms)];
    await again(lost, 0);
    expect(await again(ended, 0)).toHaveProperty('copies');
    await purgeSpool(context, vault.clock.now().add({ hours: 24 * 31 }));
    const after = await again(ended, 0);
    expect(after).toMatchObject({ state: 'DONE', reason: 'OK' });
    expect(after).not.toHaveProperty('copies');
    expect(await again(lost, 0)).toMatchObject({
      state: 'DONE',
      copies: [{ recordId: 'C-7', result: 'REGISTERED' }],
    });
  });

  test('is settled once by two hands', async () => {
    const messageId = newPushRequestId(vault.clock.ms);
    const [stepUpOne, stepUpTwo] = [await vault.stepUp(giver), await vault.stepUp(giver)];
    const make = (stepUp: string) =>
      registerCopiesRequest(giver.key, {
        ...giver.context,
        stepUp,
        messageId,
        copies: [copy({ recordId: 'C-8' })],
      });
    const requests = [await make(stepUpOne), await make(stepUpTwo)];
    const answers = await Promise.all(requests.map((request) => vault.run(request)));
    for (const answer of answers) expect(done(answer)).toMatchObject({ state: 'DONE', reason: 'OK' });
    expect(peer.effects.get(messageId)).toBe(1);
  });

  test('stays as another hand has settled it', async () => {
    peer.faults.push('lostAfter');
    const messageId = newPushRequestId(vault.clock.ms);
    await again(messageId, 0);
    peer.meanwhile = async () => expect(await again(messageId, 0)).toMatchObject({ state: 'DONE' });
    expect(await again(messageId, 0)).toMatchObject({
      state: 'DONE',
      copies: [{ recordId: 'C-7', result: 'REGISTERED' }],
    });
    expect(peer.effects.get(messageId)).toBe(1);
  });

  test('is believed for nothing when what lies in the spool of it is another’s', async () => {
    const messageId = newPushRequestId(vault.clock.ms);
    await again(messageId, 0);
    const stored = (kind: 'envelope' | 'receipt') =>
      context.database.transaction('test.store', (tx) =>
        storeParts(context, tx, {
          kind,
          plaintext: Buffer.from('{}'),
          eraseAfter: vault.clock.now().add({ hours: 1 }),
        }),
      );
    for (const [column, kind] of [
      ['receipt_refs', 'receipt'],
      ['envelope_refs', 'envelope'],
    ] as const) {
      const refs = await stored(kind);
      const former = await owner.run(
        'test.former',
        ({ raw }) =>
          raw<
            { refs: string[] }[]
          >`select ${raw(column)} as refs from vault.provision_message where message_id = ${messageId}`,
      );
      const put = (these: readonly string[]) =>
        owner.run(
          'test.put',
          ({ raw }) =>
            raw`update vault.provision_message set ${raw(column)} = ${[...these]}::text[]
            where message_id = ${messageId}`,
        );
      await put(refs);
      expect(codeOf(await registers([copy({ recordId: 'C-7' })], messageId))).toBe('INTEGRITY_FAILURE');
      await put(former[0]!.refs);
    }
  });
});
