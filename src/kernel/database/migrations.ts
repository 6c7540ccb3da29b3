import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KuramoriError } from '../errors.js';
import type { Database, Session } from './database.js';

/** One shipped migration file. */
export interface Migration {
  readonly name: string;
  readonly sha256: string;
  readonly sql: string;
}

interface AppliedMigration {
  readonly name: string;
  readonly sha256: string;
}

const MIGRATION_NAME = /^\d{4}_[a-z0-9_]+\.sql$/;

/** Serialises two starters; any constant serves as the key of the lock. */
const MIGRATION_LOCK_KEY = 7_270_001;

/**
 * The shipped files in their order.
 * @throws KuramoriError MIGRATION_REFUSED when numbers are missing or doubled
 */
export function shippedMigrations(folder: string): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .toSorted();
  names.forEach((name, index) => {
    if (!MIGRATION_NAME.test(name) || Number(name.slice(0, 4)) !== index) {
      throw new KuramoriError(
        'MIGRATION_REFUSED',
        `The shipped migrations have a gap or a doubled number at ${name}. Restore the folder from the release.`,
      );
    }
  });
  return names.map((name) => {
    const sql = readFileSync(join(folder, name), 'utf8');
    return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
  });
}

/**
 * What is still to be applied.
 * @throws KuramoriError MIGRATION_REFUSED when an applied file changed, is unknown, or one was skipped (lessons 34)
 */
export function pendingMigrations(
  shipped: readonly Migration[],
  applied: readonly AppliedMigration[],
): Migration[] {
  applied.forEach((done, index) => {
    const file = shipped[index];
    if (file === undefined || file.name !== done.name) {
      throw new KuramoriError(
        'MIGRATION_REFUSED',
        `The database has ${done.name} applied, which this release does not ship at that place. ` +
          'Use the release that matches the database.',
      );
    }
    if (file.sha256 !== done.sha256) {
      throw new KuramoriError(
        'MIGRATION_REFUSED',
        `The file ${file.name} was changed after it was applied. Restore it; changes go into a new migration.`,
      );
    }
  });
  return shipped.slice(applied.length);
}

/**
 * Applies what is pending, all files and their lines in the register in one transaction: a file that fails leaves the
 * database as it was.
 * @param database a session of the owner of the schema
 * @returns names of the files applied now
 */
export async function migrate(database: Database, folder: string): Promise<string[]> {
  const shipped = shippedMigrations(folder);
  return database.transaction('migration.lock', async (tx) => {
    await tx.run('migration.lock', ({ raw }) => raw`select pg_advisory_xact_lock(${MIGRATION_LOCK_KEY})`);
    await tx.run('migration.register', ({ raw }) =>
      raw.unsafe(`create table if not exists public.kuramori_migration (
        name text primary key, sha256 text not null, applied_at timestamptz not null default now())`),
    );
    const pending = pendingMigrations(shipped, await appliedMigrations(tx));
    for (const migration of pending) await apply(tx, migration);
    return pending.map(({ name }) => name);
  });
}

/**
 * Refuses to start on a database whose migrations are not exactly the shipped ones.
 * @throws KuramoriError MIGRATION_REFUSED
 */
export async function assertMigrated(database: Session, folder: string): Promise<void> {
  const pending = pendingMigrations(shippedMigrations(folder), await appliedMigrations(database));
  if (pending.length > 0) {
    throw new KuramoriError(
      'MIGRATION_REFUSED',
      `${pending.length} migrations are not applied. Run kuramori migrate first.`,
    );
  }
}

async function appliedMigrations(session: Session): Promise<AppliedMigration[]> {
  return session.run('migration.applied', async ({ raw }) => [
    ...(await raw<AppliedMigration[]>`select name, sha256 from public.kuramori_migration order by name`),
  ]);
}

async function apply(tx: Session, migration: Migration): Promise<void> {
  await tx.run(migration.name, ({ raw }) => raw.unsafe(migration.sql));
  await tx.run(
    'migration.note',
    ({ raw }) =>
      raw`insert into public.kuramori_migration (name, sha256) values (${migration.name}, ${migration.sha256})`,
  );
}
