import { expect, it } from 'vitest';
import type { Database } from '../../../src/kernel/database/database.js';
import { RegistrationJob } from '../../../src/vault/registration/job.js';
import type { VaultRef } from '../../../src/vault/number/vaultRef.js';
import { endTask } from '../../../src/vault/retention/task.js';
import { revokeNow } from '../../../src/vault/staff/revokeNow.js';
import { PATTERNED_NUMBERS } from '../number/support/patterned.js';
import { byTwos } from '../operation/support/two.js';
import { testService } from '../operation/support/vault.js';
import { fileOf } from './support.js';

const vault = await testService();
const officer = await vault.officer('P-0100', { role: 'unitOfficer' });
const { approved } = byTwos(vault);
const chunk = `000000000000001,${PATTERNED_NUMBERS[0]}\n`;

/** A database in which somebody does something just before each transaction, after everything was looked at. */
function meanwhile(database: Database, work: () => Promise<unknown>): Database {
  return {
    run: (statement, run) => database.run(statement, run),
    transaction: async (name, run) => {
      await work();
      return database.transaction(name, run);
    },
    close: () => database.close(),
  };
}

it.each([0, 1])(
  'a withdrawal that comes before the transaction %d of a file stops it',
  async (transaction) => {
    const personId = `P-200${transaction}`;
    const clerk = await vault.person(personId, ['register'], `T-050${transaction}`);
    const approvalId = await approved(clerk, officer, fileOf([chunk], 1));
    const { database } = vault.context;
    let transactions = 0;
    const revoking = meanwhile(database, async () => {
      if (transactions === transaction)
        await database.transaction('test.revoke', (tx) => revokeNow(tx, personId, vault.clock.now()));
      transactions += 1;
    });
    const job = await RegistrationJob.begin(
      { ...vault.context, database: revoking },
      { personId, approvalId },
      { operator: 'hanako', jobId: 'J-1' },
    );
    job.read(Buffer.from(chunk));
    expect(await job.approve()).toBe(1);
    const working = async () => {
      await job.register(0, Buffer.from(chunk));
      await job.end();
    };
    const withdrawn = { code: 'DUAL_CONTROL_REQUIRED', facts: { rule: 'withdrawn' } };
    await expect(working()).rejects.toMatchObject(withdrawn);
    const numbers = await vault.databases.owner.vault.run(
      'test.numbers',
      ({ raw }) => raw`select from vault.number`,
    );
    expect(numbers).toHaveLength(transaction);
  },
);

it('lets no number go that is registered again', async () => {
  const clerk = await vault.person('P-2010', ['register'], 'T-0510');
  const { database } = vault.context;
  const registerFile = async () => {
    const approvalId = await approved(clerk, officer, fileOf([chunk], 1));
    const registrant = { personId: 'P-2010', approvalId };
    const job = await RegistrationJob.begin(vault.context, registrant, { operator: 'hanako', jobId: 'J-2' });
    job.read(Buffer.from(chunk));
    await job.approve();
    const { lines } = await job.register(0, Buffer.from(chunk));
    await job.end();
    return (lines[0] as { readonly ref: VaultRef }).ref;
  };
  const ref = await registerFile();
  const retention = async () => {
    const [row] = await database.run(
      'test.retention',
      ({ raw }) => raw<{ day: string | null }[]>`
      select retention_ends_on as day from vault.number where vault_ref = ${ref}`,
    );
    return row?.day;
  };
  const end = { refs: [ref], purpose: 'REFUND', caseRef: 'C-1', reason: '完納' } as const;
  await database.transaction('test.end', (tx) =>
    endTask(
      tx,
      { ...end, retentionClass: 'TAX_LEDGER', endedOn: '2026-11-01' },
      { by: 'P-2010', at: vault.clock.now() },
    ),
  );
  expect(await retention()).toBe('2031-11-02');
  expect(await registerFile()).toBe(ref);
  expect(await retention()).toBeNull();
});
