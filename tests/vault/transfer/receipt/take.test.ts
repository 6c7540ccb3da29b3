import { describe, expect, test } from 'vitest';
import { outcomesOf } from '../../../../src/vault/transfer/receipt/receipt.store.js';
import { transferState } from '../../../../src/vault/transfer/transferState.js';
import { acceptanceOf, allAccepted, deliveryOf } from '../support/organization.js';
import { raisedEntries } from '../support/log.js';
import { caseNo, organizationSide, transferScene, type TransferScene } from '../support/scene.js';

const scene = await transferScene({}, { url: 'https://127.0.0.1:1/' });
const { vault, side } = scene;

const take = (packageId: string, kind: string, signed: string) =>
  scene.operate('receipt', { packageId, kind, signed });
const stateOf = async (packageId: string) => (await transferState(vault.context, packageId)).state;

async function delivered(own: Parameters<TransferScene['released']>[1] = {}) {
  const { packageId, ciphertextSha256: sha256 } = await scene.released('HTTPS', own);
  await take(packageId, 'DELIVERY', await deliveryOf(side, packageId, sha256));
  return { packageId, sha256 };
}

describe('a delivery receipt', () => {
  test('moves the package, once', async () => {
    const { packageId, ciphertextSha256 } = await scene.released('HTTPS');
    const signed = await deliveryOf(side, packageId, ciphertextSha256);
    await take(packageId, 'DELIVERY', signed);
    await take(packageId, 'DELIVERY', signed);
    const state = await transferState(vault.context, packageId);
    expect(state).toMatchObject({ state: 'DELIVERED', acceptanceDueOn: '2026-12-07' });
    expect(state.receipts).toHaveLength(1);
    const another = await deliveryOf(side, packageId, ciphertextSha256, { receivedBy: '別人' });
    await expect(take(packageId, 'DELIVERY', another)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('of a medium whose seal was broken is taken, and raised', async () => {
    const { packageId, ciphertextSha256: readBackDigest } = await scene.released('MEDIUM');
    const medium = { mediumType: 'DVD_R', serialNo: 'DVD-2026-0042', label: '移管 第3回', sealNo: 'S-0042' };
    const way = { purpose: '搬送', fromPlace: '架空市役所', toPlace: '滞納整理機構', transport: '公用車' };
    const { carryId } = (await scene.operate('carry', {
      packageId,
      readBackDigest,
      ...medium,
      ...way,
      caseLockNo: 'L-7',
      writtenAt: '2026-11-22T04:00:00Z',
      writtenBy: 'P-1029',
      firstCarrier: 'P-1029',
      secondCarrier: 'OFFICER-1',
      leftAt: '2026-11-22T05:00:00Z',
      expectedAt: '2026-11-22T07:00:00Z',
    })) as { carryId: string };
    const arrived = { medium: 'DVD_R', mediumSerialNo: 'DVD-2026-0043', seal: 'BROKEN' } as const;
    const another = await deliveryOf(side, packageId, readBackDigest, arrived);
    await expect(take(packageId, 'DELIVERY', another)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await raisedEntries(vault, 'Carry.sealBroken')).toEqual([]);
    const ours = { ...arrived, mediumSerialNo: medium.serialNo };
    await take(packageId, 'DELIVERY', await deliveryOf(side, packageId, readBackDigest, ours));
    expect(await stateOf(packageId)).toBe('DELIVERED');
    expect(await raisedEntries(vault, 'Carry.sealBroken')).toEqual([carryId]);
  });

  test.each([
    ['of another ciphertext', (id: string) => deliveryOf(side, id, 'a'.repeat(64)), 'INTEGRITY_FAILURE'],
    [
      'by somebody else',
      async (id: string, sha: string) => deliveryOf(await organizationSide(), id, sha),
      'INTEGRITY_FAILURE',
    ],
    [
      'of another organization',
      (id: string, sha: string) =>
        deliveryOf(side, id, sha, { organization: { bodyCode: '111112', name: '他' } }),
      'INTEGRITY_FAILURE',
    ],
    [
      'for a medium that never left',
      (id: string, sha: string) =>
        deliveryOf(side, id, sha, { medium: 'DVD_R', mediumSerialNo: 'X', seal: 'INTACT' }),
      'CONFLICT',
    ],
    [
      'that is an acceptance',
      (id: string, sha: string) => acceptanceOf(side, id, sha, allAccepted(2)),
      'INTEGRITY_FAILURE',
    ],
  ] as const)('%s is refused and raised', async (_, make, code) => {
    const { packageId, ciphertextSha256 } = await scene.released('HTTPS');
    const before = (await raisedEntries(vault, 'Transfer.delivery')).length;
    const signed = await make(packageId, ciphertextSha256);
    await expect(take(packageId, 'DELIVERY', signed)).rejects.toMatchObject({ code });
    expect(await stateOf(packageId)).toBe('RELEASED');
    expect(await raisedEntries(vault, 'Transfer.delivery')).toHaveLength(before + 1);
    await scene.operate('abort', { packageId, reason: '試験' });
  });
});

describe('an acceptance receipt', () => {
  test('of every case makes the transfer active', async () => {
    const { packageId, sha256 } = await delivered();
    await take(packageId, 'ACCEPTANCE', await acceptanceOf(side, packageId, sha256, allAccepted(2)));
    const { state, history, eraseBy } = await transferState(vault.context, packageId);
    expect(state).toBe('ACTIVE');
    expect(history.at(-2)?.state).toBe('ACCEPTED');
    expect(eraseBy).toBe('2027-02-20');
    expect(await outcomesOf(vault.context.database, packageId)).toEqual(allAccepted(2));
  });

  test('of some cases tells which, with the reason', async () => {
    const { packageId, sha256 } = await delivered();
    const cases = [
      { caseNo: caseNo(1), outcome: 'ACCEPTED' },
      { caseNo: caseNo(2), outcome: 'REJECTED', reason: 'NOT_ELIGIBLE' },
    ] as const;
    await take(packageId, 'ACCEPTANCE', await acceptanceOf(side, packageId, sha256, [...cases]));
    expect((await transferState(vault.context, packageId)).history.at(-2)?.state).toBe('PARTLY_ACCEPTED');
    expect(await outcomesOf(vault.context.database, packageId)).toEqual(cases);
  });

  test('of no case ends the transfer', async () => {
    const { packageId, sha256 } = await delivered();
    const cases = [1, 2].map((at) => ({ caseNo: caseNo(at), outcome: 'REJECTED', reason: 'QUOTA' }) as const);
    await take(packageId, 'ACCEPTANCE', await acceptanceOf(side, packageId, sha256, cases));
    expect(await stateOf(packageId)).toBe('CLOSED');
  });

  test.each([
    ['a case that was never sent', [...allAccepted(2), { caseNo: 'D-999999', outcome: 'ACCEPTED' as const }]],
    ['not each case', allAccepted(1)],
  ])('that names %s is refused, and nothing of it is kept', async (_, cases) => {
    const { packageId, sha256 } = await delivered();
    const signed = await acceptanceOf(side, packageId, sha256, cases);
    await expect(take(packageId, 'ACCEPTANCE', signed)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    expect(await stateOf(packageId)).toBe('DELIVERED');
    expect(await outcomesOf(vault.context.database, packageId)).toEqual([]);
  });

  test('before the delivery is refused', async () => {
    const { packageId, ciphertextSha256 } = await scene.released('HTTPS');
    const signed = await acceptanceOf(side, packageId, ciphertextSha256, allAccepted(2));
    await expect(take(packageId, 'ACCEPTANCE', signed)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
