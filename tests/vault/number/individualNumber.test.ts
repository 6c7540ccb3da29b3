import { serialize } from 'node:v8';
import { format, inspect } from 'node:util';
import fc from 'fast-check';
import pino from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { IndividualNumber } from '../../../src/vault/number/individualNumber.js';
import { MASK } from '../../../src/vault/number/mask.js';
import { parseNumber } from '../../../src/vault/number/parse.js';
import { storedNumber } from '../../../src/vault/number/stored.js';
import { INTEGRITY_FAILURE, refusal } from '../cipher/support/refusals.js';
import { PATTERNED_NUMBERS } from './support/patterned.js';

const ascii = (text: string) => Buffer.from(text, 'ascii');
const VALID = '123456789018';
const number = () => IndividualNumber.ofDigits(ascii(VALID));
const read = (one: IndividualNumber) => one.withPlaintext((digits) => Buffer.from(digits).toString('ascii'));

describe('what prints of a number', () => {
  /** Every way in which a value of any type becomes text. */
  const PRINTERS: Record<string, (value: IndividualNumber) => string> = {
    'toString called': (value) => value.toString(),
    String: (value) => String(value),
    template: (value) => `number ${value as unknown as string}`.slice(7),
    concatenation: (value) => ('number ' + (value as unknown as string)).slice(7),
    join: (value) => [value].join(),
    locale: (value) => [value].toLocaleString(),
    'JSON.stringify': (value) => JSON.stringify({ value }),
    inspect: (value) => inspect(value),
    'inspect of all': (value) => inspect({ a: [value] }, { showHidden: true, depth: null, getters: true }),
    'inspect without custom': (value) => inspect(value, { customInspect: false, showHidden: true }),
    'format %s': (value) => format('%s', value),
    'format %d': (value) => format('%d', value),
    'format %o': (value) => format('%o', value),
    'format %O': (value) => format('%O', value),
    'format %j': (value) => format('%j', value),
    'error message': (value) => inspect(new Error(`refused ${value as unknown as string}`)).split('\n')[0]!,
    'error cause': (value) => inspect(new Error('x', { cause: value }).cause),
    'error member': (value) => inspect(Object.assign(new RangeError('x'), { value, stack: 'x' })),
    'own names': (value) => Reflect.ownKeys(value).map(String).join(),
    entries: (value) => JSON.stringify(Object.entries(value)),
    'spread copy': (value) => inspect({ ...(value as object) }),
    clone: (value) => inspect(structuredClone(value)),
    v8: (value) => serialize(value).toString('latin1').slice(2),
    log: logged,
    'as a number': (value) => String(Number(value)),
    'as a key': (value) => Object.keys({ [value as unknown as string]: 1 }).join(),
  };

  test.each(Object.keys(PRINTERS))('%s shows no digit', (name) => {
    for (const text of PATTERNED_NUMBERS.slice(0, 20)) {
      expect(PRINTERS[name]!(IndividualNumber.ofDigits(ascii(text)))).not.toMatch(/[0-9]{2}|１/);
    }
  });

  test.each(['toString called', 'String', 'template', 'concatenation', 'inspect', 'format %s', 'join'])(
    '%s shows the mask, and the same for every number',
    (name) => {
      expect(MASK).toBe('************');
      expect(PRINTERS[name]!(number())).toBe(MASK);
      expect(JSON.parse(PRINTERS['JSON.stringify']!(number()))).toEqual({ value: MASK });
    },
  );

  test('no writing of any patterned number shows a run of its digits', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PATTERNED_NUMBERS),
        fc.constantFrom(...Object.values(PRINTERS)),
        (text, print) => {
          expect(print(parseNumber(text, 'strict'))).not.toContain(text.slice(0, 3));
        },
      ),
    );
  });
});

describe('plaintext', () => {
  test('is twelve ASCII digits, for any patterned number', () => {
    expect(PATTERNED_NUMBERS.filter((text) => read(parseNumber(text, 'strict')) !== text)).toEqual([]);
  });

  test('is lent for the call: what is kept reads as zeros, and the number can be used again', () => {
    const one = number();
    const kept = one.withPlaintext((digits) => digits);
    expect([...kept]).toEqual(Array.from({ length: 12 }, () => 0));
    expect(read(one)).toBe(VALID);
  });

  test('changed by its user does not change the number', () => {
    const one = number();
    one.withPlaintext((digits) => digits.fill(0x39));
    expect(read(one)).toBe(VALID);
  });

  test('is wiped when its user fails, and the failure goes on', () => {
    let kept = Buffer.alloc(0) as Uint8Array;
    const failing = (digits: Uint8Array) => {
      kept = digits;
      throw new RangeError('of the user');
    };
    expect(() => number().withPlaintext(failing)).toThrow(new RangeError('of the user'));
    expect([...kept]).toEqual(Array.from({ length: 12 }, () => 0));
  });

  test('lives as long as a promise of its user, kept or broken', async () => {
    const seen: string[] = [];
    const kept = await number().withPlaintext(async (digits) => {
      await Promise.resolve();
      seen.push(Buffer.from(digits).toString('ascii'));
      return digits;
    });
    expect(seen).toEqual([VALID]);
    expect([...kept]).toEqual(Array.from({ length: 12 }, () => 0));

    let broken: Uint8Array = Buffer.alloc(0);
    const failing = number().withPlaintext(async (digits) => {
      broken = digits;
      await Promise.resolve();
      throw new RangeError('later');
    });
    await expect(failing).rejects.toThrow(new RangeError('later'));
    expect([...broken]).toEqual(Array.from({ length: 12 }, () => 0));
  });

  test('does not lie in the pool that small buffers share', () => {
    number().withPlaintext((digits) => expect(digits.buffer.byteLength).toBe(12));
  });
});

describe('a number', () => {
  test('does not depend on the bytes it was made of', () => {
    const bytes = ascii(VALID);
    const one = IndividualNumber.ofDigits(bytes);
    bytes.fill(0);
    expect(read(one)).toBe(VALID);
  });

  test('equals the same number and no other', () => {
    const others = PATTERNED_NUMBERS.filter((text) => text !== VALID);
    expect(number().equals(parseNumber('1234-5678-9018', 'lenient'))).toBe(true);
    expect(others.some((text) => number().equals(parseNumber(text, 'strict')))).toBe(false);
  });

  test('disposed of cannot be used, and still prints the mask', () => {
    const one = number();
    one.dispose();
    one.dispose();
    const defect = refusal('INTERNAL');
    expect(() => read(one)).toThrow(defect);
    expect(() => one.equals(number())).toThrow(defect);
    expect(() => number().equals(one)).toThrow(defect);
    expect(`${one.toString()} ${inspect(one)} ${JSON.stringify(one)}`).toBe(`${MASK} ${MASK} "${MASK}"`);
  });

  test.each([
    ['TOO_LONG', '1'.repeat(33)],
    ['INVALID_CHARACTER', '12345678901/'],
    ['INVALID_CHARACTER', '12345678901:'],
    ['INVALID_CHARACTER', '123456789018\n'],
    ['INVALID_LENGTH', '12345678901'],
    ['INVALID_LENGTH', ''],
    ['INVALID_CHECK_DIGIT', '123456789019'],
    ['PLACEHOLDER', '000000000000'],
  ])('is not made of bytes that rule %s refuses', (rule, text) => {
    expect(() => IndividualNumber.ofDigits(ascii(text))).toThrow(refusal('BAD_INPUT', { rule }));
  });
});

describe('what remains in memory', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('of a number that was read and disposed of: none of the buffers made for it holds a digit', () => {
    const alloc = vi.spyOn(Buffer, 'alloc');
    const one = parseNumber('1234-5678-9018', 'lenient');
    one.withPlaintext((digits) => digits.length);
    const made = () => alloc.mock.results.map(({ value }) => value as Buffer);
    expect(made().filter((bytes) => bytes.includes(VALID))).toHaveLength(1);
    one.dispose();
    expect(made().length).toBeGreaterThanOrEqual(3);
    expect(made().filter((bytes) => bytes.some((byte) => byte !== 0))).toEqual([]);
  });

  test('of a text that was refused: nothing', () => {
    const alloc = vi.spyOn(Buffer, 'alloc');
    expect(() => parseNumber('123456789019', 'strict')).toThrow(
      refusal('BAD_INPUT', { rule: 'INVALID_CHECK_DIGIT' }),
    );
    const made = alloc.mock.results.map(({ value }) => value as Buffer);
    expect(made.length).toBeGreaterThanOrEqual(1);
    expect(made.filter((bytes) => bytes.some((byte) => byte !== 0))).toEqual([]);
  });
});

describe('a stored number', () => {
  test('comes back, and the opened bytes are wiped', () => {
    const plaintext = ascii(VALID);
    expect(read(storedNumber(plaintext))).toBe(VALID);
    expect([...plaintext]).toEqual(Array.from({ length: 12 }, () => 0));
  });

  test('that is no number is a failure of integrity without detail, and is wiped too', () => {
    const plaintext = ascii('123456789019');
    expect(() => storedNumber(plaintext)).toThrow(INTEGRITY_FAILURE);
    expect([...plaintext]).toEqual(Array.from({ length: 12 }, () => 0));
  });
});

function logged(value: IndividualNumber): string {
  const lines: string[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (line: string) => lines.push(line) });
  log.info({ value, nested: { value } }, 'one %s', value);
  return lines.join('').replace('"level":30', '');
}
