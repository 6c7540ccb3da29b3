import { expect, it } from 'vitest';
import { withShredKeys } from '../../../../src/vault/keys/rotation/erasing.js';
import { PATTERNED_NUMBERS } from '../../number/support/patterned.js';
import { openTestVault, write } from '../support/vault.js';
import { beginErasure } from '../support/erasure.js';

const { context, databases } = await openTestVault();

it('leaves out a record whose erasure began between its lock and the look at its shred key', async () => {
  const [first, second] = await write(context, PATTERNED_NUMBERS.slice(0, 2));
  if (first === undefined || second === undefined) throw new Error('refs');
  const rows = [{ vaultRef: first }, { vaultRef: second }];
  const keys = new Map([[first, new Uint8Array(32)]]);
  await expect(withShredKeys(databases.vault, rows, keys)).rejects.toMatchObject({
    code: 'INTEGRITY_FAILURE',
  });
  await beginErasure(databases.owner.vault, second);
  expect(await withShredKeys(databases.vault, rows, keys)).toEqual([{ vaultRef: first }]);
});
