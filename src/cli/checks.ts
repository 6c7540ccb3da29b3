import { Option, type Command } from 'commander';
import { checkAuditLog } from '../audit/check.js';
import { verifyLedger } from '../collection/ledger/ledger.verify.js';
import { migrate } from '../kernel/database/migrations.js';
import { KuramoriError } from '../kernel/errors.js';
import { RECORDS_MIGRATIONS, SHRED_MIGRATIONS, VAULT_MIGRATIONS } from '../kernel/paths.js';
import { withRecords } from './house/records.js';
import { asVaultOwner } from './vaultOwner.js';

const VAULT_PARTS = { vault: VAULT_MIGRATIONS, shred: SHRED_MIGRATIONS } as const;

/** `kuramori migrate`, `kuramori ledger verify`, `kuramori audit check`. */
export function registerCheckCommands(program: Command): void {
  program
    .command('migrate')
    .description('apply pending migrations, as the owner of the records database')
    .addOption(
      new Option('--of <database>', 'or as the owner of one of the vault, which its address then names')
        .choices(['records', 'vault', 'shred'])
        .default('records'),
    )
    .action(async ({ of }: { readonly of: 'records' | 'vault' | 'shred' }) => {
      const applied =
        of === 'records'
          ? await withRecords(process.env, 'owner', (database) => migrate(database, RECORDS_MIGRATIONS))
          : await asVaultOwner(process.env, of, (database) => migrate(database, VAULT_PARTS[of]));
      process.stdout.write(
        applied.length === 0 ? 'Nothing was pending.\n' : `Applied: ${applied.join(', ')}\n`,
      );
    });
  program
    .command('ledger')
    .description('the ledger')
    .command('verify')
    .description('rebuild every balance from the journals and compare')
    .action(async () => {
      const found = await withRecords(process.env, 'owner', verifyLedger);
      report('ledger', found, found.sound);
    });
  program
    .command('audit')
    .description('the audit log')
    .command('check')
    .description('check that the log has no gap and agrees with its index')
    .action(async () => {
      const found = await withRecords(process.env, 'owner', checkAuditLog);
      report('audit log', found, found.clean);
    });
}

/** Prints what a check found. @throws KuramoriError CONFLICT when it found differences */
function report(what: string, found: unknown, clean: boolean): void {
  process.stdout.write(
    `${JSON.stringify(found, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 2)}\n`,
  );
  if (!clean) throw new KuramoriError('CONFLICT', `The ${what} has differences, listed above.`);
}
