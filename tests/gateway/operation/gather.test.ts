import fc from 'fast-check';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { GatheredReads, readIn } from '../../../src/gateway/operation/gather.js';
import { gatheredParameter } from '../../../src/gateway/operation/gather.sql.js';
import type { BindValues, PreparedStatement } from '../../../src/gateway/plan/bind.js';
import { openDatabase, type Database } from '../../../src/kernel/database/database.js';
import { KuramoriError } from '../../../src/kernel/errors.js';
import { GATHERED_ALONE_MS, GATHERED_READS_MAX } from '../../../src/kernel/limits.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});

/** A statement of places `$1`, `$2`, … filled from the request's first field. */
function statement(expression: string, places: number): PreparedStatement {
  return {
    text: `select json_build_array(${expression}) as v`,
    gathered: `select json_build_array(${expression.replaceAll(/\$(\d)/g, 'g.p$1')}) as v`,
    bind: ({ argumentsByField }) =>
      Array.from({ length: places }, (_, at) => argumentsByField[0]?.[`p${at}`]),
  };
}

function binds(...values: unknown[]): BindValues {
  return {
    argumentsByField: [Object.fromEntries(values.map((value, at) => [`p${at}`, value]))],
    today: '2026-11-01',
    actorId: 'S1001',
    branchCode: undefined,
    keys: {},
  };
}

/** A database that notes the names of its statements, and may meddle with what they answer. */
function watched(
  database: Database,
  meddle: (name: string, answer: Promise<unknown>) => unknown = (_, answer) => answer,
) {
  const names: string[] = [];
  const watching: Database = {
    ...database,
    run: (name, work) => {
      names.push(name);
      return meddle(name, database.run(name, work)) as never;
    },
    transaction: (name, work) => meddle(name, database.transaction(name, work)) as never,
  };
  return { names, watching };
}

const SQUARE = statement('$1::integer * $1::integer, $2::text', 2);

describe('reads of one plan at the same moment', () => {
  test('are read by few statements, and everyone gets the own row', async () => {
    const { names, watching } = watched(db.gateway);
    const reads = new GatheredReads(watching);
    const rows = await Promise.all(
      Array.from({ length: 200 }, (_, at) => reads.read(SQUARE, binds(at, `the ${at}th`))),
    );
    expect(rows).toEqual(Array.from({ length: 200 }, (_, at) => [at * at, `the ${at}th`]));
    expect(names.filter((name) => name === 'operation.readMany').length).toBeGreaterThanOrEqual(
      Math.floor(200 / GATHERED_READS_MAX),
    );
    expect(names.length).toBeLessThan(30);
  });

  test('bring any value as one by itself would', async () => {
    const reads = new GatheredReads(db.gateway);
    const typed = statement('$1::text, $2::bigint::text, $3::date, $4::boolean, $5::text[], $6::smallint', 6);
    const text = fc
      .string({ unit: 'grapheme' })
      .filter((each) => !each.includes('\u0000') && each.isWellFormed());
    const request = fc.tuple(
      fc.option(text),
      fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      fc.option(fc.constantFrom('2026-02-28', '1900-01-01')),
      fc.option(fc.boolean()),
      fc.option(fc.array(fc.option(text), { maxLength: 3 })),
      fc.option(fc.integer({ min: -32_768, max: 32_767 })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 2, maxLength: 40 }), async (requests) => {
        const together = await Promise.all(requests.map((values) => reads.read(typed, binds(...values))));
        const alone = await Promise.all(
          requests.map((values) => readIn(db.gateway, typed, binds(...values))),
        );
        expect(together).toEqual(alone);
      }),
      { numRuns: 40 },
    );
  });

  test('do not share an error: only the request that brought the value meets it', async () => {
    const reads = new GatheredReads(db.gateway);
    const divided = statement('100 / $1::integer', 1);
    const answers = await Promise.allSettled([5, 0, 20, 50].map((each) => reads.read(divided, binds(each))));
    expect(
      answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : answer.reason.code)),
    ).toEqual([[20], 'DATABASE_ERROR', [5], [2]]);
  });

  test('do not share a time limit: only the request that takes too long is stopped', async () => {
    const impatient = openDatabase({
      url: db.urls.gateway,
      application: 'tests',
      connections: 6,
      statementMs: 400,
    });
    try {
      const reads = new GatheredReads(impatient);
      const sleeping = statement("$1::integer, pg_sleep($1::float8)::text = ''", 1);
      const answers = await Promise.allSettled([0, 2, 0, 0].map((each) => reads.read(sleeping, binds(each))));
      expect(
        answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : answer.reason.code)),
      ).toEqual([[0, true], 'TIMEOUT', [0, true], [0, true]]);
    } finally {
      await impatient.close();
    }
  });

  test('do not hide that the statement for many is wrong', async () => {
    const wrong = { ...SQUARE, gathered: 'select json_build_array(g.nothing) as v' };
    const reads = new GatheredReads(db.gateway);
    const answers = await Promise.allSettled([1, 2].map((each) => reads.read(wrong, binds(each, ''))));
    expect(answers.map((answer) => answer.status === 'rejected' && answer.reason.code)).toEqual([
      'DATABASE_ERROR',
      'DATABASE_ERROR',
    ]);
  });

  test('all learn that the database is away', async () => {
    const away = () => Promise.reject(new KuramoriError('DATABASE_UNAVAILABLE', 'Away.'));
    const { watching } = watched(db.gateway, (name, answer) =>
      name === 'operation.readMany' ? away() : answer,
    );
    const reads = new GatheredReads(watching);
    const answers = await Promise.allSettled([1, 2, 3].map((each) => reads.read(SQUARE, binds(each, ''))));
    expect(answers.map((answer) => answer.status === 'rejected' && answer.reason.code)).toEqual(
      Array.from({ length: 3 }, () => 'DATABASE_UNAVAILABLE'),
    );
  });

  test('end at the deadline of their requests, and those that wait behind are never sent', async () => {
    const release: (() => void)[] = [];
    const { names, watching } = watched(
      db.gateway,
      (_, answer) =>
        new Promise((resolve) =>
          release.push(() => {
            resolve(answer);
          }),
        ),
    );
    const reads = new GatheredReads(watching);
    const soon = () => performance.now() + 50;
    const codes = async (asked: readonly Promise<unknown>[]) =>
      (await Promise.allSettled(asked)).map((each) => each.status === 'rejected' && each.reason.code);
    for (const waits of [1, 2]) {
      expect(await codes([reads.read(SQUARE, binds(waits, ''), soon())])).toEqual(['TIMEOUT']);
      expect(names).toHaveLength(waits);
    }
    const behind = [3, 4].map((each) => reads.read(SQUARE, binds(each, ''), soon()));
    const patient = reads.read(SQUARE, binds(5, 'x'));
    expect(await codes(behind)).toEqual(['TIMEOUT', 'TIMEOUT']);
    for (const each of release) each();
    await expect.poll(() => release.length).toBe(3);
    release[2]?.();
    expect(await patient).toEqual([25, 'x']);
    expect(names).toEqual(['operation.read', 'operation.read', 'operation.read']);
  });

  test('are all refused when rows come back in another order, or too few', async () => {
    const rowsOf = async (answer: Promise<unknown>) => ((await answer) as { v: unknown[] }[])[0]?.v ?? [];
    const reversed = async (answer: Promise<unknown>) => [{ v: (await rowsOf(answer)).toReversed() }];
    const fewer = async (answer: Promise<unknown>) => [{ v: (await rowsOf(answer)).slice(1) }];
    for (const meddle of [reversed, fewer]) {
      const { watching } = watched(db.gateway, (name, answer) =>
        name === 'operation.readMany' ? meddle(answer) : answer,
      );
      const reads = new GatheredReads(watching);
      const answers = await Promise.allSettled([1, 2, 3].map((each) => reads.read(SQUARE, binds(each, ''))));
      expect(answers.map((answer) => answer.status === 'rejected' && answer.reason.code)).toEqual(
        Array.from({ length: 3 }, () => 'INTERNAL'),
      );
    }
  });

  test('ask again how the statement is to be written when the database was away the first time', async () => {
    let away = true;
    const { watching } = watched(db.gateway, (name, answer) =>
      away && name === 'operation.describe'
        ? Promise.reject(new KuramoriError('DATABASE_UNAVAILABLE', 'Away.'))
        : answer,
    );
    const reads = new GatheredReads(watching);
    const twice = () => Promise.allSettled([1, 2].map((each) => reads.read(SQUARE, binds(each, ''))));
    expect((await twice()).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    away = false;
    expect((await twice()).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  });
});

describe('beside a statement that is under way', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function held() {
    const release: (() => void)[] = [];
    const hold = (_: string, answer: Promise<unknown>) =>
      new Promise((resolve) => release.push(() => resolve(answer)));
    return { ...watched(db.gateway, hold), release };
  }

  test('another begins only when it takes long', async () => {
    const { names, watching, release } = held();
    const reads = new GatheredReads(watching);
    const first = reads.read(SQUARE, binds(1, 'first'));
    await turn();
    const second = reads.read(SQUARE, binds(2, 'second'));
    vi.advanceTimersByTime(GATHERED_ALONE_MS - 1);
    await turn();
    expect(names).toHaveLength(1);
    vi.advanceTimersByTime(1);
    await expect.poll(() => names.length).toBe(2);
    const third = reads.read(SQUARE, binds(3, 'third'));
    vi.advanceTimersByTime(10 * GATHERED_ALONE_MS);
    await turn();
    expect(names).toHaveLength(2);
    for (const each of release.splice(0)) each();
    expect(await Promise.all([first, second])).toEqual([
      [1, 'first'],
      [4, 'second'],
    ]);
    await expect.poll(() => names.length).toBe(3);
    for (const each of release) each();
    expect(await third).toEqual([9, 'third']);
  });

  test('nobody waits any longer once it has ended, and all who came meanwhile are read together', async () => {
    const { names, watching, release } = held();
    const reads = new GatheredReads(watching);
    const first = reads.read(SQUARE, binds(1, ''));
    await turn();
    const meanwhile = [2, 3, 4].map((each) => reads.read(SQUARE, binds(each, '')));
    release[0]?.();
    await first;
    for (const at of [1, 2]) {
      await expect.poll(() => release.length).toBe(at + 1);
      release[at]?.();
    }
    expect(await Promise.all(meanwhile)).toEqual([
      [4, ''],
      [9, ''],
      [16, ''],
    ]);
    expect(names).toEqual(['operation.read', 'operation.readMany']);
  });
});

describe('a read', () => {
  test('by itself is the plain statement', async () => {
    const { names, watching } = watched(db.gateway);
    const reads = new GatheredReads(watching);
    expect(await reads.read(SQUARE, binds(7, 'x'))).toEqual([49, 'x']);
    expect(names).toEqual(['operation.read']);
  });

  test('of a plan that costs much is not held up by others', async () => {
    const { names, watching } = watched(db.gateway);
    const reads = new GatheredReads(watching);
    const dear = statement('$1::integer + (select count(*) from generate_series(1, 200000))', 1);
    const read = () => Promise.all([1, 2, 3].map((each) => reads.read(dear, binds(each))));
    expect(await read()).toEqual([[200_001], [200_002], [200_003]]);
    await read();
    expect(names).toEqual(Array.from({ length: 6 }, () => 'operation.read'));
  });

  test('of a plan without places, or without rows to read, is no batch', async () => {
    const { names, watching } = watched(db.gateway);
    const reads = new GatheredReads(watching);
    const constant = statement('1, 2', 0);
    expect(await Promise.all([reads.read(constant, binds()), reads.read(constant, binds())])).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(await reads.read(undefined, binds())).toEqual([]);
    expect(await readIn(watching, undefined, binds())).toEqual([]);
    expect(names).toEqual(['operation.read', 'operation.read']);
  });
});

test('what cannot be said in JSON as it is goes as text, and nothing is left out but what is absent', () => {
  expect(
    gatheredParameter([
      [1n, null, ['a"', undefined, 2n]],
      [undefined, false, '\\'],
    ]),
  ).toBe('[{"p1":"1","p3":["a\\"",null,"2"]},{"p2":false,"p3":"\\\\"}]');
});
