import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { strictJsonObject } from '../../../src/kernel/token/json.js';
import { anyCharacter } from '../../support/anyCharacter.js';

const read = (text: string) => strictJsonObject(Buffer.from(text, 'utf8'));
const rule = (name: string): Error =>
  expect.objectContaining({ code: 'UNAUTHENTICATED', rule: name }) as Error;

describe('JSON of a token', () => {
  test.each([
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"x":{"b":1,"b":1}}',
    '{"x":[{"b":1},{"c":1,"c":2}]}',
    '{"a":{},"b":{"a":1},"a":3}',
    '{"" : 1, "" : 2}',
    '{"__proto__":1,"__proto__":2}',
    '{"q\\"":1,"q\\u0022":2}',
  ])('%s names a member twice and is refused', (text) => {
    expect(() => read(text)).toThrow(rule('duplicateMember'));
  });

  test.each([
    '{"a":{"a":{"a":1}}}',
    '{"a":["a","a",{"a":1}],"b":"a"}',
    '{"a":"}{\\":","b":"\\\\"}',
    '{}',
    '{"a":[["b"],"c"],"b":1}',
  ])('%s does not and is read', (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  });

  test.each(['', '[]', 'null', '1', '"a"', '{', '{"a":1}x', '\uFEFF{}', "{'a':1}"])(
    '%j is not an object',
    (text) => {
      expect(() => read(text)).toThrow(rule('malformed'));
    },
  );

  test('bytes that are not UTF-8 are refused', () => {
    expect(() => strictJsonObject(Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]))).toThrow(
      rule('malformed'),
    );
  });

  test('whatever JSON.stringify writes is read the same', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: anyCharacter }), fc.jsonValue()), (value) => {
        const text = JSON.stringify(value);
        if (!text.isWellFormed()) return;
        expect(read(text)).toEqual(JSON.parse(text));
      }),
    );
  });
});
