import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holderText, isSameHolder } from '../../src/kernel/holder.js';

describe('the name of an account’s holder', () => {
  test.each([
    // Handbook 12 §7.
    ['ｼﾞｮｳ', 'ジヨウ'],
    ['ジョウ', 'ｼﾞﾖｳ'],
    ['ヤマダ　ハナコ', 'ﾔﾏﾀﾞ ﾊﾅｺ'],
    ['やまだ　はなこ', 'ﾔﾏﾀﾞﾊﾅｺ'],
    ['キヨハラ リョウタロウ', 'ｷﾖﾊﾗﾘﾖｳﾀﾛｳ'],
    ['サットン・メアリー', 'ｻﾂﾄﾝ･ﾒｱﾘ-'],
    ['ｶ)ﾐﾎﾝ', 'カ）ミホン'],
    ['smith john', 'ＳＭＩＴＨ ＪＯＨＮ'],
    ['ヴァイオレット', 'ｳﾞｱｲｵﾚﾂﾄ'],
    ['パク', 'ﾊﾟｸ'],
  ])('%s is %s', (one, other) => {
    expect(isSameHolder(one, other)).toBe(true);
  });

  test.each([
    ['ヤマダ ハナコ', 'ヤマダ ハナヨ'],
    ['ハナコ', 'ﾊﾅｺﾞ'],
    ['バク', 'パク'],
    ['', ''],
    ['　', ' '],
    ['ヤマダ', ''],
  ])('%s is not %s', (one, other) => {
    expect(isSameHolder(one, other)).toBe(false);
  });

  test('is written as banks write it', () => {
    expect(holderText('ヤマダ　ジョウイチ')).toBe('ﾔﾏﾀﾞｼﾞﾖｳｲﾁ');
  });

  const kana = fc
    .array(fc.integer({ min: 0x30a1, max: 0x30f6 }), { minLength: 1, maxLength: 20 })
    .map((codes) => String.fromCharCode(...codes));

  test('is what it is when it is written so again', () => {
    fc.assert(fc.property(kana, (name) => holderText(holderText(name)) === holderText(name)));
  });

  test('does not depend on width, spaces, kind or size of the kana', () => {
    const hiragana = (name: string) =>
      name.replaceAll(/[ァ-ヶ]/gu, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0x60));
    fc.assert(
      fc.property(kana, (name) => {
        const spaced = [...name].join('　');
        return (
          isSameHolder(name, holderText(name)) &&
          isSameHolder(name, spaced) &&
          isSameHolder(name, hiragana(name))
        );
      }),
    );
  });
});
