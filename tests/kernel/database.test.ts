import { inspect } from 'node:util';
import { sql } from 'drizzle-orm';
import { beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/kernel/database/database.js';
import { databaseError } from '../../src/kernel/database/errors.js';
import { isKuramoriError } from '../../src/kernel/errors.js';
import { taxItems } from '../../schema/records/index.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

const SENTINEL = '910293847566';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a failing statement tells its name and SQLSTATE, never a value', () => {
  test.each([
    ['a raw statement', () => db.owner.run('test.raw', ({ raw }) => raw`select ${SENTINEL}::date`)],
    [
      'text that PostgreSQL would quote',
      () => db.owner.run('test.quote', ({ raw }) => raw.unsafe(`select 'x${SENTINEL}'::int`)),
    ],
    [
      'the query builder',
      () =>
        db.owner.run('test.orm', ({ orm }) =>
          orm.insert(taxItems).values({
            code: SENTINEL,
            identifier: SENTINEL,
            name: SENTINEL,
            legalFamily: SENTINEL as never,
            allocationOrder: 1 / 0,
          }),
        ),
    ],
    [
      'a transaction',
      () =>
        db.owner.transaction('test.tx', (tx) =>
          tx.run('test.inner', ({ raw }) => raw`select ${SENTINEL}::date`),
        ),
    ],
  ])('%s', async (_, work) => {
    const error = await failure(work());
    expect(isKuramoriError(error)).toBe(true);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(SENTINEL);
    expect(JSON.stringify(error)).not.toContain(SENTINEL);
  });

  test('a constraint is named', async () => {
    const row = {
      code: '998',
      identifier: 'twice',
      name: 'x',
      legalFamily: 'tax' as const,
      allocationOrder: 9,
    };
    await db.owner.run('test.first', ({ orm }) => orm.insert(taxItems).values(row));
    const error = await failure(
      db.owner.run('test.second', ({ orm }) => orm.insert(taxItems).values({ ...row, code: '999' })),
    );
    expect(error).toMatchObject({
      code: 'DATABASE_ERROR',
      facts: { sqlstate: '23505', constraint: 'tax_item_identifier_unique' },
    });
  });
});

describe('a database that does not answer', () => {
  test('is unavailable when nobody listens', async () => {
    const away = openDatabase({ url: 'postgres://a:b@127.0.0.1:1/x', application: 'test', connections: 1 });
    expect(await failure(away.run('test.away', ({ raw }) => raw`select 1`))).toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
    });
    await away.close();
  });

  test('is a timeout when a statement takes too long', async () => {
    const hasty = openDatabase({ url: db.urls.owner, application: 'test', connections: 1, statementMs: 50 });
    expect(await failure(hasty.run('test.slow', ({ raw }) => raw`select pg_sleep(5)`))).toMatchObject({
      code: 'TIMEOUT',
    });
    await hasty.close();
  });
});

describe('values cross the boundary exactly', () => {
  test('whole numbers of eight bytes are bigints, days and instants are text', async () => {
    const [row] = await db.owner.run(
      'test.types',
      ({ raw }) => raw`
        select 9007199254740993::int8 as n, date '2026-11-02' as d,
          timestamptz '2026-11-02 10:00:00.123456+09' as t`,
    );
    expect(row).toEqual({ n: 9007199254740993n, d: '2026-11-02', t: '2026-11-02 10:00:00.123456+09' });
  });
});

test('a transaction that throws leaves nothing behind and gives the error as it was', async () => {
  const mine = new RangeError('mine');
  const attempt = db.owner.transaction('test.rollback', async (tx) => {
    await tx.run('test.insert', ({ orm }) =>
      orm
        .insert(taxItems)
        .values({ code: '997', identifier: 'gone', name: 'x', legalFamily: 'tax', allocationOrder: 9 }),
    );
    throw mine;
  });
  expect(await failure(attempt)).toBe(mine);
  const rows = await db.owner.run(
    'test.look',
    ({ raw }) => raw`select from records.tax_item where code = '997'`,
  );
  expect(rows).toHaveLength(0);
});

test('what is neither ours nor the driver’s is told by its kind alone', () => {
  const error = databaseError('test.odd', new TypeError(SENTINEL));
  expect(error).toMatchObject({ code: 'INTERNAL', facts: { kind: 'TypeError' } });
  expect(inspect(error, { depth: 10 })).not.toContain(SENTINEL);
});

test('a statement that fails after its first rows leaves no trace in the next answer of its connection', async () => {
  const single = openDatabase({ url: db.urls.gateway, application: 'tests', connections: 1 });
  try {
    const failing = single.run(
      'test.failing',
      ({ raw }) => raw`select 100 / (3 - i) from generate_series(1, 5) i`,
    );
    await expect(failing).rejects.toMatchObject({ code: 'DATABASE_ERROR' });
    const rows = await single.run('test.next', ({ raw }) => raw<{ x: number }[]>`select 7 as x`);
    expect(rows[0]).toEqual({ x: 7 });
    expect(rows).toHaveLength(1);
    await single
      .run('test.failing', ({ raw }) => raw`select 1 / (2 - i) from generate_series(1, 5) i`)
      .catch(() => 0);
    const mapped = await single.run('test.mapped', ({ orm }) =>
      orm.execute<{ x: number }>(sql`select x from generate_series(1, 2) x`),
    );
    expect([...mapped]).toEqual([{ x: 1 }, { x: 2 }]);
  } finally {
    await single.close();
  }
});
