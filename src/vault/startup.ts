import { url as inspectorUrl } from 'node:inspector';
import { isIP } from 'node:net';
import { KuramoriError } from '../kernel/errors.js';

/** What is known of the process before it starts to serve. */
export interface ProcessState {
  /** Address to listen on. */
  readonly host: string;
  readonly vaultUrl: string;
  readonly shredUrl: string;
  /** Of the records database, where it is known. */
  readonly recordsUrl: string | undefined;
  /** Options that Node was started with, from its command line and from NODE_OPTIONS. */
  readonly nodeOptions: readonly string[];
  readonly inspector: string | undefined;
  /** Size of a core dump that the operating system would write; 0 for none. */
  readonly coreBlocks: number | string;
}

/** Every form in which "all addresses" can be written comes to one of these. */
const ALL_INTERFACES = new Set(['0.0.0.0', '[::]', '[::ffff:0:0]']);

/**
 * Options that show the memory of the process to somebody or write it to a file, or the secrets of its TLS sessions;
 * and those that take options from a file, where nobody looks for them here.
 */
const REVEALING = new RegExp(
  '^--(inspect|debug|heapsnapshot|heap-prof|abort-on-uncaught-exception|report-(on|uncaught)|' +
    'experimental-(inspector|config-file|default-config-file)|tls-keylog|trace-tls)',
);

/**
 * Refuses to start where the handbook's separations do not hold (handbook 15 §8.2).
 * @throws KuramoriError CONFIGURATION_INVALID with a sentence for each
 */
export function assertSafeStart(state: ProcessState): void {
  const faults = [
    listensEverywhere(state.host) &&
      'The vault would listen on all interfaces: set KURAMORI_VAULT_HOST to one address of this machine',
    sharesServer(state.vaultUrl, state.recordsUrl) &&
      'VAULT_DATABASE_URL has the host and user of RECORDS_DATABASE_URL: give the vault a server and a user of its own',
    sharesServer(state.shredUrl, state.recordsUrl) &&
      'VAULT_SHRED_DATABASE_URL has the host and user of RECORDS_DATABASE_URL: give it a server and a user of its own',
    sameDatabase(state.vaultUrl, state.shredUrl) &&
      'VAULT_SHRED_DATABASE_URL names the database of VAULT_DATABASE_URL: the erasure keys need one of their own',
    (state.inspector !== undefined || state.nodeOptions.some((option) => REVEALING.test(option))) &&
      'The process is started with a debugger or with options that write its memory out: start it without them',
    state.coreBlocks !== 0 &&
      'The operating system would write core dumps: start the vault with ulimit -c 0 (systemd: LimitCORE=0)',
  ].filter((fault) => fault !== false);
  if (faults.length > 0)
    throw new KuramoriError('CONFIGURATION_INVALID', `The vault does not start. ${faults.join('. ')}.`);
}

/** What is so of this process. */
export function processState(
  addresses: Pick<ProcessState, 'host' | 'vaultUrl' | 'shredUrl' | 'recordsUrl'>,
  nodeOptions: string,
): ProcessState {
  return {
    ...addresses,
    nodeOptions: [...process.execArgv, ...nodeOptions.split(/\s+/)].map(optionName),
    inspector: inspectorUrl(),
    coreBlocks: coreBlocks(),
  };
}

/** As Node reads it: underscores are hyphens, and NODE_OPTIONS may be quoted. */
function optionName(option: string): string {
  const name = option.replaceAll(/["'\\]|=.*$/gs, '');
  return name.replaceAll('_', '-');
}

/**
 * A signal would switch the debugger on: whoever may send it would read every key. Taken by us, it does nothing.
 * @param onSignal told that somebody tried
 * @returns ends it, when the keys are gone
 */
export function closeToDebuggers(onSignal: () => void): () => void {
  process.on('SIGUSR1', onSignal);
  return () => void process.removeListener('SIGUSR1', onSignal);
}

function coreBlocks(): number | string {
  // Looking at the network would ask for names of addresses.
  const report = Object.assign(process.report, { excludeNetwork: true });
  return coreBlocksOf(report.getReport());
}

/** Of a report of Node; where it tells no limits, as on Windows, there are no core dumps of this kind. */
export function coreBlocksOf(report: object): number | string {
  const { userLimits } = report as { userLimits?: { core_file_size_blocks?: { soft: number | string } } };
  return userLimits?.core_file_size_blocks?.soft ?? 0;
}

/** A name could come to every address, as `0` and `*` do. */
function listensEverywhere(host: string): boolean {
  const version = isIP(host);
  return (
    version === 0 || ALL_INTERFACES.has(new URL(`http://${version === 6 ? `[${host}]` : host}/`).hostname)
  );
}

function sharesServer(one: string, other: string | undefined): boolean {
  if (other === undefined) return false;
  const [a, b] = [new URL(one), new URL(other)];
  return hostOf(a) === hostOf(b) && a.username === b.username;
}

function sameDatabase(one: string, other: string): boolean {
  const [a, b] = [new URL(one), new URL(other)];
  return hostOf(a) === hostOf(b) && a.port === b.port && a.pathname === b.pathname;
}

/** This machine has several names. */
function hostOf(url: URL): string {
  const host = url.hostname.toLowerCase();
  return ['localhost', '[::1]'].includes(host) || host.startsWith('127.') ? '127.0.0.1' : host;
}
