import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  digits,
  text,
  zenginRecord,
  zenginText,
  ZENGIN_RECORD_BYTES,
} from '../../../src/vault/refund/zengin.js';

describe('a name in a record of the banks', () => {
  // Handbook 20 §4.
  test.each([
    ['わたなべ\u3000ゆうこ', 'ﾜﾀﾅﾍﾞ ﾕｳｺ'],
    ['キョウコ・ショウジ', 'ｷﾖｳｺ.ｼﾖｳｼﾞ'],
    ['タロー', 'ﾀﾛ-'],
    ['ヴァンダー', 'ｳﾞｱﾝﾀﾞ-'],
    ['ハギワラ ケンイチ', 'ﾊｷﾞﾜﾗ ｹﾝｲﾁ'],
    ['  ヰノウヱ   ミサヲ ', 'ｲﾉｳｴ ﾐｻｵ'],
    ['smith, john', 'SMITH. JOHN'],
    ['(ｶ)ﾐﾎﾝ', '(ｶ)ﾐﾎﾝ'],
  ])('%s is %s', (name, written) => {
    expect(zenginText(name)).toBe(written);
  });

  test.each(['渡邉\u3000ユウコ', '', ' ', '\u3000', 'ｱ*', 'ｱ&ｲ', 'ｱ\u0000', 'ｱ\u0000ｲ', '😀'])(
    'has no writing: %j',
    (name) => {
      expect(zenginText(name)).toBeUndefined();
    },
  );

  test('is what it is when it is written so again', () => {
    const kana = fc.array(fc.integer({ min: 0x3041, max: 0x30fc }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(kana, (codes) => {
        const written = zenginText(String.fromCharCode(...codes));
        return written === undefined || zenginText(written) === written;
      }),
    );
  });
});

describe('a field', () => {
  test('of text is cut at its end, and no kana from its mark', () => {
    expect(text('ﾔﾏﾀﾞ', 6)).toBe('ﾔﾏﾀﾞ  ');
    expect(text('ﾔﾏﾀﾞ', 4)).toBe('ﾔﾏﾀﾞ');
    expect(text('ﾔﾏﾀﾞ', 3)).toBe('ﾔﾏ ');
    expect(text('ﾔﾏﾀﾞﾅ', 4)).toBe('ﾔﾏﾀﾞ');
  });

  test('of digits is filled from the left, and takes nothing else', () => {
    expect(digits('12345', 7)).toBe('0012345');
    for (const [given, length] of [
      ['12345678', 7],
      ['', 3],
      ['１２', 3],
      ['-1', 3],
    ] as const)
      expect(() => digits(given, length)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});

test('a record has 120 bytes, one for each sign, or is none', () => {
  expect(zenginRecord(['9', ' '.repeat(119)])).toHaveLength(ZENGIN_RECORD_BYTES);
  for (const fields of [['9'], ['9', ' '.repeat(120)], ['山', ' '.repeat(119)], ['\n', ' '.repeat(119)]])
    expect(() => zenginRecord(fields)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
});
