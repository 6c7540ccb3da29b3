import { expect, test } from 'vitest';
import type { PaymentDelta } from '../../../../src/protocol/transfer/deltas.js';
import { keepDelta } from '../../../../src/vault/transfer/delta/delta.js';
import { packagesWithDeltas } from '../../../../src/vault/transfer/delta/delta.store.js';
import { openDraft } from '../../../../src/vault/transfer/draft/draft.js';
import { caseNo, draftOf, transferScene } from '../support/scene.js';

const scene = await transferScene();
const { context } = scene.transfers;
const keep = (delta: PaymentDelta) => keepDelta(context, delta, 'service:worker');

const deltaOf = (packageId: string, deltaNo: number, of = caseNo(1)): PaymentDelta => ({
  packageId,
  deltaNo,
  sentAt: '2026-11-24T00:00:00Z',
  lines: [
    {
      caseNo: of,
      lineNo: 1,
      receivedOn: '2026-11-22',
      tax: 90_000n,
      lateCharge: 0n,
      fees: 0n,
      unpaid: 0n,
      kind: 'PAID',
    },
  ],
});

test('a payment between FROZEN and the acceptance is kept signed until the package is delivered', async () => {
  const { packageId } = await scene.draft();
  const { state, digest } = await keep(deltaOf(packageId, 1));
  expect(state).toBe('SIGNED');
  expect(await keep(deltaOf(packageId, 1))).toEqual({ deltaNo: 1, state, digest });
  expect(await packagesWithDeltas(context.database)).toEqual([]);
  await keep(deltaOf(packageId, 2));
});

test('deltas count from 1 without gaps, of cases that the package holds, of a transfer that goes on', async () => {
  const { packageId } = await scene.draft();
  await expect(keep(deltaOf(packageId, 2))).rejects.toMatchObject({ code: 'CONFLICT', facts: { next: 1 } });
  await expect(keep(deltaOf(packageId, 1, 'D-999999'))).rejects.toMatchObject({ code: 'BAD_INPUT' });
  await keep(deltaOf(packageId, 1));
  const other = { ...deltaOf(packageId, 1), sentAt: '2026-11-25T00:00:00Z' };
  await expect(keep(other)).rejects.toMatchObject({ code: 'CONFLICT', facts: { next: 2 } });
  await scene.operate('abort', { packageId, reason: '取下げ' });
  await expect(keep(deltaOf(packageId, 2))).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(keep(deltaOf('0193b1d0-0000-7000-8000-000000000009', 1))).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('a delta of a draft that is not complete is not taken: nobody knows its cases', async () => {
  const draft = draftOf();
  await openDraft(context, draft, 'service:worker');
  await expect(keep(deltaOf(draft.draftId, 1))).rejects.toMatchObject({ code: 'CONFLICT' });
});
