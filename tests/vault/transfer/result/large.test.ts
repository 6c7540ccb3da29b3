import { expect, test } from 'vitest';
import { TRANSFER_PART_BYTES_MAX } from '../../../../src/kernel/limits.js';
import { acceptanceOf, allAccepted, deliveryOf, resultPackage } from '../support/organization.js';
import { ORGANIZATION, transferScene } from '../support/scene.js';

const COLLECTIONS = 8_000;
const scene = await transferScene({}, { url: 'https://127.0.0.1:1/' });
const { side, transfers } = scene;

test('a file of a result that is larger than a part is read part by part', async () => {
  const { recipient } = (await scene.operate('keys', {})) as { recipient: string };
  const { packageId, ciphertextSha256: sha256 } = await scene.released('HTTPS');
  const receipt = (kind: string, signed: string) => scene.operate('receipt', { packageId, kind, signed });
  await receipt('DELIVERY', await deliveryOf(side, packageId, sha256));
  await receipt('ACCEPTANCE', await acceptanceOf(side, packageId, sha256, allAccepted(2)));
  const { folder, resultId } = await resultPackage(side, recipient, packageId, {}, COLLECTIONS);
  await scene.operate('result', { folder, sender: ORGANIZATION });
  const parts: Buffer[] = [];
  for (let part = 0; parts.at(-1)?.length !== 0; part += 1)
    parts.push(await transfers.resultPart(resultId, '22_collections.csv', part, 'worker'));
  expect(parts.slice(0, -2).map(({ length }) => length)).toEqual([TRANSFER_PART_BYTES_MAX]);
  expect(Buffer.concat(parts).toString('utf8').trimEnd().split('\n')).toHaveLength(COLLECTIONS + 1);
});
