import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { KuramoriError } from '../../kernel/errors.js';
import { takeOver } from './owner.js';
import { findPrograms, reachableFolder, type PostgresPrograms } from './binaries.js';

/** A PostgreSQL cluster that runs as a child of this process. */
export interface Cluster {
  /** TCP port on 127.0.0.1. */
  readonly port: number;
  /** Connection text of the superuser for a database of the cluster. */
  adminUrl(database: string): string;
  /** Resolves with the exit code when the server ends, wanted or not. */
  readonly ended: Promise<number | null>;
  /** Ends sessions, writes a checkpoint, stops. */
  stop(): Promise<void>;
}

export interface ClusterOptions {
  /** Where the cluster's files live; made when missing. */
  readonly folder: string;
  /** Further settings, e.g. `['fsync=off']`. */
  readonly settings?: readonly string[];
  /** TCP port on 127.0.0.1; default: one that is free. */
  readonly port?: number;
}

const SUPERUSER = 'kuramori_super';
const START_MS_MAX = 30_000;
const READY_LINE = 'database system is ready to accept connections';

/**
 * Starts a cluster, initialising its folder the first time.
 * It has a process group of its own: Ctrl-C reaches us first, so that what is running can end before the database does.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const programs = await findPrograms();
  const folder = reachableFolder(options.folder, programs);
  const data = join(folder, 'data');
  // As its owner, before the owner changes: another account could not stop it any more.
  if (existsSync(join(data, 'PG_VERSION'))) stopLeftOver(data, programs);
  takeOver(folder, programs.runAs);
  const password = superuserPassword(folder, programs);
  if (!existsSync(join(data, 'PG_VERSION'))) initialise(data, programs);
  const port = options.port ?? (await freePort());
  const server = spawnServer(data, port, options.settings ?? [], programs);
  // A test runner may end this process without waiting for anybody; the server must not stay.
  const endWithUs = () => void server.kill('SIGINT');
  process.once('exit', endWithUs);
  const ended = new Promise<number | null>((resolve) => server.once('exit', resolve));
  void ended.then(() => process.removeListener('exit', endWithUs));
  await ready(server);
  return {
    port,
    ended,
    adminUrl: (database) => `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`,
    stop: async () => {
      server.kill('SIGINT');
      await ended;
    },
  };
}

function superuserPassword(folder: string, programs: PostgresPrograms): string {
  mkdirSync(folder, { recursive: true });
  if (programs.runAs) chownSync(folder, programs.runAs.uid, programs.runAs.gid);
  const file = join(folder, 'superuser');
  if (!existsSync(file)) {
    writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
    if (programs.runAs) chownSync(file, programs.runAs.uid, programs.runAs.gid);
  }
  return readFileSync(file, 'utf8');
}

function initialise(data: string, programs: PostgresPrograms): void {
  rmSync(data, { recursive: true, force: true });
  const passwordFile = join(data, '..', 'superuser');
  const made = spawnSync(
    programs.initdb,
    [
      `--pgdata=${data}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--data-checksums',
    ],
    { ...programs.runAs, encoding: 'utf8', cwd: '/' },
  );
  if (made.status !== 0) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      `PostgreSQL could not initialise its folder: ${reasonOf(made.stderr)}`,
      {},
      {
        cause: made.error,
      },
    );
  }
}

/** A server that outlived a killed parent still holds the folder: it is stopped, its data kept. */
function stopLeftOver(data: string, programs: PostgresPrograms): void {
  if (!existsSync(join(data, 'postmaster.pid'))) return;
  const { uid, gid } = statSync(data);
  spawnSync(programs.pgCtl, ['stop', '-D', data, '-m', 'fast', '-w', '-t', '30'], {
    ...(programs.runAs && { uid, gid }),
    stdio: 'ignore',
    cwd: '/',
  });
}

function spawnServer(
  data: string,
  port: number,
  settings: readonly string[],
  programs: PostgresPrograms,
): ChildProcess {
  const all = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=100',
    'shared_buffers=256MB',
    'max_wal_size=4GB',
    'wal_compression=on',
    'random_page_cost=1.1',
    'jit=off',
    'log_min_messages=warning',
    'log_min_error_statement=panic',
    'log_parameter_max_length_on_error=0',
    'log_parameter_max_length=0',
    ...settings,
  ];
  return spawn(
    programs.postgres,
    ['-D', data, '-p', String(port), ...all.flatMap((setting) => ['-c', setting])],
    {
      ...programs.runAs,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: '/',
    },
  );
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = () => {
      reject(new KuramoriError('DATABASE_UNAVAILABLE', `PostgreSQL did not start: ${lastLine(said)}`));
    };
    const timer = setTimeout(fail, START_MS_MAX);
    server.once('exit', fail);
    server.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-4_000);
      if (!said.includes(READY_LINE)) return;
      clearTimeout(timer);
      server.removeListener('exit', fail);
      resolve();
    });
  });
}

/** A TCP port that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new KuramoriError('INTERNAL', 'No free port was found.'));
      });
    });
  });
}

/** What initdb failed of: its last line but the one that tells how it cleans up. */
function reasonOf(said: string | null): string {
  return lastLine((said ?? '').replace(/^initdb: removing .*$/gm, ''));
}

function lastLine(text: string | null): string {
  return (text ?? '').trim().split('\n').at(-1) ?? '';
}
