import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { loadReceipts } from '../../../src/exchange/load/loadReceipts.js';
import { testDatabase } from '../../support/database.js';
import { auditOf, loadOptions, plainFile, seedManyLevies, seedMunicipality, slipFor } from './support.js';

const SLIPS = 50_000;
const FIRST = 5_000_000;
const HEAP_MIB_MAX = 48;

/** Lets Node run the sources as they are: `./x.js` is found as `./x.ts`. */
const SOURCES = `data:text/javascript,${encodeURIComponent(`
  import { existsSync } from 'node:fs';
  import { registerHooks } from 'node:module';
  registerHooks({
    resolve(specifier, context, next) {
      if (!/^[.].*[.]js$/.test(specifier)) return next(specifier, context);
      const source = new URL(specifier.replace(/js$/, 'ts'), context.parentURL);
      return next(existsSync(source) ? source.href : specifier, context);
    },
  });`)}`;

const db = await testDatabase();
const audit = auditOf(db);
let path = '';

function* slips(count: number) {
  for (let n = 0; n < count; n++) {
    const noticeNo = String(FIRST + n).padStart(10, '0');
    yield slipFor({ noticeNo, instalmentNo: 1, taxAmount: 12_000n, dueOn: '2026-06-30' });
  }
}

beforeAll(async () => {
  await seedManyLevies(db, await seedMunicipality(db), SLIPS, FIRST);
  path = plainFile('many.txt', slips(SLIPS));
}, 60_000);

function startLoad(flags: readonly string[]): ChildProcessByStdio<null, Readable, null> {
  const script = new URL('./child.ts', import.meta.url).pathname;
  return spawn(process.execPath, ['--import', SOURCES, ...flags, script, db.urls.loader, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function count(table: 'receipt' | 'allocation' | 'loaded_file' | 'change'): Promise<number> {
  const [row] = await db.owner.run(
    'test.count',
    ({ raw }) => raw<{ n: number }[]>`select count(*)::integer as n from ${raw(`records.${table}`)}`,
  );
  return row?.n ?? -1;
}

async function untilServer(condition: 'posting' | 'gone'): Promise<void> {
  for (let attempt = 0; attempt < 4_000; attempt++) {
    const rows = await db.owner.run(
      'test.activity',
      ({ raw }) => raw<{ query: string }[]>`
      select query from pg_stat_activity where application_name = 'load-child' and datname = current_database()`,
    );
    if (
      condition === 'gone'
        ? rows.length === 0
        : rows.some(({ query }) => query.includes('insert into records.receipt'))
    )
      return;
    await sleep(5);
  }
  throw new Error(`The load was never ${condition}.`);
}

test('a process killed while it posts leaves nothing behind', async () => {
  const changes = await count('change');
  const child = startLoad([]);
  await untilServer('posting');
  child.kill('SIGKILL');
  await once(child, 'exit');
  await untilServer('gone');
  expect(
    await Promise.all([count('receipt'), count('allocation'), count('loaded_file'), count('change')]),
  ).toEqual([0, 0, 0, changes]);
}, 60_000);

test(`the same file then loads, all ${SLIPS} slips within ${HEAP_MIB_MAX} MiB of heap`, async () => {
  const child = startLoad([`--max-old-space-size=${HEAP_MIB_MAX}`]);
  let said = '';
  child.stdout.on('data', (piece: Buffer) => (said += piece.toString()));
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(0);
  expect(said).toContain(`settled ${SLIPS}`);
  expect(await count('receipt')).toBe(SLIPS);
}, 120_000);

test('and once more answers the first outcome and changes nothing', async () => {
  const before = await Promise.all([count('receipt'), count('change')]);
  const again = await loadReceipts(loadOptions(db.loader, audit, path));
  expect(again).toMatchObject({
    repeated: true,
    outcome: { classes: { settled: { count: SLIPS, yen: String(12_000 * SLIPS) } } },
  });
  expect(await Promise.all([count('receipt'), count('change')])).toEqual(before);
});
