import { createPublicKey } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assertSignature, parseJws } from '../../../../src/kernel/token/jws.js';
import { eraseDue } from '../../../../src/vault/transfer/erasure/erase.js';
import { TRANSFER_ERASURE_TYPE } from '../../../../src/vault/transfer/erasure/claims.js';
import { transferScene } from '../support/scene.js';

const scene = await transferScene();
const { vault, transfers } = scene;

test('a transfer that was given up leaves nothing but a signed record, once', async () => {
  const { packageId } = await scene.released('MEDIUM');
  await scene.operate('abort', { packageId, reason: '取下げ' });
  expect(readdirSync(join(scene.folder, 'packages'))).toEqual([]);
  await expect(scene.operate('medium', { packageId })).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(await eraseDue(transfers.context)).toEqual([packageId]);
  expect(await eraseDue(transfers.context)).toEqual([]);
  const [row] = await vault.databases.owner.vault.run(
    'test.record',
    ({ raw }) => raw<{ signed: string }[]>`select signed from vault.transfer_erasure`,
  );
  const record = parseJws(row!.signed, [TRANSFER_ERASURE_TYPE]);
  const { keys } = vault.context.seal.keyRing.verifying();
  const jwk = keys.find(({ kid }) => kid === record.kid)!;
  assertSignature(record, createPublicKey({ key: { ...jwk }, format: 'jwk' }));
  expect(record.claims).toMatchObject({ packageId, reason: 'ABORTED', cases: 2, method: 'cryptoErase' });
});

test('one that is still on its way is not touched', async () => {
  const { packageId } = await scene.released('MEDIUM');
  vault.clock.move(400 * 24 * 60 * 60_000);
  expect(await eraseDue(transfers.context)).toEqual([]);
  expect(readdirSync(join(scene.folder, 'packages'))).toEqual([`TRANSFER-${packageId}`]);
});

test('a draft that was given up before it was assembled has a record of nothing', async () => {
  const { packageId } = await scene.draft();
  await scene.operate('abort', { packageId, reason: '取下げ' });
  expect(await eraseDue(transfers.context)).toEqual([packageId]);
  const [row] = await vault.databases.owner.vault.run(
    'test.record',
    ({ raw }) => raw<{ signed: string }[]>`
    select signed from vault.transfer_erasure where package_id = ${packageId}`,
  );
  expect(parseJws(row!.signed, [TRANSFER_ERASURE_TYPE]).claims).toMatchObject({
    cases: 0,
    ciphertextSha256: null,
  });
});
