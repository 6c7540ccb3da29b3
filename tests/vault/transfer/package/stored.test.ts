import { expect, test } from 'vitest';
import { filesDigest } from '../../../../src/vault/transfer/convert/convert.store.js';
import { assembleContent } from '../../../../src/vault/transfer/package/content.js';
import {
  findPackage,
  findSealed,
  requirePackage,
} from '../../../../src/vault/transfer/package/package.store.js';
import { ageRecipientOf } from '../../../../src/vault/transfer/result/ageKey.js';
import { resultsAfter } from '../../../../src/vault/transfer/result/result.store.js';
import { acceptanceOf, allAccepted, deliveryOf, resultPackage } from '../support/organization.js';
import { caseNo, newPackageId, ORGANIZATION, transferScene } from '../support/scene.js';

const scene = await transferScene({}, { url: 'https://127.0.0.1:1/' });
const { vault, side } = scene;
const { database } = vault.context;
const broken = { code: 'INTEGRITY_FAILURE' };
const { packageId, ciphertextSha256: sha256 } = await scene.released('HTTPS');

/** Somebody who owns the database writes over what the vault keeps. */
async function writtenOver(table: string, column: string): Promise<void> {
  await vault.databases.owner.vault.run('test.over', ({ raw }) =>
    raw.unsafe(`do $$ begin
      alter table vault.${table} disable trigger ${table}_stays;
      update vault.${table} set ${column} = '{}';
      alter table vault.${table} enable always trigger ${table}_stays;
    end $$`),
  );
}

test('a package that nobody assembled is not there', async () => {
  await expect(requirePackage(database, newPackageId())).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a result whose manifest was written over is not handed on', async () => {
  const { recipient } = (await scene.operate('keys', {})) as { recipient: string };
  const receipt = (kind: string, signed: string) => scene.operate('receipt', { packageId, kind, signed });
  await receipt('DELIVERY', await deliveryOf(side, packageId, sha256));
  await receipt('ACCEPTANCE', await acceptanceOf(side, packageId, sha256, allAccepted(2)));
  const { folder } = await resultPackage(side, recipient, packageId);
  await scene.operate('result', { folder, sender: ORGANIZATION });
  expect(await resultsAfter(database, '')).toHaveLength(1);
  await writtenOver('transfer_result', 'manifest');
  await expect(resultsAfter(database, '')).rejects.toMatchObject(broken);
});

test('an outer record or a manifest that was written over is not believed', async () => {
  await expect(findSealed(database, packageId)).resolves.toBeDefined();
  await writtenOver('transfer_sealed', 'outer_record');
  await expect(findSealed(database, packageId)).rejects.toMatchObject(broken);
  await expect(findPackage(database, packageId)).resolves.toBeDefined();
  await writtenOver('transfer_package', 'manifest');
  await expect(findPackage(database, packageId)).rejects.toMatchObject(broken);
});

test('digests of files and of subjects do not depend on the order in which they come', () => {
  const files = ['b.csv', 'a.csv', 'c.csv'].map((name) => ({
    name,
    bytes: 1,
    rows: 1,
    sha256: 'a'.repeat(64),
  }));
  expect(filesDigest(files)).toBe(filesDigest(files.toReversed()));
  const subjects = [2, 1, 3].map((at) => ({ caseNo: caseNo(at), ref: `vr_${at}` as never }));
  const content = (named: typeof subjects) =>
    assembleContent(
      { purpose: 'REFUND', basis: 'NUMBER-ACT-9-1-24' },
      { packageId, draftDigest: sha256, subjects: named },
      { recipient: ORGANIZATION },
    );
  expect(content(subjects)).toEqual(content(subjects.toReversed()));
});

test('a key of another length is written as no recipient', () => {
  const publicJwk = { x: Buffer.alloc(31).toString('base64url') } as never;
  expect(() => ageRecipientOf({ publicJwk })).toThrow(expect.objectContaining(broken));
});
