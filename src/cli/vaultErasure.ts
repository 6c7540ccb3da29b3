import type { Command } from 'commander';
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
    .action(async () => (await import('./vaultScrub.js')).scrub(terminal));
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
