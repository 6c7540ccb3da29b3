import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { arrayLiteral, parseArray } from '../../src/kernel/database/arrays.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});

const text = fc
  .string({ unit: 'grapheme' })
  .filter((each) => !each.includes('\u0000') && each.isWellFormed());

describe('a list', () => {
  test('comes back as it went, through PostgreSQL', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(text), { maxLength: 6 }), async (list) => {
        const rows = await db.gateway.run(
          'test.list',
          ({ raw }) => raw<{ v: unknown }[]>`select ${list}::text[] as v`,
        );
        expect(rows[0]?.v).toEqual(list);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['booleans', "'{t,f,NULL}'::boolean[]", [true, false, null]],
    ['numbers', "'{1,-2}'::integer[]", [1, -2]],
    ['large numbers', "'{9007199254740993,NULL}'::bigint[]", [9007199254740993n, null]],
    ['words that look like nothing', `'{"NULL","",null}'::text[]`, ['NULL', '', null]],
    ['nothing', "'{}'::text[]", []],
  ])('of %s is read', async (_, literal, expected) => {
    const rows = await db.gateway.run('test.list', ({ raw }) =>
      raw.unsafe<{ v: unknown }[]>(`select ${literal} as v`),
    );
    expect(rows[0]?.v).toEqual(expected);
  });

  test('that is written already passes as it is', () => {
    expect(arrayLiteral('{1,2}')).toBe('{1,2}');
    expect(arrayLiteral(['a"b\\', null, 3n])).toBe('{"a\\"b\\\\",NULL,"3"}');
  });

  test.each(['', '{', '{a', '{"a}', '{a b}x', '{a,}', '{,a}', '{{a},{b}}', '{"a"b}'])(
    'in the form %j is not guessed at',
    (form) => {
      expect(() => parseArray(form, String)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    },
  );

  test('is nothing but a list', () => {
    expect(() => arrayLiteral(5)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});
