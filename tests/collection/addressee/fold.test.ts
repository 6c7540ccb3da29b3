import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  foldAddress,
  foldKana,
  foldName,
  foldPhone,
  prefixRange,
} from '../../../src/collection/addressee/addressee.fold.js';
import { anyCharacter } from '../../support/anyCharacter.js';

const bytes = (text: string) => Buffer.from(text, 'utf8');
const wellFormed = fc
  .string({ unit: anyCharacter, minLength: 1, maxLength: 6 })
  .filter((text) => text.isWellFormed());

describe('comparison forms (handbook 06 §3, §4)', () => {
  it('treats small and large kana, marks, widths and hiragana as one', () => {
    for (const text of ['キョウコ', 'キヨウコ', 'ｷｮｳｺ', 'きょうこ', 'ギョウゴ'])
      expect(foldKana(text)).toBe(foldKana('キヨウコ'));
    expect(foldKana('ヴァイオリン')).toBe(foldKana('ウアイオリン'));
  });

  it('treats variant characters and their selectors as one', () => {
    expect(foldName('髙﨑　邉\u{E0100}')).toBe(foldName('高崎辺'));
    expect(foldName('𠮷野')).toBe('吉野');
  });

  it('treats 丁目, 番, 号 and every kind of hyphen as one', () => {
    for (const text of [
      '蔵守市東町1丁目2番3号',
      '蔵守市東町１－２－３',
      '蔵守市東町1丁目2番地の3',
      '蔵守市東町 1-2-3',
    ]) {
      expect(foldAddress(text), text).toBe('蔵守市東町1-2-3');
    }
  });

  it('keeps the digits of a telephone number and nothing else', () => {
    expect(foldPhone('（０９９９）12-3456')).toBe('0999123456');
    expect(() => foldPhone('なし')).toThrow('no digits');
  });
});

describe('prefixRange', () => {
  it('takes in what begins with the text and nothing else, in the order of UTF-8 bytes', () => {
    fc.assert(
      fc.property(wellFormed, wellFormed, fc.boolean(), (prefix, text, extend) => {
        fc.pre([...prefix].some((c) => (c.codePointAt(0) ?? 0) < 0x10ffff));
        const candidate = extend ? prefix + text : text;
        const { from, before } = prefixRange(prefix);
        const inside =
          Buffer.compare(bytes(candidate), bytes(from)) >= 0 &&
          Buffer.compare(bytes(candidate), bytes(before)) < 0;
        expect(inside).toBe(candidate.startsWith(prefix) || (prefix.endsWith('\u{10FFFF}') && inside));
      }),
    );
  });

  it('steps over the surrogates, which are no characters', () => {
    expect(prefixRange('\uD7FF').before).toBe('\uE000');
    expect(prefixRange('ア\u{10FFFF}')).toEqual({ from: 'ア\u{10FFFF}', before: 'ィ' });
  });

  it('refuses an empty text and one of nothing but the last code point', () => {
    expect(() => prefixRange('')).toThrow('Give at least one');
    expect(() => prefixRange('\u{10FFFF}')).toThrow('no searchable character');
  });
});
