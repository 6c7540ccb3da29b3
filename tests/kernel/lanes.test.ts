import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database, type Session } from '../../src/kernel/database/database.js';
import { isKuramoriError } from '../../src/kernel/errors.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
  await db.owner.run(
    'test.table',
    ({ raw }) => raw`create table public.entry (transaction text, place integer)`,
  );
  await db.owner.run(
    'test.grant',
    ({ raw }) => raw`grant select, insert on public.entry to kuramori_gateway`,
  );
});

async function within<T>(application: string, connections: number, work: (database: Database) => Promise<T>) {
  const database = openDatabase({ url: db.urls.gateway, application, connections });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

const kill = (application: string) =>
  db.owner.run(
    'test.kill',
    ({ raw }) =>
      raw`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${application}`,
  );

const codeOf = (error: unknown) => (isKuramoriError(error) ? error.code : String(error));

/** Two entries of one transaction, or none. */
function pair(database: Database, name: string, pause = 0): Promise<void> {
  return database.transaction('test.pair', async (tx) => {
    await tx.run('test.first', ({ raw }) => raw`insert into public.entry values (${name}, 1)`);
    if (pause > 0) await sleep(pause);
    await tx.run('test.second', ({ raw }) => raw`insert into public.entry values (${name}, 2)`);
  });
}

async function halves(prefix: string): Promise<readonly string[]> {
  const rows = await db.owner.run(
    'test.halves',
    ({ raw }) => raw<{ transaction: string }[]>`
    select transaction from public.entry where starts_with(transaction, ${prefix})
    group by transaction having count(*) <> 2`,
  );
  return rows.map(({ transaction }) => transaction);
}

test('connections that are cut under load leave nothing half done, and work goes on by itself', async () => {
  await within('tests-cut', 6, async (database) => {
    const until = Date.now() + 1_500;
    const codes = new Set<string>();
    let done = 0;
    const work = async (worker: number) => {
      for (let at = 0; Date.now() < until; at += 1) {
        try {
          if (worker % 2 === 0) await pair(database, `cut-${worker}-${at}`);
          else await database.run('test.one', ({ raw }) => raw`select ${worker}::integer, pg_sleep(0.001)`);
          done += 1;
        } catch (error) {
          codes.add(codeOf(error));
        }
      }
    };
    const cutting = async () => {
      while (Date.now() < until - 700) {
        await kill('tests-cut');
        await sleep(60);
      }
    };
    await Promise.all([cutting(), ...Array.from({ length: 16 }, (_, worker) => work(worker))]);
    expect(done).toBeGreaterThan(50);
    expect([...codes].filter((code) => code !== 'DATABASE_UNAVAILABLE')).toEqual([]);
    await pair(database, 'cut-after');
    const after = Array.from({ length: 30 }, () => database.run('test.one', ({ raw }) => raw`select 1`));
    expect((await Promise.allSettled(after)).filter(({ status }) => status !== 'fulfilled')).toEqual([]);
    expect(await halves('cut-')).toEqual([]);
  });
});

test('a transaction whose connection was lost while it thought does not go on over another', async () => {
  await within('tests-lost', 2, async (database) => {
    const lost = pair(database, 'lost', 400).catch(codeOf);
    await sleep(150);
    await kill('tests-lost');
    const other = await pair(database, 'other', 300).then(() => 'kept', codeOf);
    expect([await lost, other]).toEqual(['DATABASE_UNAVAILABLE', 'kept']);
    expect(await halves('lost')).toEqual([]);
    expect(await halves('other')).toEqual([]);
  });
});

test('what is sent behind a BEGIN that nobody waited for belongs to its transaction', async () => {
  await within('tests-warm', 1, async (database) => {
    await pair(database, 'warm-first');
    const undone = database.transaction('test.undone', async (tx) => {
      await Promise.all(
        [1, 2].map((place) =>
          tx.run('test.entry', ({ raw }) => raw`insert into public.entry values ('warm-undone', ${place})`),
        ),
      );
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await pair(database, 'warm-last');
    const kept = await db.owner.run(
      'test.kept',
      ({ raw }) =>
        raw`select transaction from public.entry where starts_with(transaction, 'warm-') group by 1 order by 1`,
    );
    expect(kept).toEqual([{ transaction: 'warm-first' }, { transaction: 'warm-last' }]);
  });
});

test('a transaction that only reads writes nothing, and gives its connection back either way', async () => {
  await within('tests-reading', 1, async (database) => {
    const reading = (work: Parameters<typeof database.transaction>[1]) =>
      database.transaction('test.reading', work, 'read');
    const one = (tx: Session) => tx.run('test.one', ({ raw }) => raw`select 1 as one`);
    expect(await reading(one)).toEqual([{ one: 1 }]);
    await expect(
      reading((tx) => tx.run('test.entry', ({ raw }) => raw`insert into public.entry values ('reading', 1)`)),
    ).rejects.toMatchObject({ code: 'DATABASE_ERROR', facts: { sqlstate: '25006' } });
    await kill('tests-reading');
    await expect(reading(one).catch(() => reading(one))).resolves.toEqual([{ one: 1 }]);
    await pair(database, 'after-reading');
    expect(await halves('after-reading')).toEqual([]);
  });
});

test('a transaction that hid the failure of a statement is not taken for kept', async () => {
  await within('tests-hidden', 1, async (database) => {
    const hidden = database.transaction('test.hidden', async (tx) => {
      await tx.run('test.first', ({ raw }) => raw`insert into public.entry values ('hidden', 1)`);
      await tx.run('test.wrong', ({ raw }) => raw`select 1 / 0`).catch(() => undefined);
    });
    await expect(hidden).rejects.toMatchObject({ code: 'DATABASE_ERROR' });
    expect(await halves('hidden')).toEqual([]);
    await pair(database, 'afterwards');
  });
});

test('transactions beyond the connections wait their turn', async () => {
  await within('tests-turns', 2, async (database) => {
    await Promise.all(Array.from({ length: 12 }, (_, at) => pair(database, `turn-${at}`, 5)));
    expect(await halves('turn-')).toEqual([]);
  });
});

test('a database that is closed takes no more transactions', async () => {
  const database = await within('tests-closed', 1, async (open) => {
    await pair(open, 'closed');
    return open;
  });
  await expect(pair(database, 'late')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
});
