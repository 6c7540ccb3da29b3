import { describe, expect, it } from 'vitest';
import { isHeld } from '../../../src/vault/hold/hold.store.js';
import {
  placeHold,
  releaseHold,
  requestHold,
  requestHoldRelease,
  type NewHold,
} from '../../../src/vault/hold/hold.js';
import { newVaultRef, type VaultRef } from '../../../src/vault/number/vaultRef.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { approvedBy, by, inTx, refusedBy } from '../approval/support/people.js';
import { registerNumber } from '../erasure/support/vault.js';

const databases = await testVaultDatabases();
const { vault } = databases;

const holdOn = (ref: VaultRef): NewHold => ({
  ref,
  reason: '訴訟係属中',
  purpose: 'DELINQUENCY',
  basis: '令和8年(行ウ)第1号',
});
const releaseOf = (holdId: bigint) => ({
  holdId,
  reason: '訴訟の終結',
  purpose: 'DELINQUENCY',
  basis: '令和8年(行ウ)第1号',
});
const ask = (hold: NewHold) => inTx(vault, (tx) => requestHold(tx, hold, by('A')));
const place = (hold: NewHold, approvalId: string) =>
  inTx(vault, (tx) => placeHold(tx, hold, approvalId, by('A', 3)));
const askRelease = (holdId: bigint) =>
  inTx(vault, (tx) => requestHoldRelease(tx, releaseOf(holdId), by('A', 4)));
const release = (holdId: bigint, approvalId: string) =>
  inTx(vault, (tx) => releaseHold(tx, releaseOf(holdId), approvalId, by('A', 6)));

async function heldNumber(): Promise<{ ref: VaultRef; holdId: bigint }> {
  const { ref } = await registerNumber(databases);
  const approvalId = await ask(holdOn(ref));
  await approvedBy(vault, approvalId, 'B', 1);
  return { ref, holdId: await place(holdOn(ref), approvalId) };
}

describe('a hold', () => {
  it('is placed by two people and stands until two people release it', async () => {
    const { ref, holdId } = await heldNumber();
    expect(await isHeld(vault, ref)).toBe(true);
    const approvalId = await askRelease(holdId);
    await approvedBy(vault, approvalId, 'C', 5);
    await release(holdId, approvalId);
    expect(await isHeld(vault, ref)).toBe(false);
    const [row] = await vault.run(
      'test.hold',
      ({ raw }) => raw`select * from vault.hold where id = ${String(holdId)}`,
    );
    expect(row).toMatchObject({
      reason: '訴訟係属中',
      placed_by: 'A',
      placed_approved_by: 'B',
      released_by: 'A',
      released_approved_by: 'C',
    });
  });

  it('is not placed by one person', async () => {
    const { ref } = await registerNumber(databases);
    const approvalId = await ask(holdOn(ref));
    await expect(place(holdOn(ref), approvalId)).rejects.toMatchObject(refusedBy('missing'));
    await expect(approvedBy(vault, approvalId, 'A', 1)).rejects.toMatchObject(refusedBy('samePerson'));
    expect(await isHeld(vault, ref)).toBe(false);
  });

  it('is not placed on another number than the approved one', async () => {
    const [{ ref }, other] = [await registerNumber(databases), await registerNumber(databases)];
    const approvalId = await ask(holdOn(ref));
    await approvedBy(vault, approvalId, 'B', 1);
    await expect(place(holdOn(other.ref), approvalId)).rejects.toMatchObject(refusedBy('otherContent'));
    expect(await isHeld(vault, other.ref)).toBe(false);
  });

  it('is not released with the approval of another hold', async () => {
    const [first, second] = [await heldNumber(), await heldNumber()];
    const approvalId = await askRelease(first.holdId);
    await approvedBy(vault, approvalId, 'B', 5);
    await expect(release(second.holdId, approvalId)).rejects.toMatchObject(refusedBy('otherContent'));
    expect(await isHeld(vault, second.ref)).toBe(true);
  });

  it('ends once', async () => {
    const { holdId } = await heldNumber();
    const [first, second] = [await askRelease(holdId), await askRelease(holdId)];
    await approvedBy(vault, first, 'B', 5);
    await approvedBy(vault, second, 'B', 5);
    await release(holdId, first);
    await expect(release(holdId, second)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(askRelease(holdId)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(askRelease(holdId + 1_000n)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('leaves the number held while another stands', async () => {
    const { ref, holdId } = await heldNumber();
    const again = await ask(holdOn(ref));
    await approvedBy(vault, again, 'B', 1);
    await place(holdOn(ref), again);
    const approvalId = await askRelease(holdId);
    await approvedBy(vault, approvalId, 'B', 5);
    await release(holdId, approvalId);
    expect(await isHeld(vault, ref)).toBe(true);
  });

  it('is not asked for on a number that was never registered', async () => {
    await expect(ask(holdOn(newVaultRef()))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is not asked for without a reason', async () => {
    const { ref } = await registerNumber(databases);
    await expect(ask({ ...holdOn(ref), reason: '' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });
});
