import { createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keyFingerprint } from '../../../../src/protocol/transfer/keys.js';
import { createVersion } from '../../../../src/vault/keys/versions.js';
import { startRotation } from '../../../../src/vault/keys/rotation/rotate.js';
import { transferState } from '../../../../src/vault/transfer/transferState.js';
import { MUNICIPALITY, temporaryFolder } from '../../keys/support/vault.js';
import { byTwos, done } from '../../operation/support/two.js';
import { houseOf, organizationIn, registerSender, vaultAsks } from '../support/line.js';
import { raisedEntries } from '../support/log.js';
import { acceptanceOf, allAccepted, deliveryOf, resultPackage } from '../support/organization.js';
import { organizationSide, transferScene, type TransferScene } from '../support/scene.js';
import { findPackage } from '../../../../src/vault/transfer/package/package.store.js';

interface Keys {
  readonly transferKey: string;
  readonly transferKeyFingerprint: string;
  readonly recipient: string;
  readonly nextTransferKey?: string;
  readonly nextTransferKeyFingerprint?: string;
}
const keysOf = (scene: TransferScene) => scene.operate('keys', {}) as Promise<Keys>;

describe('a transfer key that waits for its rotation', async () => {
  const home = temporaryFolder();
  const certificates = await houseOf(home);
  const organization = await organizationIn(home, certificates);
  const { recipient, signingKey } = organization.keys;
  const side = { ...(await organizationSide()), recipient, signingKey: createPublicKey(signingKey) };
  const tls = vaultAsks(certificates);
  const scene = await transferScene({ organization: tls }, { url: organization.address }, side);
  const { vault, transfers } = scene;
  const before = await keysOf(scene);
  registerSender(home, MUNICIPALITY, before);
  const stateOf = async (id: string) => (await transferState(vault.context, id)).state;

  test('is announced by no package before it is there', async () => {
    expect(before.nextTransferKey).toBeUndefined();
    const { packageId } = await scene.released('HTTPS');
    expect(await transfers.round()).toEqual([]);
    const { manifest } = (await findPackage(vault.context.database, packageId))!;
    expect(manifest).not.toHaveProperty('nextSigningKey');
  });

  test('is announced by the packages of the one before it, which the digest of the draft leaves out', async () => {
    const draft = await scene.draft();
    const { approvalId = '' } = done(await scene.asksAssembly(draft));
    done(await byTwos(vault).decides(scene.officer, approvalId));
    await createVersion(vault.context, 'transfer');
    done(await scene.assembles(draft, [approvalId]));
    const { sha256 } = (await scene.operate('seal', { packageId: draft.packageId })) as { sha256: string };
    const { packageId } = draft;
    const release = { ...draft, ciphertextSha256: sha256, way: 'HTTPS' } as const;
    const { approvalId: leaving = '' } = done(await scene.asksRelease(release));
    done(await byTwos(vault).decides(scene.officer, leaving));
    done(await scene.releases(release, [leaving]));
    const { manifest } = (await findPackage(vault.context.database, packageId))!;
    const told = await keysOf(scene);
    expect(told).toMatchObject(before);
    expect(manifest.nextSigningKey).toEqual({
      publicKey: told.nextTransferKey,
      fingerprint: told.nextTransferKeyFingerprint,
    });
    expect(await transfers.round()).toEqual([]);
    expect(await stateOf(packageId)).toBe('ACTIVE');
  });

  test('signs the next package, and the organization knows it without anybody reading it out', async () => {
    const { nextTransferKey } = await keysOf(scene);
    await startRotation(vault.context, 'transfer');
    const now = await keysOf(scene);
    expect(now.transferKey).toBe(nextTransferKey);
    expect(now).not.toHaveProperty('nextTransferKey');
    const { packageId } = await scene.released('HTTPS');
    expect(await transfers.round()).toEqual([]);
    expect(await stateOf(packageId)).toBe('ACTIVE');
  });

  test('falls with the key that announced it; registered by people, it counts again', async () => {
    registerSender(home, MUNICIPALITY, { ...before, transferKey: signingKey });
    const { packageId } = await scene.released('HTTPS');
    expect(await transfers.round()).toEqual([{ what: 'deliver', code: 'CONFLICT', step: 'OUTER_SIGNATURE' }]);
    registerSender(home, MUNICIPALITY, await keysOf(scene));
    expect(await transfers.round()).toEqual([]);
    expect(await stateOf(packageId)).toBe('ACTIVE');
    writeFileSync(join(home, 'organization', 'senders.json'), '[]');
    const { packageId: unknown } = await scene.released('HTTPS');
    expect(await transfers.round()).toMatchObject([{ what: 'deliver', step: 'OUTER_SIGNATURE' }]);
    expect(await stateOf(unknown)).toBe('RELEASED');
  });
});

test('a key that the organization announces is raised, and believed once two people have entered it', async () => {
  const scene = await transferScene({}, { url: 'https://127.0.0.1:1/' });
  const { side, vault } = scene;
  const { packageId, ciphertextSha256: sha } = await scene.released('HTTPS');
  const receipt = (kind: string, signed: string) => scene.operate('receipt', { packageId, kind, signed });
  await receipt('DELIVERY', await deliveryOf(side, packageId, sha));
  await receipt('ACCEPTANCE', await acceptanceOf(side, packageId, sha, allAccepted(2)));
  const next = await organizationSide();
  const publicKey = next.signingKey.export({ type: 'spki', format: 'pem' }).toString();
  const fingerprint = keyFingerprint(next.signingKey);
  const { recipient } = await keysOf(scene);
  const announcing = await resultPackage(side, recipient, packageId, {
    nextSigningKey: { publicKey, fingerprint },
  });
  const sender = '249203';
  await scene.operate('result', { folder: announcing.folder, sender });
  expect(await raisedEntries(vault, 'Transfer.keyAnnounced')).toEqual([fingerprint]);
  const following = await resultPackage({ ...side, signer: next.signer }, recipient, packageId, {
    seriesNo: 2,
  });
  await expect(scene.operate('result', { folder: following.folder, sender })).rejects.toMatchObject({
    facts: { step: 'OUTER_SIGNATURE' },
  });
});
