import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decrypter, identityToRecipient } from 'age-encryption';
import { expect, test } from 'vitest';
import { RESULT_LAYOUT } from '../../../../src/protocol/transfer/result.js';
import { readCsv } from '../../../../src/protocol/transfer/csv.js';
import { ageIdentityOf, ageRecipientOf } from '../../../../src/vault/transfer/result/ageKey.js';
import { transferState } from '../../../../src/vault/transfer/transferState.js';
import { acceptanceOf, allAccepted, deliveryOf, resultPackage } from '../support/organization.js';
import { raisedEntries } from '../support/log.js';
import { organizationSide, ORGANIZATION, transferScene } from '../support/scene.js';

const scene = await transferScene({}, { url: 'https://127.0.0.1:1/' });
const { vault, side, transfers } = scene;
const { recipient } = (await scene.operate('keys', {})) as { recipient: string };
const { packageId, ciphertextSha256: sha } = await scene.released('HTTPS');
const receipt = (kind: string, signed: string) => scene.operate('receipt', { packageId, kind, signed });
await receipt('DELIVERY', await deliveryOf(side, packageId, sha));
await receipt('ACCEPTANCE', await acceptanceOf(side, packageId, sha, allAccepted(2)));

const take = (folder: string) => scene.operate('result', { folder, sender: ORGANIZATION });

test('the key for results is one that age knows', async () => {
  const key = vault.context.seal.keyRing.active('result');
  expect(await identityToRecipient(ageIdentityOf(key))).toBe(ageRecipientOf(key));
  new Decrypter().addIdentity(ageIdentityOf(key));
});

test.each([
  [
    'of a sender that did not sign it',
    async () => (await resultPackage(await organizationSide(), recipient, packageId)).folder,
    'OUTER_SIGNATURE',
  ],
  [
    'that names another organization than it came from',
    async () => {
      const sender = { bodyCode: '111112', name: '他の機構' };
      return (await resultPackage(side, recipient, packageId, { sender })).folder;
    },
    'OUTER_SIGNATURE',
  ],
  [
    'with a number that is not awaited',
    async () => (await resultPackage(side, recipient, packageId, { seriesNo: 2 })).folder,
    'SERIES_GAP',
  ],
  [
    'that was sealed to somebody else',
    async () => (await resultPackage(side, side.recipient, packageId)).folder,
    'DECRYPTION',
  ],
  [
    'for another municipality',
    async () =>
      (
        await resultPackage(side, recipient, packageId, {
          recipient: {
            bodyCode: '111112',
            name: '他市',
            keyFingerprints: [(await keys()).recipientFingerprint],
          },
        })
      ).folder,
    'RECIPIENT',
  ],
  [
    'whose ciphertext was altered',
    async () => altered((await resultPackage(side, recipient, packageId)).folder),
    'CIPHERTEXT',
  ],
])('a result package %s is rejected at its step, raised, and leaves nothing', async (_, make, step) => {
  const before = (await raisedEntries(vault, 'Transfer.result')).length;
  await expect(take(await make())).rejects.toMatchObject({ code: 'PACKAGE_REJECTED', facts: { step } });
  expect((await raisedEntries(vault, 'Transfer.result')).slice(before)).toContain(step);
  expect(readdirSync(join(scene.folder, 'spool'))).toEqual([]);
});

test('one that concerns no transfer of ours is refused', async () => {
  const { folder } = await resultPackage(side, recipient, '0193b1d0-0000-7000-8000-000000000009');
  await expect(take(folder)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(readdirSync(join(scene.folder, 'spool'))).toEqual([]);
});

test('a result is kept encrypted and handed to the records side; reconciling it unlocks the end', async () => {
  const { folder, resultId } = await resultPackage(side, recipient, packageId);
  await take(folder);
  await expect(take(folder)).rejects.toMatchObject({ facts: { step: 'PACKAGE_SEEN' } });
  const [result] = await transfers.results('');
  expect(result).toMatchObject({ resultId, packageId, seriesNo: 1, final: false });
  expect(await transfers.results(resultId)).toEqual([]);
  const rows = [];
  const name = '22_collections.csv';
  const bytes = async function* () {
    yield await transfers.resultPart(resultId, name, 0, 'worker');
  };
  for await (const row of readCsv(name, RESULT_LAYOUT[name], bytes())) rows.push(row);
  expect(rows).toMatchObject([{ caseNo: 'D-000001', lineNo: 1, amount: 20_000n }]);
  expect(await transfers.resultPart(resultId, name, 1, 'worker')).toHaveLength(0);
  const spool = readdirSync(join(scene.folder, 'spool'));
  expect(spool).toHaveLength(2);
  for (const file of spool)
    expect(readFileSync(join(scene.folder, 'spool', file)).includes('D-000001')).toBe(false);

  await transfers.reconciled(packageId, 'd'.repeat(64), 'service:worker');
  expect((await transferState(vault.context, packageId)).state).toBe('RECONCILED');
  const period = { from: '2027-01-01', until: '2027-03-31', final: true };
  const digest = result!.digest;
  const last = await resultPackage(side, recipient, packageId, {
    seriesNo: 2,
    previousPackageDigest: digest,
    period,
  });
  await take(last.folder);
  await transfers.reconciled(packageId, 'e'.repeat(64), 'service:worker');
  const { state, history } = await transferState(vault.context, packageId);
  expect(state).toBe('CLOSED');
  expect(history.slice(-5).map((line) => line.state)).toEqual([
    'RESULT_RECEIVED',
    'RECONCILED',
    'RESULT_RECEIVED',
    'RECONCILED',
    'CLOSED',
  ]);
});

test('what is due is erased with a record that the vault signs; manifest and receipts stay', async () => {
  await transfers.round();
  expect(readdirSync(join(scene.folder, 'packages'))).toEqual([`TRANSFER-${packageId}`]);
  vault.clock.move(91 * 24 * 60 * 60_000);
  expect(await transfers.round()).toEqual([]);
  expect(readdirSync(join(scene.folder, 'packages'))).toEqual([]);
  expect(readdirSync(join(scene.folder, 'spool'))).toEqual([]);
  const [row] = await vault.databases.owner.vault.run(
    'test.erasure',
    ({ raw }) => raw<{ signed: string }[]>`select signed from vault.transfer_erasure`,
  );
  const claims = JSON.parse(Buffer.from(row!.signed.split('.')[1]!, 'base64url').toString('utf8')) as object;
  expect(claims).toMatchObject({
    packageId,
    cases: 2,
    ciphertextSha256: sha,
    spoolFiles: 4,
    reason: 'ERASE_BY',
  });
  expect((await transferState(vault.context, packageId)).receipts).toHaveLength(2);
});

async function keys() {
  return (await scene.operate('keys', {})) as { recipientFingerprint: string };
}

function altered(folder: string): string {
  const path = join(folder, 'package.age');
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
  return folder;
}
