import { Command } from 'commander';
import { expect, test } from 'vitest';
import { registerErasureCommands } from '../../src/cli/vaultErasure.js';
import { registerNumber } from '../vault/erasure/support/vault.js';
import { testVaultDatabases } from '../support/vaultDatabase.js';

const db = await testVaultDatabases();

async function type(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const asked: unknown[] = [];
  let said = '';
  const program = new Command();
  const out = { write: (text: string) => (said += text) };
  registerErasureCommands(
    program,
    (...of) => {
      asked.push(of);
      return Promise.resolve({ erasures: 3 });
    },
    { out, environment, operator: () => 'hanako' },
  );
  await program.parseAsync([...args], { from: 'user' });
  return { asked, said };
}

const entries = async () =>
  (
    await db.owner.vault.run(
      'test.entries',
      ({ raw }) => raw<{ text: string }[]>`
      select actor_id || ' ' || decision || ' ' || reason as text from audit.entry
      where coordinate = 'Vault.scrub' order by sequence`,
    )
  ).map(({ text }) => text);

test('scrub writes the tables anew, says how far it is, and leaves entries', async () => {
  const { ref } = await registerNumber(db);
  const { said } = await type(['scrub'], {
    VAULT_DATABASE_URL: db.ownerUrls.vault,
    VAULT_SHRED_DATABASE_URL: db.ownerUrls.shred,
  });
  expect(said.split('\n').slice(0, 3)).toEqual([
    '1 of 3: shred.key is written anew.',
    '2 of 3: vault.number is written anew.',
    '3 of 3: vault.number_index is written anew.',
  ]);
  expect(await entries()).toEqual(
    ['begun', 'done:shred.key', 'done:vault.number', 'done:vault.number_index'].map(
      (reason) => `operator:hanako allow ${reason}`,
    ),
  );
  const [row] = await db.vault.run('test.row', ({ raw }) => raw`select vault_ref as ref from vault.number`);
  expect(row).toEqual({ ref });
});

test('scrub as the user of the vault is refused, and that stands in the log', async () => {
  const environment = { VAULT_DATABASE_URL: db.urls.vault, VAULT_SHRED_DATABASE_URL: db.urls.shred };
  await expect(type(['scrub'], environment)).rejects.toMatchObject({ facts: { sqlstate: '42501' } });
  expect((await entries()).at(-1)).toBe('operator:hanako refuse DATABASE_ERROR');
});

test('scrub needs both addresses', async () => {
  await expect(type(['scrub'])).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
});

test('rebuild-journal asks the vault that runs', async () => {
  expect(await type(['rebuild-journal', '装置の故障', '--by', 'OFFICER-1'])).toEqual({
    asked: [['erasure.rebuildJournal', { cause: '装置の故障', by: 'OFFICER-1' }]],
    said:
      'The journal holds 3 erasures. Copy it to another machine, then open the vault.\n' +
      'No payment file is made until two other officers have compared with the bank.\n',
  });
});
