import { expect, test, vi } from 'vitest';
import { VaultService } from '../../src/vault/opening.js';
import { fileKeyService } from '../../src/vault/seal/file.js';
import { testService } from './operation/support/vault.js';

const { context, keyFile, databases } = await testService();
const { owner } = databases;

/** Does work while what an opening writes or reads waits for somebody else. */
function whileHeld(lock: string, work: () => Promise<void>): Promise<void> {
  return owner.vault.transaction('test.hold', async (tx) => {
    await tx.run('test.hold', ({ raw }) => raw.unsafe(lock));
    await work();
  });
}
const somebodyWaits = () =>
  vi.waitUntil(
    async () =>
      (await owner.vault.run('test.waits', ({ raw }) => raw`select from pg_locks where not granted`)).length >
      0,
    { interval: 5 },
  );

test('a vault that was sealed while it was opened is in service, opened again, only once all is done', async () => {
  context.seal.seal();
  const vault = new VaultService(context);
  const outcome: Promise<unknown>[] = [];
  await whileHeld('select from audit.head for update', async () => {
    outcome.push(vault.open(fileKeyService(keyFile), 'hanako').catch((error: unknown) => error));
    await somebodyWaits();
    outcome.push(vault.seal('taro'));
  });
  expect(await outcome[0]).toMatchObject({ code: 'VAULT_SEALED' });
  await outcome[1];
  expect(vault.inService).toBe(false);
  // What a restored backup brought back is erased before anybody is let in.
  await whileHeld('lock table vault.erasure in access exclusive mode', async () => {
    outcome.push(vault.open(fileKeyService(keyFile), 'hanako'));
    await somebodyWaits();
    expect(context.seal.state).toBe('open');
    expect(vault.inService).toBe(false);
  });
  await outcome[2];
  expect(vault.inService).toBe(true);
});
