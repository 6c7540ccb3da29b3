import { expect, test } from 'vitest';
import { spoolArea } from '../../../../src/vault/transfer/result/area.js';
import { spoolOf } from '../../../../src/vault/transfer/spool/spool.store.js';
import { unwrapSpoolKey } from '../../../../src/vault/transfer/spoolKey.js';
import { transferScene } from '../support/scene.js';

const scene = await transferScene();
const { context } = scene.transfers;
const broken = { code: 'INTEGRITY_FAILURE' };

test('a data key is opened by the key that its row names, and by no other', async () => {
  const { packageId } = await scene.draft();
  const [entry] = await spoolOf(context.database, packageId);
  const { municipality } = context;
  const place = { municipality, spoolId: entry!.spoolId };
  const key = context.seal.keyRing.active('file', 0);
  expect(unwrapSpoolKey(entry!, place, key)).toHaveLength(32);
  const refused = () => unwrapSpoolKey({ ...entry!, keyId: 'file-9' }, place, key);
  expect(refused).toThrow(expect.objectContaining(broken));
});

test('an area gives back nothing from where nothing was written', () => {
  expect(() => spoolArea(context.spool).read(7)).toThrow(expect.objectContaining(broken));
});
