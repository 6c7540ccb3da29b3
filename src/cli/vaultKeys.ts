import { Argument, Option, type Command } from 'commander';
import { SEAL_METHODS } from '../config/vault.js';
import { dayInJapan, Temporal } from '../kernel/dates.js';
import { KuramoriError } from '../kernel/errors.js';
import { ROTATION_FAULTS_LISTED_MAX } from '../kernel/limits.js';
import type { VaultStatus } from '../vault/administration.js';
import type { CheckedBatch, ToldPlan } from '../vault/keyAdministration.js';
import type { KeyList, ListedKey, ToldRotation } from '../vault/keyList.js';
import type { KeyDue } from '../vault/keys/due.js';
import type { KeyClass } from '../vault/keys/key.js';
import { askPassphrases, type PassphraseInput } from './passphrase.js';
import { tableOf } from './table.js';

/** Exit codes of `rotate`; 1 is any other failure. */
export const ROTATE_EXIT = { done: 0, faults: 2, paused: 130 } as const;

/** What the keys of each class are for. */
const KEY_CLASSES: Readonly<Record<KeyClass, string>> = {
  subject: 'records of numbers',
  index: 'searches',
  input: 'what clients seal to the vault',
  certificate: 'what the vault signs',
  factor: 'secrets of one-time codes',
  document: 'signatures of PDF documents',
  intermediary: 'messages to the intermediary server',
  spool: 'what is kept for days',
  file: 'files of transfers',
  transfer: 'transfer packages, what the vault signs of them',
  result: 'result packages, what organizations seal to the vault',
};

/** Asks the vault that runs. */
export type AskVault = (command: string, input?: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** Where the commands are typed and write. */
export interface KeyTerminal {
  readonly out: NodeJS.WriteStream;
  readonly input: PassphraseInput;
  readonly setExitCode: (code: number) => void;
  /** Tells of SIGINT (Ctrl-C). */
  readonly signals: Pick<NodeJS.EventEmitter, 'once' | 'off'>;
}

const CONSOLE: KeyTerminal = {
  out: process.stdout,
  input: process.stdin,
  setExitCode: (code) => (process.exitCode = code),
  signals: process,
};

/** `kuramori vault keys | prepare | rotate | compromised | retire | destroy | reprotect`. */
export function registerKeyCommands(vault: Command, ask: AskVault, terminal: KeyTerminal = CONSOLE): void {
  const purposes = Object.entries(KEY_CLASSES)
    .map(([name, purpose]) => `${name} (${purpose})`)
    .join(', ');
  const keyClass = () => new Argument('<class>', `鍵の種別: ${purposes}`).choices(Object.keys(KEY_CLASSES));
  vault
    .command('keys')
    .description('鍵一覧: every key, which of them are due, and rotations that have not ended')
    .action(() => showKeys(ask, terminal));
  vault
    .command('prepare')
    .description('make the next version of a class, which waits for its rotation')
    .addArgument(keyClass())
    .action((of: string) => prepare(of, ask, terminal));
  vault
    .command('rotate')
    .description(
      '鍵更新: replace the key of a class and move all that lies under it; Ctrl-C pauses, again goes on',
    )
    .addArgument(keyClass())
    .option('--dry-run', 'tell what would be done and what does not open; nothing is changed')
    .action((of: string, flags: { dryRun?: true }) =>
      flags.dryRun === true ? dryRun(of, ask, terminal) : rotate(of, ask, terminal),
    );
  vault
    .command('compromised')
    .description('鍵の危殆化: note that others may know a key; the one in use is replaced at once')
    .addArgument(keyClass())
    .argument('<version>', '版 (version)', versionNumber)
    .argument('<cause>', 'how it came to light; stands in the log')
    .action((of: string, version: number, cause: string) =>
      compromised({ keyClass: of, version, cause }, ask, terminal),
    );
  vault
    .command('retire')
    .description('let a version, and all before it, open nothing any more')
    .addArgument(keyClass())
    .argument('<version>', '版 (version)', versionNumber)
    .action((of: string, version: number) => retire(of, version, ask, terminal));
  vault
    .command('destroy')
    .description('鍵破棄: destroy the bytes of a retired version, which two people have decided')
    .addArgument(keyClass())
    .argument('<version>', '版 (version)', versionNumber)
    .requiredOption('--person <id>', '鍵管理者 who asked for the approval')
    .requiredOption('--approval <id>', 'the approval of a second person')
    .action((of: string, version: number, { person, approval }: { person: string; approval: string }) =>
      destroy({ keyClass: of, version, personId: person, approvalId: approval }, ask, terminal),
    );
  vault
    .command('reprotect')
    .description('seal the vault by another passphrase or another method; no key of the vault changes')
    .addOption(new Option('--method <method>', 'another way to open it').choices(SEAL_METHODS))
    .option('--make-key', 'make the key in the file or the token, where there is none')
    .action((flags: ReprotectFlags) => reprotect(flags, ask, terminal));
}

interface ReprotectFlags {
  readonly method?: (typeof SEAL_METHODS)[number];
  readonly makeKey?: true;
}

async function showKeys(ask: AskVault, { out }: KeyTerminal): Promise<void> {
  const { keys, due, rotations } = (await ask('keys.list')) as KeyList;
  const rows = [
    ['key', 'state', 'created', 'activated', 'deactivated', 'destroyed', 'uses'],
    ...keys.map(rowOf),
  ];
  writeLines(out, [
    ...tableOf(rows),
    ...due.map(dueLine),
    ...rotations.filter(({ state }) => state !== 'done').map(rotationLine),
  ]);
}

function rowOf(key: ListedKey): string[] {
  const state = key.retired && key.state !== 'destroyed' ? `${key.state}, retired` : key.state;
  const days = [key.createdAt, key.activatedAt, key.deactivatedAt, key.destroyedAt].map(dayOf);
  return [key.keyId, state, ...days, String(key.uses)];
}

const DUE_SENTENCES: Record<KeyDue['reason'], string> = {
  seal: 'seals until',
  open: 'opens until',
  uses: 'has been used nearly as often as it may be',
};

function dueLine({ keyId, reason, at, overdue }: KeyDue): string {
  const until = at === undefined ? '' : ` ${dayOf(at)}`;
  const next = reason === 'open' ? 'retire it' : 'rotate its class';
  return `${overdue ? 'overdue' : 'due'}: ${keyId} ${DUE_SENTENCES[reason]}${until}; ${next}`;
}

function rotationLine({ keyClass, toVersion, state, done, total }: ToldRotation): string {
  return `rotation to ${keyClass}-${toVersion}: ${state}, ${done} of ${total} done`;
}

async function prepare(keyClass: string, ask: AskVault, { out }: KeyTerminal): Promise<void> {
  const { version } = (await ask('keys.prepare', { keyClass })) as { version: number };
  writeLines(out, [`${keyClass}-${version} waits for its rotation.`]);
}

function rotate(keyClass: string, ask: AskVault, terminal: KeyTerminal): Promise<void> {
  return follow(
    keyClass,
    async () => (await ask('keys.rotate', { keyClass })) as ToldRotation,
    ask,
    terminal,
  );
}

interface CompromisedKey {
  readonly keyClass: string;
  readonly version: number;
  readonly cause: string;
}

async function compromised(key: CompromisedKey, ask: AskVault, terminal: KeyTerminal): Promise<void> {
  const rotation = (await ask('keys.compromised', { ...key })) as ToldRotation | null;
  const name = `${key.keyClass}-${key.version}`;
  writeLines(terminal.out, [`${name} is noted as compromised; the auditors see it.`]);
  if (rotation !== null) await follow(key.keyClass, () => Promise.resolve(rotation), ask, terminal);
  writeLines(terminal.out, [
    `When nothing lies under ${name} any more, retire it and have its destruction approved.`,
  ]);
}

/** Does a rotation batch by batch until it has ended or Ctrl-C pauses it. */
async function follow(
  keyClass: string,
  begin: () => Promise<ToldRotation>,
  ask: AskVault,
  terminal: KeyTerminal,
): Promise<void> {
  const { out, signals, setExitCode } = terminal;
  let interrupted = false;
  const interrupt = () => (interrupted = true);
  signals.once('SIGINT', interrupt);
  const progress = await startProgress(out);
  try {
    let rotation = await begin();
    progress.report(rotation);
    while (rotation.state === 'running') {
      rotation = (await ask(interrupted ? 'keys.pause' : 'keys.continue', { keyClass })) as ToldRotation;
      progress.report(rotation);
    }
    progress.stop();
    writeLines(out, [outcomeLine(rotation)]);
    setExitCode(rotation.state === 'done' ? ROTATE_EXIT.done : ROTATE_EXIT.paused);
  } finally {
    progress.stop();
    signals.off('SIGINT', interrupt);
  }
}

function outcomeLine(rotation: ToldRotation): string {
  if (rotation.state !== 'done') return `${rotationLine(rotation)}; the same command goes on`;
  return `${rotation.keyClass}-${rotation.toVersion} is in use; ${rotation.done} steps done.`;
}

async function dryRun(keyClass: string, ask: AskVault, terminal: KeyTerminal): Promise<void> {
  const { toVersion, total } = (await ask('keys.plan', { keyClass })) as ToldPlan;
  const progress = await startProgress(terminal.out);
  const faults: string[] = [];
  let [checked, faulty] = [0, 0];
  try {
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const batch = (await ask('keys.check', { keyClass, cursor })) as CheckedBatch;
      checked += batch.done;
      faulty += batch.faults.length;
      faults.push(...batch.faults.slice(0, ROTATION_FAULTS_LISTED_MAX - faults.length));
      progress.report({ done: checked, total: Math.max(total, checked) });
      ({ cursor } = batch);
    }
  } finally {
    progress.stop();
  }
  writeLines(terminal.out, [
    `A rotation would make ${keyClass}-${toVersion} the key in use and take ${total} steps.`,
    `${checked} rows looked at; ${faulty} do not open${faulty > faults.length ? '; the first of them' : ''}`,
    ...faults,
  ]);
  terminal.setExitCode(faulty > 0 ? ROTATE_EXIT.faults : ROTATE_EXIT.done);
}

async function retire(keyClass: string, version: number, ask: AskVault, { out }: KeyTerminal): Promise<void> {
  await ask('keys.retire', { keyClass, version });
  writeLines(out, [`${keyClass}-${version} and all before it open nothing any more.`]);
}

async function destroy(
  destruction: { readonly keyClass: string; readonly version: number } & Readonly<Record<string, unknown>>,
  ask: AskVault,
  { out }: KeyTerminal,
): Promise<void> {
  await ask('keys.destroy', destruction);
  writeLines(out, [`${destruction.keyClass}-${destruction.version} is destroyed.`]);
}

async function reprotect(flags: ReprotectFlags, ask: AskVault, terminal: KeyTerminal): Promise<void> {
  const { method: present } = (await ask('status')) as VaultStatus;
  const method = flags.method ?? present;
  const [asksPresent, asksNew] = [present === 'passphrase', method === 'passphrase'];
  const given = await askPassphrases(
    [...(asksPresent ? (['present'] as const) : []), ...(asksNew ? (['new'] as const) : [])],
    terminal.input,
  );
  await ask('reprotect', {
    method,
    ...(asksPresent && { passphrase: given[0] }),
    ...(asksNew && { nextPassphrase: given.at(-1) }),
    ...(flags.makeKey && { makeKey: true }),
  });
  writeLines(terminal.out, [
    'The vault is sealed anew. What was backed up before still opens as it did.',
    ...(method === present ? [] : [`Set KURAMORI_VAULT_SEAL to ${method} and start the vault again.`]),
  ]);
}

interface ProgressView {
  readonly report: (progress: Pick<ToldRotation, 'done' | 'total'>) => void;
  readonly stop: () => void;
}

/** A bar where a person watches; elsewhere what is written at the end is enough. */
async function startProgress(out: NodeJS.WriteStream): Promise<ProgressView> {
  if (!out.isTTY) return { report: () => undefined, stop: () => undefined };
  const { SingleBar } = await import('cli-progress');
  const bar = new SingleBar({
    stream: out,
    format: '鍵更新 [{bar}] {percentage}% {value}/{total}',
    hideCursor: true,
  });
  let started = false;
  return {
    report: ({ done, total }) => {
      if (!started) bar.start(total, done);
      started = true;
      bar.setTotal(total);
      bar.update(done);
    },
    stop: () => {
      if (started) bar.stop();
      started = false;
    },
  };
}

function versionNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new KuramoriError('BAD_INPUT', 'The version must be a whole number from 1.');
}

function dayOf(at: string | undefined): string {
  return at === undefined ? '-' : dayInJapan(Temporal.Instant.from(at)).toString();
}

function writeLines(out: NodeJS.WriteStream, lines: readonly string[]): void {
  out.write(`${lines.join('\n')}\n`);
}
