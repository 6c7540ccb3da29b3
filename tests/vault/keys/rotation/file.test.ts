import { expect, test } from 'vitest';
import { runRotation, startRotation } from '../../../../src/vault/keys/rotation/rotate.js';
import { destroyVersion, retireVersion } from '../../../../src/vault/keys/versions.js';
import { spoolOf } from '../../../../src/vault/transfer/spool/spool.store.js';
import { done } from '../../operation/support/two.js';
import { transferScene } from '../../transfer/support/scene.js';

const scene = await transferScene();
const { vault, transfers } = scene;
const { context } = vault;

test('files of the spool are moved to the new key without being written anew, and sealed under it', async () => {
  const draft = await scene.draft();
  const before = await spoolOf(context.database, draft.packageId);
  expect(before.map(({ keyId }) => keyId)).toEqual(['file-1', 'file-1']);
  await startRotation(context, 'file');
  expect(await runRotation(context, 'file')).toMatchObject({ state: 'done', done: 2n });
  const after = await spoolOf(context.database, draft.packageId);
  expect(after.map(({ keyId }) => keyId)).toEqual(['file-2', 'file-2']);
  expect(after.map(({ spoolId }) => spoolId)).toEqual(before.map(({ spoolId }) => spoolId));
  await retireVersion(context, 'file', 1);
  await destroyVersion(context, 'file', 1);
  done(await scene.assembled(draft));
  await scene.operate('seal', { packageId: draft.packageId });
});

test('a dry run tells of a file that does not open', async () => {
  const { packageId } = await scene.draft();
  const [entry] = await spoolOf(context.database, packageId);
  await vault.databases.owner.vault.run(
    'test.damage',
    ({ raw }) => raw`update vault.transfer_spool set wrapped = '\\x00' where spool_id = ${entry!.spoolId}`,
  );
  const { faults } = await startRotation(context, 'file', { dryRun: true });
  expect(faults).toEqual([entry!.spoolId]);
  expect(transfers.context.spool).toBeDefined();
});
