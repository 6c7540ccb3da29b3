import fc from 'fast-check';
import { GraphQLError, parseValue, type GraphQLScalarType } from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  DateScalar,
  DateTimeScalar,
  SequenceNoScalar,
  YenScalar,
} from '../../../src/kernel/graphql/scalars.js';
import { YEN_MAX } from '../../../src/kernel/yen.js';

const SCALARS: readonly GraphQLScalarType[] = [YenScalar, DateScalar, DateTimeScalar, SequenceNoScalar];

/** A value as it comes in a document's text. */
function literal(scalar: GraphQLScalarType, source: string): unknown {
  return scalar.parseLiteral(parseValue(source), {});
}

/** The error a scalar refuses with. */
function refusal(work: () => unknown): GraphQLError {
  try {
    work();
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
  throw new Error('The value was accepted.');
}

describe('Yen', () => {
  test('takes whole numbers to both ends of the exact range, as a variable and as a literal', () => {
    for (const amount of [0, 1, -1, 12_345, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
      expect(YenScalar.parseValue(amount)).toBe(BigInt(amount));
      expect(literal(YenScalar, String(amount))).toBe(BigInt(amount));
      expect(YenScalar.serialize(BigInt(amount))).toBe(amount);
      expect(YenScalar.serialize(amount)).toBe(amount);
    }
  });

  test.each([
    '9007199254740992',
    '-9007199254740992',
    '9007199254740993',
    '1e3',
    '1.0',
    '0.5',
    '"100"',
    'null',
  ])('refuses the literal %s', (source) => {
    expect(refusal(() => literal(YenScalar, source)).extensions['code']).toBe('BAD_INPUT');
  });

  test.each([2 ** 53, -(2 ** 53), 0.5, 1e300, Number.NaN, Infinity, '100', true, null, [1], { amount: 1 }])(
    'refuses the variable %s',
    (value) => {
      expect(refusal(() => YenScalar.parseValue(value)).extensions['code']).toBe('BAD_INPUT');
    },
  );

  test('never answers an amount beyond the exact range, which JSON would round', () => {
    expect(() => YenScalar.serialize(YEN_MAX + 1n)).toThrow(GraphQLError);
    expect(() => YenScalar.serialize(-YEN_MAX - 1n)).toThrow(GraphQLError);
    expect(() => YenScalar.serialize(2 ** 53)).toThrow(GraphQLError);
  });

  test('comes back from JSON as it went, whatever the amount', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -YEN_MAX, max: YEN_MAX }), (amount) => {
        const sent: unknown = JSON.parse(JSON.stringify(YenScalar.serialize(amount)));
        expect(YenScalar.parseValue(sent)).toBe(amount);
        expect(literal(YenScalar, String(amount))).toBe(amount);
      }),
    );
  });

  test('refuses every number that is not a whole number of the exact range', () => {
    fc.assert(
      fc.property(
        fc.double().filter((value) => !Number.isSafeInteger(value)),
        (value) => {
          expect(() => YenScalar.parseValue(value)).toThrow(GraphQLError);
        },
      ),
    );
  });
});

describe('Date', () => {
  test.each(['2026-11-02', '2024-02-29', '2000-02-29', '0001-01-01', '9999-12-31'])('takes %s', (day) => {
    expect(DateScalar.parseValue(day)).toBe(day);
    expect(literal(DateScalar, `"${day}"`)).toBe(day);
    expect(DateScalar.serialize(day)).toBe(day);
  });

  test.each([
    ['a day the month lacks', '2026-11-31'],
    ['29 February of a common year', '2025-02-29'],
    ['29 February of a century', '1900-02-29'],
    ['month 13', '2026-13-01'],
    ['day 0', '2026-11-00'],
    ['no leading zeros', '2026-1-2'],
    ['a time', '2026-11-02T00:00:00'],
    ['a year of six digits', '+002026-11-02'],
    ['the year 0, which the database has not', '0000-01-01'],
    ['the last day of the year 0', '0000-12-31'],
    ['a year before', '-000001-01-01'],
    ['no dashes', '20261102'],
    ['slashes', '2026/11/02'],
    ['a Japanese era', '令和8年11月2日'],
    ['full-width digits', '２０２６-11-02'],
    ['a line feed after it', '2026-11-02\n'],
    ['nothing', ''],
  ])('refuses %s', (_, day) => {
    for (const work of [() => DateScalar.parseValue(day), () => literal(DateScalar, JSON.stringify(day))])
      expect(refusal(work).extensions['code']).toBe('BAD_INPUT');
  });

  test.each([20_261_102, 0, true, null, ['2026-11-02'], new Date(0)])('refuses the variable %s', (value) => {
    expect(() => DateScalar.parseValue(value)).toThrow(GraphQLError);
  });

  test.each(['20261102', '2026.5', 'true', 'TODAY', '["2026-11-02"]', '{ day: "2026-11-02" }'])(
    'refuses the literal %s',
    (source) => {
      expect(() => literal(DateScalar, source)).toThrow(GraphQLError);
    },
  );

  test('takes exactly the days of the calendar', () => {
    const part = (max: number) => fc.integer({ min: 0, max });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9999 }), part(14), part(33), (year, month, day) => {
        const text = [[year, 4] as const, [month, 2] as const, [day, 2] as const]
          .map(([n, width]) => String(n).padStart(width, '0'))
          .join('-');
        const there = new Date(0);
        there.setUTCFullYear(year, month - 1, day);
        const exists = there.getUTCFullYear() === year && there.getUTCMonth() === month - 1;
        if (exists && day > 0) expect(DateScalar.parseValue(text)).toBe(text);
        else expect(() => DateScalar.parseValue(text)).toThrow(GraphQLError);
      }),
    );
  });
});

describe('DateTime', () => {
  test('takes an instant with its offset and keeps the instant', () => {
    for (const value of ['2026-11-02T10:00:00+09:00', '2026-11-02T01:00:00Z', '2026-11-01T20:00:00-05:00']) {
      expect(DateTimeScalar.parseValue(value)).toBe('2026-11-02T01:00:00Z');
      expect(literal(DateTimeScalar, `"${value}"`)).toBe('2026-11-02T01:00:00Z');
    }
    expect(DateTimeScalar.parseValue('2026-11-02T10:00:00.123456+09:00')).toBe('2026-11-02T01:00:00.123456Z');
    expect(DateTimeScalar.serialize('2026-11-02T10:00:00+09:00')).toBe('2026-11-02T10:00:00+09:00');
  });

  test.each([
    '2026-11-02T10:00:00',
    '2026-11-02',
    '2026-02-30T00:00:00Z',
    '2026-11-02T25:00:00Z',
    '2026-11-02T10:60:00Z',
    '2026-11-02T10:00:00+99:00',
    'now',
    '1793581200',
    '+275760-09-13T00:00:00Z',
    '+010000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-00:01',
    '0000-12-31T23:59:59Z',
    '0001-01-01T00:00:00+09:00',
    '-000001-01-01T00:00:00Z',
    '',
    ' 2026-11-02T10:00:00Z',
  ])('refuses the text “%s”', (value) => {
    expect(refusal(() => DateTimeScalar.parseValue(value)).extensions['code']).toBe('BAD_INPUT');
    expect(() => literal(DateTimeScalar, JSON.stringify(value))).toThrow(GraphQLError);
  });

  test('takes the first and the last instant of the years of four digits', () => {
    for (const value of ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999999Z'])
      expect(DateTimeScalar.parseValue(value)).toBe(value);
  });

  test.each([0, 1_793_581_200_000, 1.5, false, null, [], {}])('refuses the variable %s', (value) => {
    expect(() => DateTimeScalar.parseValue(value)).toThrow(GraphQLError);
  });

  test('refuses literals that are no text', () => {
    for (const source of ['1793581200', '1.5', 'true', 'NOW'])
      expect(() => literal(DateTimeScalar, source)).toThrow(GraphQLError);
  });

  test('keeps the instant, whatever the offset it was written with', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
        fc.integer({ min: -12 * 60, max: 14 * 60 }),
        (at, minutes) => {
          const local = new Date(at.getTime() + minutes * 60_000).toISOString().slice(0, -1);
          const two = (n: number) => String(n).padStart(2, '0');
          const size = Math.abs(minutes);
          const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
          expect(Date.parse(DateTimeScalar.parseValue(`${local}${offset}`))).toBe(at.getTime());
        },
      ),
    );
  });
});

describe('SequenceNo', () => {
  test('is text on the way out, because it may pass 2^53', () => {
    expect(SequenceNoScalar.serialize(9_007_199_254_740_993n)).toBe('9007199254740993');
    expect(SequenceNoScalar.serialize('9007199254740993')).toBe('9007199254740993');
  });

  test('comes in as text, as a number within the exact range, or as either literal', () => {
    expect(SequenceNoScalar.parseValue('9007199254740993')).toBe(9_007_199_254_740_993n);
    expect(SequenceNoScalar.parseValue(17)).toBe(17n);
    expect(SequenceNoScalar.parseValue(17n)).toBe(17n);
    expect(literal(SequenceNoScalar, '"9007199254740993"')).toBe(9_007_199_254_740_993n);
    expect(literal(SequenceNoScalar, '17')).toBe(17n);
  });

  test.each(['', '-', '1.5', '1e3', '0x10', ' 1', '1 ', '１', '1'.repeat(19), 'NaN'])(
    'refuses the text “%s”',
    (value) => {
      expect(refusal(() => SequenceNoScalar.parseValue(value)).extensions['code']).toBe('BAD_INPUT');
    },
  );

  test('refuses a number that JSON has already rounded, and a literal that a number cannot hold', () => {
    for (const value of [2 ** 53, 1.5, Number.NaN, true, null, []])
      expect(() => SequenceNoScalar.parseValue(value)).toThrow(GraphQLError);
    for (const source of ['9007199254740993', '1.5', 'true', 'null', 'ONE'])
      expect(() => literal(SequenceNoScalar, source)).toThrow(GraphQLError);
  });

  test('comes back from JSON as it went, up to eighteen digits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }), (number) => {
        const sent: unknown = JSON.parse(JSON.stringify(SequenceNoScalar.serialize(number)));
        expect(SequenceNoScalar.parseValue(sent)).toBe(number);
      }),
    );
  });
});

test('what a scalar says of a value it refuses is the same for every value', () => {
  const values = fc.oneof(
    fc.string(),
    fc.double({ noInteger: true }),
    fc.stringMatching(/^[0-9]{4}-[1-9]{2}-[4-9]{2}$/),
    fc.stringMatching(/^[0-9]{12}[a-z]$/),
  );
  const said = new Map(SCALARS.map((scalar) => [scalar.name, new Set<string>()]));
  fc.assert(
    fc.property(fc.constantFrom(...SCALARS), values, (scalar, value) => {
      try {
        scalar.parseValue(value);
      } catch (error) {
        const { message, extensions, originalError } = error as GraphQLError;
        expect(error).toBeInstanceOf(GraphQLError);
        expect(originalError).toBeUndefined();
        said.get(scalar.name)?.add(JSON.stringify([message, extensions]));
      }
    }),
    { numRuns: 500 },
  );
  // A text of the wrong form and a value that is no text may be told apart, and nothing else.
  for (const sentences of said.values()) {
    expect(sentences.size).toBeGreaterThan(0);
    expect(sentences.size).toBeLessThanOrEqual(2);
  }
});
