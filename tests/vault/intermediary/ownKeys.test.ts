import { expect, test } from 'vitest';
import { ownKeysOf } from '../../../src/vault/intermediary/ownKeys.js';
import { startRotation } from '../../../src/vault/keys/rotation/rotate.js';
import { openTestVault } from '../keys/support/vault.js';

const { context, databases } = await openTestVault();
const ring = context.seal.keyRing;
const names = () => ring.verifying('intermediary').keys.map(({ kid }) => kid);

test('the newest key is published first, and the oldest that the other side knows makes it known', async () => {
  const before = ownKeysOf(ring);
  await startRotation(context, 'intermediary');
  const after = ownKeysOf(ring);
  expect(names()).toEqual(['intermediary-2', 'intermediary-1']);
  expect(after.published.slice(1)).toEqual(before.published);
  expect(after.oldest.equals(before.oldest)).toBe(true);
  expect(after.oldest.equals(ring.active('intermediary').privateKey)).toBe(false);
});

test('a key that others know is published no more', async () => {
  await startRotation(context, 'intermediary', { compromised: true });
  expect(names()).toEqual(['intermediary-3', 'intermediary-1']);
  expect(ownKeysOf(ring).published).toHaveLength(2);
});

test('a register that lost its keys is damaged, and nothing is signed', async () => {
  await databases.owner.vault.run(
    'test.lost',
    ({ raw }) => raw`delete from vault.key where class = 'intermediary'`,
  );
  await ring.reload();
  expect(() => ownKeysOf(ring)).toThrow(expect.objectContaining({ code: 'INTEGRITY_FAILURE' }));
});
