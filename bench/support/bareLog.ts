import type { BenchHouse } from './house.js';

/** Where the process of the bare log finds its table. */
export const BARE_LOG_URL = 'BENCH_BARE_LOG_URL';

/** Makes the table of the bare log. @returns the environment of the process that writes it */
export async function bareLog(
  house: BenchHouse,
  database: string,
): Promise<Readonly<Record<string, string>>> {
  const owner = house.open(database, 'owner', 1);
  try {
    await owner.run('bench.bareLog', ({ raw }) => raw`drop table if exists bare_log`);
    await owner.run('bench.bareLog', ({ raw }) => raw`create table bare_log (body text not null)`);
  } finally {
    await owner.close();
  }
  return { [BARE_LOG_URL]: house.url(database, 'owner') };
}
