import { describe, expect, test } from 'vitest';
import type { AuditLog } from '../../../../src/audit/log.js';
import type { AuditRecord } from '../../../../src/audit/record.js';
import type { InquiryBody } from '../../../../src/protocol/intermediary/message.js';
import type { Exchange } from '../../../../src/vault/intermediary/intermediary.js';
import { advanceBatch } from '../../../../src/vault/push/batch/advance.js';
import { askBatch, interruptedBatch } from '../../../../src/vault/push/batch/ask.js';
import { batchMayFollow, isBatchFinal, lineStateIn } from '../../../../src/vault/push/batch/batch.js';
import { lockBatch, readBatch } from '../../../../src/vault/push/batch/batch.store.js';
import { become } from '../../../../src/vault/push/batch/change.js';
import { finishBatch } from '../../../../src/vault/push/batch/finish.js';
import { formBatches } from '../../../../src/vault/push/batch/form.js';
import { sendBatch } from '../../../../src/vault/push/batch/send.js';
import { settleBatch } from '../../../../src/vault/push/batch/settle.js';
import { settleLine } from '../../../../src/vault/push/settle.js';
import { storeParts } from '../../../../src/vault/spool/parts.js';
import { batching, GATHERED, MINUTE } from './support.js';

/** Each step by hand: nothing looks for batches here, and two hands come to one. */
const it = await batching();
const { vault, peer, batched, newest, last, standing, runner } = it;
await runner.stop();
const owner = vault.databases.owner.vault;
const context = { ...vault.context, intermediary: peer };
const WITHOUT = { withResults: false };

const formed = async (count = 1) => {
  const ids = await batched(count);
  vault.clock.move(GATHERED * MINUTE);
  await formBatches(context);
  return ids;
};
const go = async (minutes = 0) => {
  vault.clock.move(minutes * MINUTE);
  await advanceBatch(context, (await newest()).batchId);
};
/** Another hand takes the batch on once the first has written so many intents. */
const meanwhile = (then: () => Promise<void>, intents = 1) => {
  let written = 0;
  const append = async (record: AuditRecord) => {
    const appended = await context.audit.append(record);
    written += 1;
    if (written === intents) await then();
    return appended;
  };
  return { ...context, audit: Object.assign(Object.create(context.audit) as AuditLog, { append }) };
};

describe('the states of a batch', () => {
  test('end where nothing follows', () => {
    expect(isBatchFinal('DISSOLVED')).toBe(true);
    expect(isBatchFinal('ANSWERED')).toBe(false);
    expect(batchMayFollow('PENDING', 'SENDING')).toBe(false);
    expect(lineStateIn('ANSWERED')).toBeUndefined();
  });

  test('are followed by none that cannot follow', async () => {
    await formed();
    const { batchId } = await newest();
    const at = vault.clock.now();
    await expect(
      vault.context.database.transaction('test.become', async (tx) => {
        const batch = (await lockBatch(tx, batchId))!;
        await become(tx, context, batch, { state: 'DONE', reason: 'OK', at });
      }),
    ).rejects.toMatchObject({ code: 'INTERNAL', facts: { from: 'FORMED', to: 'DONE' } });
    await expect(
      vault.context.database.transaction('test.become', async (tx) => {
        const batch = (await lockBatch(tx, batchId))!;
        await become(tx, context, batch, { state: 'SENDING', reason: 'TRANSMITTING', at });
      }),
    ).rejects.toMatchObject({ code: 'INTERNAL' });
    await go();
    await go(1);
    await go();
    expect(await standing()).toBe('DONE OK');
  });

  test('are taken on no further at their end, and nothing is made of a batch that is none', async () => {
    const { batchId } = await newest();
    await advanceBatch(context, batchId);
    await advanceBatch(context, '01993b2a-7c00-7000-8000-000000000001');
    expect(await standing()).toBe('DONE OK');
    await settleBatch(context, '01993b2a-7c00-7000-8000-000000000001', { kind: 'noAnswer' }, WITHOUT);
    await settleBatch(context, batchId, { kind: 'noAnswer' }, WITHOUT);
    expect(await standing()).toBe('DONE OK');
  });
});

describe('two hands on one batch', () => {
  test('send it once', async () => {
    await formed();
    const batch = await newest();
    const sent = peer.received.length;
    await sendBatch(
      meanwhile(() => sendBatch(context, batch)),
      batch,
    );
    expect(peer.received).toHaveLength(sent + 1);
    expect(await standing()).toBe('PENDING WAITING');
  });

  test('settle it once', async () => {
    await go(1);
    const batch = await newest();
    await Promise.all([finishBatch(context, batch), finishBatch(context, batch)]);
    expect(await standing()).toBe('DONE OK');
  });

  test('settle its lines step by step', async () => {
    const ids = await formed(2);
    await go();
    await go(1);
    const batch = await newest();
    await finishBatch(context, batch, 1);
    expect((await last(ids)).toSorted()).toEqual(['DONE OK', 'PENDING WAITING']);
    expect(await standing()).toBe('ANSWERED OK');
    await finishBatch(context, batch, 1);
    expect(await last(ids)).toEqual(['DONE OK', 'DONE OK']);
    expect(await standing()).toBe('DONE OK');
  });

  test('settle no line that is none', async () => {
    const verdict = { state: 'DONE', reason: 'OK' } as const;
    const asked = { body: {} as InquiryBody, sentAt: '2026-11-22T00:00:00Z' };
    await expect(
      settleLine(context, '01993b2a-7c00-7000-8000-000000000001', {
        asked,
        verdict,
        receiptDigest: undefined,
      }),
    ).resolves.toBeUndefined();
  });

  test('send nothing of a batch a line of which has ended since it was formed', async () => {
    await formed();
    const sent = peer.received.length;
    vault.clock.move(24 * 60 * MINUTE);
    await go();
    expect(await standing()).toBe('DISSOLVED LINE_ENDED');
    expect(peer.received).toHaveLength(sent);
    await formBatches(context);
  });

  test('send it again once, and interrupt it once', async () => {
    peer.faults.push('lostBefore');
    await formed();
    await go();
    const batch = await newest();
    expect(batch.state).toBe('INDETERMINATE');
    const sent = peer.received.length;
    await askBatch(
      meanwhile(() => askBatch(context, batch), 2),
      batch,
    );
    expect(peer.received).toHaveLength(sent + 1);
    await interruptedBatch(context, batch);
    expect(await standing()).toBe('PENDING WAITING');
  });

  test('dissolve it once', async () => {
    peer.faults.push('notReached');
    const [id] = await formed();
    await go();
    const batch = await newest();
    vault.clock.move(24 * 60 * MINUTE);
    await Promise.all([sendBatch(context, batch), sendBatch(context, batch)]);
    expect(await standing()).toBe('DISSOLVED LINE_ENDED');
    await formBatches(context);
    expect(await last([id!])).toEqual(['EXPIRED DEADLINE_PASSED']);
  });

  test('give it up once when the other side has lost it', async () => {
    await formed();
    await go();
    const batch = await newest();
    peer.forget();
    await askBatch(context, batch);
    await askBatch(context, batch);
    expect(await standing()).toBe('ANSWERED UNRESOLVED');
    await go();
    expect(await standing()).toBe('FAILED UNRESOLVED');
  });
});

describe('a batch that the vault left in SENDING', () => {
  test('is asked about at once', async () => {
    await formed();
    await go();
    const { batchId } = await newest();
    await owner.run(
      'test.killed',
      ({ raw }) => raw`update vault.inquiry_batch set state = 'SENDING' where batch_id = ${batchId}`,
    );
    await go();
    expect(await standing()).toBe('INDETERMINATE INTERRUPTED');
    await go();
    await go();
    expect(await standing()).toBe('DONE OK');
  });

  test('waits for a copy that may be on its way, when a line of it has ended', async () => {
    peer.faults.push('lostBefore');
    const deadline = new Date(vault.clock.ms() + (GATHERED + 0.5) * MINUTE).toISOString();
    const ids = await batched(1, { deadline });
    vault.clock.move(GATHERED * MINUTE);
    await formBatches(context);
    await go();
    const sent = peer.received.length;
    await go(1);
    expect(await standing()).toBe('INDETERMINATE NO_ANSWER');
    await go(6);
    await go();
    expect(await standing()).toBe('DISSOLVED LINE_ENDED');
    expect(peer.received).toHaveLength(sent);
    await formBatches(context);
    expect(await last(ids)).toEqual(['EXPIRED DEADLINE_PASSED']);
  });
});

describe('what lies in the spool of a batch', () => {
  const answered = async () => {
    await formed();
    await go();
    await go(1);
    const batch = await newest();
    expect(batch.state).toBe('ANSWERED');
    return batch;
  };
  const put = (batchId: string, column: string, refs: readonly string[] | null) =>
    owner.run(
      'test.put',
      ({ raw }) =>
        raw`update vault.inquiry_batch set ${raw(column)} = ${refs && [...refs]}::text[] where batch_id = ${batchId}`,
    );
  const stored = (kind: 'envelope' | 'receipt' | 'request', text: string) =>
    vault.context.database.transaction('test.store', (tx) =>
      storeParts(context, tx, {
        kind,
        plaintext: Buffer.from(text, 'utf8'),
        eraseAfter: vault.clock.now().add({ hours: 1 }),
      }),
    );
  const INTEGRITY = { code: 'INTEGRITY_FAILURE' };

  test.each([
    ['an envelope of another form', 'envelope_refs', 'envelope', '{}'],
    ['results of another form', 'receipt_refs', 'receipt', '{}'],
  ] as const)('is believed for nothing when it is %s', async (_, column, kind, text) => {
    const batch = await answered();
    await put(batch.batchId, column, await stored(kind, text));
    await expect(advanceBatch(context, batch.batchId)).rejects.toMatchObject(INTEGRITY);
    const { envelopeRefs, receiptRefs } = batch;
    await put(batch.batchId, column, column === 'envelope_refs' ? envelopeRefs : receiptRefs);
    await go();
    expect(await standing()).toBe('DONE OK');
  });

  test.each(['envelope_refs', 'receipt_refs'])(
    'is believed for nothing when there is none: %s',
    async (column) => {
      const batch = await answered();
      await put(batch.batchId, column, null);
      await expect(advanceBatch(context, batch.batchId)).rejects.toThrow();
      const { envelopeRefs, receiptRefs } = batch;
      await put(batch.batchId, column, column === 'envelope_refs' ? envelopeRefs : receiptRefs);
      await go();
    },
  );

  test('is believed for nothing when a line asks for something else', async () => {
    const [id] = await formed();
    const [request] = await stored('request', '{}');
    const put = (ref: string) =>
      owner.run(
        'test.put',
        ({ raw }) => raw<{ ref: string }[]>`
        with former as (select request_ref as ref from vault.push where push_request_id = ${id!})
        update vault.push set request_ref = ${ref} where push_request_id = ${id!} returning (select ref from former)`,
      );
    const [former] = await put(request!);
    const { batchId } = await newest();
    await expect(advanceBatch(context, batchId)).rejects.toMatchObject(INTEGRITY);
    expect((await readBatch(owner, batchId))?.state).toBe('FORMED');
    await put(former!.ref);
    await go();
    expect(await standing()).toBe('PENDING WAITING');
  });

  test('may be larger than one item', async () => {
    const text = 'x'.repeat(150_000);
    expect(await stored('receipt', text)).toHaveLength(3);
  });
});

describe('an exchange that comes late', () => {
  test('changes nothing that was settled', async () => {
    const { batchId, state } = await newest();
    const late: Exchange = { kind: 'notReached' };
    await settleBatch(context, batchId, late, WITHOUT);
    expect((await newest()).state).toBe(state);
  });
});
