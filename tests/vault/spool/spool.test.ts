import { describe, expect, test } from 'vitest';
import { openAuditLog } from '../../../src/audit/log.js';
import { runRotation, startRotation } from '../../../src/vault/keys/rotation/rotate.js';
import { destroyVersion, retireVersion } from '../../../src/vault/keys/versions.js';
import type { VaultRef } from '../../../src/vault/number/vaultRef.js';
import { openItem, storeItem } from '../../../src/vault/spool/spool.js';
import { purgeSpool } from '../../../src/vault/spool/purge.js';
import { openTestVault } from '../keys/support/vault.js';

const vault = await openTestVault();
const { context, clock, databases } = vault;
const SENTINEL = 'the content of an item of the spool';

const stored = (days = 30, text = SENTINEL): Promise<VaultRef> =>
  context.database.transaction('test.spool', (tx) =>
    storeItem(context, tx, {
      kind: 'receipt',
      plaintext: Buffer.from(text),
      eraseAfter: clock.now().add({ hours: 24 * days }),
    }),
  );
const remove = (ref: VaultRef) =>
  databases.owner.vault.run(
    'test.clean',
    ({ raw }) => raw`delete from vault.spool_item where item_ref = ${ref}`,
  );
const opened = async (ref: VaultRef) =>
  Buffer.from(await openItem(context, context.database, ref, 'receipt')).toString();

describe('an item of the spool', () => {
  test('opens as what it is, and as nothing else', async () => {
    const ref = await stored();
    expect(await opened(ref)).toBe(SENTINEL);
    await expect(openItem(context, context.database, ref, 'account')).rejects.toMatchObject({
      code: 'INTEGRITY_FAILURE',
    });
  });

  test('does not open in the place of another', async () => {
    const [one, two] = [await stored(), await stored()];
    await databases.owner.vault.run(
      'test.swap',
      ({ raw }) => raw`
      update vault.spool_item i set nonce = o.nonce, ciphertext = o.ciphertext, wrapped_dek = o.wrapped_dek,
        wrap_nonce = o.wrap_nonce
      from vault.spool_item o where i.item_ref = ${one} and o.item_ref = ${two}`,
    );
    await expect(opened(one)).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    expect(await opened(two)).toBe(SENTINEL);
    await remove(one);
  });

  test('is gone with its shred key, even from a copy of its row', async () => {
    const ref = await stored();
    await databases.owner.shred.run(
      'test.shred',
      ({ raw }) => raw`delete from shred.key where vault_ref = ${ref}`,
    );
    await expect(opened(ref)).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    await remove(ref);
  });

  test('is moved to the next version of its key, and the old one can be destroyed', async () => {
    const ref = await stored();
    await startRotation(context, 'spool');
    const dry = await runRotation(context, 'spool');
    expect(dry).toMatchObject({ state: 'done', toVersion: 2 });
    await retireVersion(context, 'spool', 1);
    await destroyVersion(context, 'spool', 1);
    expect(await opened(ref)).toBe(SENTINEL);
    expect(await startRotation(context, 'spool', { dryRun: true })).toMatchObject({ faults: [] });
  });

  test('is taken away with its shred key when its time is over, and not before', async () => {
    const [short, long] = [await stored(1), await stored(2)];
    const parts = { ...context, audit: openAuditLog(context.database) };
    clock.move({ hours: 24 });
    expect(await purgeSpool(parts, clock.now())).toBe(1);
    await expect(opened(short)).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    expect(await opened(long)).toBe(SENTINEL);
    expect(await purgeSpool(parts, clock.now())).toBe(0);
  });
});
