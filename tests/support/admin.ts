import { inject } from 'vitest';
import { openDatabase, type Database } from '../../src/kernel/database/database.js';

let opened: Database | undefined;

/**
 * The superuser, who makes and drops the databases of test files: one connection for all files of a worker, which goes
 * with it. It waits for as long as it takes: others may be building a municipality.
 */
async function admin(): Promise<Database> {
  if (opened) return opened;
  opened = openDatabase({ url: inject('adminUrl'), application: 'tests', connections: 1, statementMs: 0 });
  await opened.run('tests.patience', ({ raw }) => raw`set lock_timeout = 0`);
  return opened;
}

/** Does what no two workers may do at once, under a name. */
export async function alone(name: string, work: (superuser: Database) => Promise<unknown>): Promise<void> {
  const superuser = await admin();
  await superuser.run('tests.lock', ({ raw }) => raw`select pg_advisory_lock(hashtext(${name}))`);
  try {
    await work(superuser);
  } finally {
    await superuser.run('tests.unlock', ({ raw }) => raw`select pg_advisory_unlock(hashtext(${name}))`);
  }
}

/** Copies a database that nobody is connected to. */
export async function copyDatabase(name: string, template: string): Promise<void> {
  await alone('copies', (superuser) =>
    superuser.run('tests.create', ({ raw }) =>
      raw.unsafe(`create database ${name} template ${template} strategy file_copy`),
    ),
  );
}

/** Drops a database, whoever is connected to it. */
export async function dropDatabase(name: string): Promise<void> {
  const superuser = await admin();
  await superuser.run('tests.drop', ({ raw }) => raw.unsafe(`drop database if exists ${name} with (force)`));
}
