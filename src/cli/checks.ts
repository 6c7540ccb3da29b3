import type { Command } from 'commander';
import { checkAuditLog } from '../audit/check.js';
import { verifyLedger } from '../collection/ledger/ledger.verify.js';
import { migrate } from '../kernel/database/migrations.js';
import { KuramoriError } from '../kernel/errors.js';
import { RECORDS_MIGRATIONS } from '../kernel/paths.js';
import { withRecords } from './house/home.js';

/** `kuramori migrate`, `kuramori ledger verify`, `kuramori audit check`. */
export function registerCheckCommands(program: Command): void {
  program
    .command('migrate')
    .description('apply pending migrations, as the owner of the records database')
    .action(async () => {
      const applied = await withRecords(process.env, 'owner', (database) =>
        migrate(database, RECORDS_MIGRATIONS),
      );
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
