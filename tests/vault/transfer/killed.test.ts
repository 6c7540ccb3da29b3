import { createPublicKey } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Database } from '../../../src/kernel/database/database.js';
import { openDraft } from '../../../src/vault/transfer/draft/draft.js';
import { sealPackage } from '../../../src/vault/transfer/package/seal.js';
import { Transfers } from '../../../src/vault/transfer/transfers.js';
import { transferState } from '../../../src/vault/transfer/transferState.js';
import { MUNICIPALITY, temporaryFolder } from '../keys/support/vault.js';
import { byTwos, done } from '../operation/support/two.js';
import { houseOf, organizationIn, registerSender, vaultAsks } from './support/line.js';
import {
  draftOf,
  newPackageId,
  organizationSide,
  putFile,
  taxpayerCsv,
  transferScene,
} from './support/scene.js';

const home = temporaryFolder();
const certificates = await houseOf(home);
const organization = await organizationIn(home, certificates);
const { recipient, signingKey } = organization.keys;
const side = { ...(await organizationSide()), recipient, signingKey: createPublicKey(signingKey) };
const settings = { organization: vaultAsks(certificates) };
const scene = await transferScene(settings, { url: organization.address }, side);
const { vault, folder } = scene;
registerSender(home, MUNICIPALITY, (await scene.operate('keys', {})) as never);

class Killed extends Error {}

/** A database whose process dies when a transaction of a name would commit, or right after its commit. */
function dyingAt(name: string, when: 'before' | 'after'): Database {
  const { database } = vault.context;
  return {
    run: (statement, work) => database.run(statement, work),
    close: () => database.close(),
    transaction: async (asked, work) => {
      const result = await database.transaction(asked, async (tx) => {
        const worked = await work(tx);
        if (asked === name && when === 'before') throw new Killed();
        return worked;
      });
      if (asked === name) throw new Killed();
      return result;
    },
  };
}

/** A database for whose vault the disk of packages is full when a transaction of a name would write to it. */
function fullAt(name: string): Database {
  const { database } = vault.context;
  return {
    run: (statement, work) => database.run(statement, work),
    close: () => database.close(),
    transaction: (asked, work) =>
      asked === name
        ? Promise.reject(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' }))
        : database.transaction(asked, work),
  };
}

/** Transfers of a process that was started anew on the same databases and folder. */
async function restarted(database = vault.context.database): Promise<Transfers> {
  const transfers = new Transfers({ ...vault.context, database }, { ...settings, folder });
  await transfers.begin();
  return transfers;
}

async function assembled(): Promise<{ packageId: string; draftDigest: string }> {
  const draft = await scene.draft();
  done(await scene.assembled(draft));
  return draft;
}

async function release(packageId: string, draftDigest: string): Promise<void> {
  const { packageDigest = '' } = await transferState(vault.context, packageId);
  const body = { packageId, draftDigest, ciphertextSha256: packageDigest, way: 'HTTPS' } as const;
  const { approvalId = '' } = done(await scene.asksRelease(body));
  done(await byTwos(vault).decides(scene.officer, approvalId));
  done(await scene.releases(body, [approvalId]));
}

const spool = () => readdirSync(join(folder, 'spool'));
const packages = () => readdirSync(join(folder, 'packages'));
const held = () => readdirSync(join(home, 'organization', 'packages'));
const stateOf = async (packageId: string) => (await transferState(vault.context, packageId)).state;

describe('a vault that is killed', () => {
  test('while a file comes in has nothing of it when it is back', async () => {
    const transfers = await restarted();
    const packageId = newPackageId();
    await openDraft(transfers.context, draftOf({ draftId: packageId }), 'service:worker');
    const { uploads } = transfers;
    for await (const piece of taxpayerCsv(2)) await uploads.part(packageId, '01_taxpayer.csv', 0, piece);
    expect(spool()).toHaveLength(1);
    const again = await restarted();
    expect(spool()).toEqual([]);
    await transfers.close();
    await expect(again.uploads.end(packageId, '01_taxpayer.csv', 1, 'x')).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await expect(putFile(again, packageId, '01_taxpayer.csv', taxpayerCsv(2))).resolves.toMatchObject({
      rows: 2,
    });
    await scene.operate('abort', { packageId, reason: '試験' });
  });

  test.each(['before', 'after'] as const)(
    'while it seals, %s the commit, seals one package when it is back',
    async (when) => {
      const { packageId } = await assembled();
      const dying = await restarted(dyingAt('vault.transfer.sealed', when));
      await expect(sealPackage(dying.context, packageId, 'vault')).rejects.toThrow(Killed);
      expect(packages()).toContain(`TRANSFER-${packageId}`);
      const back = await restarted();
      const { outer } = await sealPackage(back.context, packageId, 'vault');
      expect(await stateOf(packageId)).toBe('SEALED');
      expect(spool()).toEqual([]);
      const { packageDigest } = await transferState(vault.context, packageId);
      expect(packageDigest).toBe(outer.ciphertext.sha256);
      await scene.operate('abort', { packageId, reason: '試験' });
    },
  );

  test('or whose disk is full, tells of that, and seals one package when there is room', async () => {
    const { packageId } = await assembled();
    const full = await restarted(fullAt('vault.transfer.sealed'));
    expect(await full.round()).toEqual([{ what: 'seal', code: 'STORAGE_FULL' }]);
    expect(await (await restarted()).round()).toEqual([]);
    expect(await stateOf(packageId)).toBe('SEALED');
    await scene.operate('abort', { packageId, reason: '試験' });
  });

  test.each(['before', 'after'] as const)(
    'while it hands a package over, %s the commit, hands over no second one',
    async (when) => {
      const { packageId, draftDigest } = await assembled();
      await scene.operate('seal', { packageId });
      await release(packageId, draftDigest);
      const dying = await restarted(dyingAt('vault.transfer.receipt', when));
      expect((await dying.round()).map(({ what }) => what)).toContain('deliver');
      expect(held()).toContain(packageId);
      const back = await restarted();
      expect(await back.round()).toEqual([]);
      expect(await stateOf(packageId)).toBe('ACTIVE');
      expect(held().filter((id) => id === packageId)).toHaveLength(1);
      expect((await transferState(vault.context, packageId)).receipts).toHaveLength(2);
    },
  );
});
