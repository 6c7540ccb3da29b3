import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertEntries, countLines, isLastOfAll, parseLines } from '../../../src/vault/registration/lines.js';
import { REGISTRATION_LINES_MAX } from '../../../src/kernel/limits.js';
import { PATTERNED_NUMBERS } from '../number/support/patterned.js';

const UNIFIED = '000000000012345';
const NUMBER = '123456789018';
const parsed = (text: string, firstLineNo = 1) => {
  const { accepted, refused } = parseLines(Buffer.from(text), firstLineNo);
  return {
    accepted: accepted.map(({ lineNo, unifiedAddresseeNo, number }) => [
      lineNo,
      unifiedAddresseeNo,
      number.withPlaintext((digits) => Buffer.from(digits).toString('ascii')),
    ]),
    refused: refused.map(({ lineNo, rule }) => [lineNo, rule]),
  };
};

describe('a line', () => {
  it('holds a unified addressee number and a number', () => {
    expect(parsed(`${UNIFIED},${NUMBER}\n`)).toEqual({ accepted: [[1, UNIFIED, NUMBER]], refused: [] });
  });

  it('may end as Windows ends it, or, the last one, not at all', () => {
    expect(parsed(`${UNIFIED},${NUMBER}\r\n${UNIFIED},202020202000`, 5).accepted).toEqual([
      [5, UNIFIED, NUMBER],
      [6, UNIFIED, '202020202000'],
    ]);
  });

  it.each([
    ['', 'FORM'],
    [NUMBER, 'FORM'],
    [`${UNIFIED},${NUMBER},`, 'FORM'],
    [`${UNIFIED};${NUMBER}`, 'FORM'],
    [`${UNIFIED},${'1'.repeat(60)}`, 'FORM'],
    [`"${UNIFIED}",${NUMBER}`, 'UNIFIED_ADDRESSEE_NO'],
    [`12345,${NUMBER}`, 'UNIFIED_ADDRESSEE_NO'],
    [`${NUMBER},${UNIFIED}`, 'UNIFIED_ADDRESSEE_NO'],
    [`\ufeff${UNIFIED},${NUMBER}`, 'UNIFIED_ADDRESSEE_NO'],
    [`${UNIFIED.replace('5', '５')},${NUMBER}`, 'UNIFIED_ADDRESSEE_NO'],
    [`${UNIFIED}, ${NUMBER}`, 'INVALID_CHARACTER'],
    [`${UNIFIED},1234-5678-9018`, 'INVALID_CHARACTER'],
    [`${UNIFIED},${NUMBER}\r`, 'INVALID_CHARACTER'],
    [`${UNIFIED},1234`, 'INVALID_LENGTH'],
    [`${UNIFIED},123456789012`, 'INVALID_CHECK_DIGIT'],
    [`${UNIFIED},000000000000`, 'PLACEHOLDER'],
  ])('%j is refused by rule %s', (line, rule) => {
    const text = line.endsWith('\r') ? `${line}\r\n` : `${line}\n`;
    expect(parsed(text, 3)).toEqual({ accepted: [], refused: [[3, rule]] });
  });
});

describe('a heading', () => {
  it.each([
    'unifiedAddresseeNo,number\n',
    'unifiedAddresseeNo,number\r\n',
    '\ufeffunifiedAddresseeNo,number\n',
  ])('%j is no line with a number, in the first line of a file alone', (heading) => {
    expect(parsed(`${heading}${UNIFIED},${NUMBER}\n`)).toEqual({
      accepted: [[2, UNIFIED, NUMBER]],
      refused: [],
    });
    expect(parsed(heading, 2).refused).toHaveLength(1);
    expect(countLines(Buffer.from(`${heading}${UNIFIED},${NUMBER}\n`), 1)).toEqual({ lines: 2, entries: 1 });
    expect(countLines(Buffer.from(heading), 2)).toEqual({ lines: 1, entries: 1 });
  });
});

describe('lines', () => {
  it('whatever stands in them, each comes to one thing, and nothing of it is told but its place', () => {
    const anything = fc.oneof(
      fc.string({ maxLength: 80 }).map((text) => text.replaceAll('\n', '')),
      fc.constantFrom(...PATTERNED_NUMBERS).map((number) => `${UNIFIED},${number}`),
    );
    fc.assert(
      fc.property(fc.array(anything, { minLength: 1, maxLength: 20 }), (lines) => {
        const chunk = Buffer.from(`${lines.join('\n')}\n`);
        const { accepted, refused } = parseLines(chunk, 2);
        const places = [...accepted, ...refused].map(({ lineNo }) => lineNo).toSorted((a, b) => a - b);
        expect(places).toEqual(lines.map((_, at) => at + 2));
        expect(countLines(chunk, 2).lines).toBe(lines.length);
        for (const line of refused) expect(Object.keys(line).toSorted()).toEqual(['lineNo', 'rule']);
      }),
    );
  });

  it('are no more than the vault takes of one file', () => {
    assertEntries(REGISTRATION_LINES_MAX);
    expect(() => assertEntries(REGISTRATION_LINES_MAX + 1)).toThrow(
      expect.objectContaining({ code: 'FILE_REJECTED' }),
    );
  });

  it('without an end are the last of all', () => {
    expect(isLastOfAll(Buffer.from('a\nb'))).toBe(true);
    expect(isLastOfAll(Buffer.from('a\nb\n'))).toBe(false);
  });
});
