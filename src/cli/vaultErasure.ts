import type { Command } from 'commander';
import { openAuditLog } from '../audit/log.js';
import { systemClock } from '../kernel/clock.js';
import { SCRUBBED_TABLES, scrubErased } from '../vault/erasure/scrub.js';
import { loggedCommand } from '../vault/operatorLog.js';
import { asVaultOwner } from './vaultOwner.js';
import type { AskVault } from './vaultKeys.js';

/** Where the commands are typed, by whom. */
export interface ErasureTerminal {
  readonly out: { write(text: string): unknown };
  readonly environment: NodeJS.ProcessEnv;
  /** Name of the account that types. */
  readonly operator: () => string;
}

/** `kuramori vault scrub`, `kuramori vault rebuild-journal`. */
export function registerErasureCommands(vault: Command, ask: AskVault, terminal: ErasureTerminal): void {
  vault
    .command('scrub')
    .description(
      'write the tables that held erased numbers anew, so that no page of their files has a byte of them; locks each ' +
        'meanwhile. As the owner of both databases of the vault',
    )
    .action(() => scrub(terminal));
  vault
    .command('rebuild-journal <cause>')
    .description(
      'make a lost erasure journal anew from the table of erasures, of a vault that is sealed; the cause stands in ' +
        'the log, and nothing is paid until two other officers have compared with the bank',
    )
    .requiredOption('--by <id>', 'the officer who has decided it')
    .action(async (cause: string, { by }: { readonly by: string }) => {
      const { erasures } = (await ask('erasure.rebuildJournal', { cause, by })) as { erasures: number };
      terminal.out.write(
        `The journal holds ${erasures} erasures. Copy it to another machine, then open the vault.\n` +
          'No payment file is made until two other officers have compared with the bank.\n',
      );
    });
}

async function scrub({ out, environment, operator }: ErasureTerminal): Promise<void> {
  await asVaultOwner(environment, 'shred', (shred) =>
    asVaultOwner(environment, 'vault', async (vault) => {
      const audit = openAuditLog(vault);
      try {
        await loggedCommand({ audit, clock: systemClock }, 'Vault.scrub', operator(), async (log) => {
          await log.alone('begun');
          let tables = 0;
          await scrubErased({ vault, shred }, async (table) => {
            tables += 1;
            await log.alone(`done:${table}`);
            out.write(`${tables} of ${SCRUBBED_TABLES.length}: ${table} is written anew.\n`);
          });
        });
      } finally {
        await audit.close();
      }
    }),
  );
  out.write('Take a new base backup: older ones and their archived log hold the old pages.\n');
}
