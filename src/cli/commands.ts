import type { Command } from 'commander';

/** Adds commands to the program. */
type Register = (to: Command) => void;

/**
 * The commands beside the processes of the house, by their names. Only what is asked for is loaded: all of it together
 * takes longer than most commands do.
 */
export const COMMANDS: readonly (readonly [names: readonly string[], load: () => Promise<Register>])[] = [
  [['demo'], async () => (await import('./demo.js')).registerDemoCommands],
  [['levies', 'receipts'], async () => (await import('./loads.js')).registerLoadCommands],
  [['numbers'], async () => (await import('./numbers.js')).registerNumbersCommand],
  [['migrate', 'ledger', 'audit'], async () => (await import('./checks.js')).registerCheckCommands],
  [['schema', 'plan'], async () => (await import('./schema.js')).registerSchemaCommands],
  [['token'], async () => (await import('./token.js')).registerTokenCommand],
  [['setup'], async () => (await import('./setup.js')).registerSetupCommand],
  [['staff'], async () => (await import('./staff.js')).registerStaffCommand],
  [['transfer'], async () => (await import('./transfer.js')).registerTransferCommands],
  [['vault', 'evidence'], async () => (await import('./vault.js')).registerVaultCommand],
  [['organization'], async () => (await import('./organization.js')).registerOrganizationCommand],
  [['intermediary'], async () => (await import('./intermediary.js')).registerIntermediaryCommand],
];

/**
 * Registers the commands that a command line may mean: all of them where it names none, so that the help is whole.
 * @param asked the first word of the command line
 */
export async function registerCommands(to: Command, asked: string | undefined): Promise<void> {
  if (asked !== undefined && to.commands.some((command) => command.name() === asked)) return;
  const named = COMMANDS.filter(([names]) => asked !== undefined && names.includes(asked));
  for (const [, load] of named.length > 0 ? named : COMMANDS) (await load())(to);
}
