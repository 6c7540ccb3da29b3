import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enteredText } from '../../src/kernel/text.js';

describe('a text that a person entered', () => {
  it('is stored in NFC, its rare characters, selectors and line breaks kept', () => {
    expect(enteredText('か\u3099\n邉\u{E0100}\t𠮷\r\n', 'summary', 10)).toBe('が\n邉\u{E0100}\t𠮷\r\n');
  });

  it('is refused with the field and never with the text', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 11, maxLength: 40, unit: fc.constantFrom('秘', '密', '\u0007') }),
        (text) => {
          try {
            enteredText(text, 'reason', 10);
            expect.unreachable();
          } catch (error) {
            const { code, message, facts } = error as { code: string; message: string; facts: unknown };
            expect({ code, facts }).toEqual({ code: 'BAD_INPUT', facts: { field: 'reason' } });
            expect([...message].filter((c) => text.includes(c))).toEqual([]);
          }
        },
      ),
    );
  });

  it('counts grapheme clusters, up to the limit and not one more', () => {
    const flag = '🇯🇵';
    expect(enteredText(flag.repeat(5), 'reason', 5)).toBe(flag.repeat(5));
    expect(() => enteredText(flag.repeat(6), 'reason', 5)).toThrow('more than 5 characters');
  });

  it.each(['', ' ', '　\n\t', '\u200B\u0000', 'a\u2028b', 'a\u0085b', '\uDC00'])(
    'refuses blank texts and control characters',
    (text) => {
      expect(() => enteredText(text, 'reason', 10)).toThrow(
        /^The field reason (is empty|holds control characters)/u,
      );
    },
  );
});
