import { inject } from 'vitest';
import { buildDemonstration } from '../../src/demonstration/build.js';
import { openDatabase, type Database } from '../../src/kernel/database/database.js';
import { plainDate } from '../../src/kernel/dates.js';
import { alone, copyDatabase } from './admin.js';
import { testDatabase, type TestDatabase } from './database.js';

/** The day on which the municipalities of tests stand. */
export const MUNICIPALITY_DAY = '2026-11-01';

/**
 * A records database with the demonstration municipality of MUNICIPALITY_DAY, for one test file. Each municipality is
 * built once in a run, by whoever comes first, and copied from then on.
 */
export async function demonstrationDatabase(people: number, seed = 7): Promise<TestDatabase> {
  const name = `kuramori_municipality_${people}_${seed}`;
  await alone(name, async (superuser) => {
    const known = await superuser.run(
      'tests.known',
      ({ raw }) => raw`select from pg_database where datname = ${name}`,
    );
    if (known.length === 0) await build(superuser, name, people, seed);
  });
  return testDatabase(name);
}

/** Under another name until it is whole: a test that fails meanwhile leaves no half of it to others. */
async function build(superuser: Database, name: string, people: number, seed: number): Promise<void> {
  const unready = `${name}_unready`;
  await copyDatabase(unready, 'kuramori_template');
  const url = new URL(inject('adminUrl'));
  url.pathname = `/${unready}`;
  const database = openDatabase({
    url: url.toString(),
    application: 'tests',
    connections: 1,
    statementMs: 0,
  });
  await buildDemonstration(database, { people, seed, referenceDate: plainDate(MUNICIPALITY_DAY) });
  await database.close();
  await superuser.run('tests.rename', ({ raw }) => raw.unsafe(`alter database ${unready} rename to ${name}`));
}
