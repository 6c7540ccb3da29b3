import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { readVaultConfiguration } from '../config/vault.js';
import { KuramoriError } from '../kernel/errors.js';
import type { VaultStatus } from '../vault/administration.js';
import type { FeedStanding } from '../vault/staff/feedStanding.js';
import { callAdministration } from '../vault/http/adminClient.js';
import { readEntryFile } from './entryFile.js';
import { registerEvidenceCommand } from './evidence.js';
import { houseHome } from './house/home.js';
import { houseVaultSocket, operatorName } from './house/vaultSocket.js';
import { askPassphrases } from './passphrase.js';
import { runUntilStopped } from './untilStopped.js';
import { registerAnalysisCommands } from './vaultAnalysis.js';
import { registerBreakGlassCommands } from './vaultBreakGlass.js';
import { registerErasureCommands } from './vaultErasure.js';
import { registerIntermediaryCommands } from './vaultIntermediary.js';
import { registerKeyCommands } from './vaultKeys.js';
import { registerLogCommand } from './vaultLog.js';
import { registerPaymentCommands } from './vaultPayments.js';
import { registerRegisterCommand } from './vaultRegister.js';
import { registerRetentionCommands } from './vaultRetention.js';
import { registerTransferCommands } from './vaultTransfer.js';

/** `kuramori vault` and `kuramori evidence`: the vault, and what an operator asks of the one that runs. */
export function registerVaultCommand(program: Command): void {
  const vault = program
    .command('vault')
    .description('run the vault of individual numbers; with a command: administer the one that runs here')
    .action(() => runVault(process.env));
  vault
    .command('init')
    .description('make the keys of an empty vault; it is sealed afterwards')
    .option('--make-key', 'make the key in the file or the token that seals it, where there is none')
    .action((options: { makeKey?: true }) => initialise(options.makeKey === true));
  vault
    .command('open')
    .description('open the sealed vault; a passphrase is asked for, or read from standard input')
    .action(open);
  vault.command('seal').description('seal the vault: no key stays in memory').action(seal);
  vault.command('status').description('state of the vault, and why it is not ready').action(status);
  vault
    .command('anchor')
    .description(
      'the public keys by which front ends know this vault (JWK set): ship it with them, anew before a rotation of ' +
        'the class certificate',
    )
    .action(anchor);
  vault
    .command('clock <cause>')
    .description('state why the clock was wrong and that it is right now, so that work goes on')
    .action(acceptClock);
  vault
    .command('staff <command> <file>')
    .description(
      'the vault’s own register: feed, person, terminal, credential, factor, unlock, revoke, revokeTerminal, grant, ' +
        'approve, confirm, withdraw; the entry is JSON in a file, or - for standard input',
    )
    .action(enterStaff);
  registerRegisterCommand(vault, () => socketPath(process.env));
  registerKeyCommands(vault, ask);
  registerRetentionCommands(vault, ask);
  registerAnalysisCommands(vault, ask);
  registerPaymentCommands(vault, ask);
  registerBreakGlassCommands(vault, ask);
  registerIntermediaryCommands(vault, ask);
  registerLogCommand(vault, ask);
  const { env: environment, stdout: out } = process;
  registerErasureCommands(vault, ask, { out, environment, operator: operatorName });
  registerEvidenceCommand(program, ask);
  registerTransferCommands(vault, ask);
}

/** Runs the vault until it is told to stop. */
export async function runVault(environment: NodeJS.ProcessEnv): Promise<void> {
  // Whatever this process makes is for its own account.
  process.umask(0o077);
  const configuration = readVaultConfiguration(environment);
  const { processState } = await import('../vault/startup.js');
  const { startVault } = await import('../vault/start.js');
  const state = processState(configuration, environment['NODE_OPTIONS'] ?? '');
  await runUntilStopped(await startVault(configuration, state));
}

async function initialise(makeKey: boolean): Promise<void> {
  const { method } = await readStatus();
  const [passphrase] = method === 'passphrase' ? await askPassphrases(['new']) : [];
  await ask('init', { ...(passphrase && { passphrase }), ...(makeKey ? { makeKey } : {}) });
  process.stdout.write('The vault has its keys and is sealed. Open it with kuramori vault open.\n');
}

async function open(): Promise<void> {
  const { method } = await readStatus();
  const [passphrase] = method === 'passphrase' ? await askPassphrases(['present']) : [];
  await ask('open', passphrase === undefined ? {} : { passphrase });
  process.stdout.write('The vault is open.\n');
}

async function seal(): Promise<void> {
  await ask('seal');
  process.stdout.write('The vault is sealed.\n');
}

async function status(): Promise<void> {
  const { state, method, municipality, failures, ready, code, clockFault, personnelFeed } =
    await readStatus();
  const lines = [
    `state         ${state}`,
    `opened by     ${method}`,
    `municipality  ${municipality}`,
    `ready         ${ready ? 'yes' : `no, ${code}`}`,
    ...(failures > 0 ? [`failures      ${failures} since it was opened last`] : []),
    ...(clockFault === undefined ? [] : [`clock         not trusted: ${clockFault}`]),
    ...(personnelFeed === undefined ? [] : [`staff feed    ${feedText(personnelFeed)}`]),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** 人事情報の受領の状況, in a line. */
export function feedText({ state, asOf, stopsOn }: FeedStanding): string {
  if (state === 'never') return 'none has arrived yet';
  const grants =
    state === 'stopped' ? `no grant is given since ${stopsOn}` : `grants stop on ${stopsOn} without another`;
  return `${state}, as of ${asOf}; ${grants}`;
}

async function anchor(): Promise<void> {
  process.stdout.write(`${JSON.stringify(await ask('anchor'), null, 2)}\n`);
}

async function acceptClock(cause: string): Promise<void> {
  await ask('clock', { cause });
  process.stdout.write('The clock is taken as it is from now on.\n');
}

async function enterStaff(command: string, file: string): Promise<void> {
  const result = await ask(`staff.${command}`, readEntryFile(file));
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
}

async function readStatus(): Promise<VaultStatus> {
  return (await ask('status')) as VaultStatus;
}

function ask(command: string, input: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
  return callAdministration(socketPath(process.env), command, input, operatorName());
}

/** The socket that is named, or that of the house. */
function socketPath(environment: NodeJS.ProcessEnv): string {
  const path = environment['KURAMORI_VAULT_SOCKET'] ?? houseVaultSocket(houseHome(environment));
  if (existsSync(path)) return path;
  throw new KuramoriError(
    'VAULT_UNAVAILABLE',
    'No vault runs here. Start it, or name its socket in KURAMORI_VAULT_SOCKET.',
  );
}
