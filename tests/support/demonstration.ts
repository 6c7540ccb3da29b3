import { inject } from 'vitest';
import { buildDemonstration } from '../../src/demonstration/build.js';
import { openDatabase, type Database } from '../../src/kernel/database/database.js';
import { plainDate } from '../../src/kernel/dates.js';
import { testDatabase, type TestDatabase } from './database.js';

/** Held by whoever builds a municipality, beside its name, so that nobody builds the same one meanwhile. */
const LOCK = 2;

/**
 * A records database with the demonstration municipality of 2026-11-01, for one test file. Each municipality is built
 * once in a run, and copied from then on.
 */
export async function demonstrationDatabase(people: number, seed = 7): Promise<TestDatabase> {
  const name = `kuramori_municipality_${people}_${seed}`;
  const admin = open(inject('adminUrl'));
  // A large one takes longer to build than anybody waits for a lock.
  await admin.run('tests.patience', ({ raw }) => raw`set lock_timeout = 0`);
  await admin.run('tests.lock', ({ raw }) => raw`select pg_advisory_lock(${LOCK}, hashtext(${name}))`);
  const known = await admin.run(
    'tests.known',
    ({ raw }) => raw`select from pg_database where datname = ${name}`,
  );
  if (known.length === 0) await build(admin, name, people, seed);
  await admin.run('tests.unlock', ({ raw }) => raw`select pg_advisory_unlock(${LOCK}, hashtext(${name}))`);
  await admin.close();
  return testDatabase(name);
}

/** Under another name until it is whole: a test that fails meanwhile leaves no half of it to others. */
async function build(admin: Database, name: string, people: number, seed: number): Promise<void> {
  const unready = `${name}_unready`;
  await admin.run('tests.create', ({ raw }) =>
    raw.unsafe(`create database ${unready} template kuramori_template strategy file_copy`),
  );
  const url = new URL(inject('adminUrl'));
  url.pathname = `/${unready}`;
  const database = open(url.toString());
  await buildDemonstration(database, { people, seed, referenceDate: plainDate('2026-11-01') });
  await database.close();
  await admin.run('tests.rename', ({ raw }) => raw.unsafe(`alter database ${unready} rename to ${name}`));
}

const open = (url: string) => openDatabase({ url, application: 'tests', connections: 1, statementMs: 0 });
