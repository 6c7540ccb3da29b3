import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { transferState } from '../../../src/vault/transfer/transferState.js';
import { transferScene } from './support/scene.js';

const scene = await transferScene();
const { vault } = scene;

test('a draft is approved, assembled, sealed and released; its spool goes with the seal', async () => {
  const release = await scene.released('MEDIUM');
  const { packageId } = release;
  const state = await transferState(vault.context, packageId);
  expect(state).toMatchObject({ state: 'RELEASED', seriesNo: 1, packageDigest: release.ciphertextSha256 });
  expect(state.history.map((line) => line.state)).toEqual([
    'FROZEN',
    'APPROVED',
    'ASSEMBLED',
    'SEALED',
    'RELEASED',
  ]);
  expect(readdirSync(join(scene.folder, 'spool'))).toEqual([]);
  expect(readdirSync(join(scene.folder, 'packages'))).toEqual([`TRANSFER-${packageId}`]);
});
