import { describe, expect, it } from 'vitest';
import { contactEntry, type ContactEntry } from '../../../src/collection/delinquency/contact.js';
import { Temporal } from '../../../src/kernel/dates.js';
import { CONTACT_COUNTERPART_CHARS_MAX, CONTACT_SUMMARY_CHARS_MAX } from '../../../src/kernel/limits.js';

const NOW = Temporal.Instant.from('2026-11-02T10:00:00+09:00');
const ENTRY: ContactEntry = {
  contactedAt: '2026-11-02T09:30:00+09:00',
  method: 'phone',
  counterpart: '本人',
  summary: '分納の相談',
  nextActionOn: null,
};

const check = (change: Partial<ContactEntry>) => contactEntry({ ...ENTRY, ...change }, NOW);

describe('an entry of the contact log (折衝経過)', () => {
  it('keeps what was written, rare characters and line breaks included', () => {
    const summary = '邉\u{E0100}さん宅を訪問。\n𠮷野氏が応対。';
    expect(check({ summary }).summary).toBe(summary);
    expect(check({ counterpart: 'か\u3099' }).counterpart).toBe('が');
  });

  it('is not dated after it is written, but for the difference of two clocks', () => {
    expect(() => check({ contactedAt: '2026-11-02T10:05:01+09:00' })).toThrow('before it took place');
    expect(check({ contactedAt: '2026-11-02T10:05:00+09:00' }).contactedAt).toBe('2026-11-02T01:05:00Z');
  });

  it('plans nothing before its own day in Japan', () => {
    const contactedAt = '2026-11-01T15:30:00Z';
    expect(() => check({ contactedAt, nextActionOn: '2026-11-01' })).toThrow('before the contact');
    expect(check({ contactedAt, nextActionOn: '2026-11-02' }).nextActionOn).toBe('2026-11-02');
  });

  it.each([
    ['blank', { summary: ' 　\n' }, 'is empty'],
    ['too long', { summary: '長'.repeat(CONTACT_SUMMARY_CHARS_MAX + 1) }, 'more than 4000'],
    [
      'a counterpart too long',
      { counterpart: '長'.repeat(CONTACT_COUNTERPART_CHARS_MAX + 1) },
      'more than 100',
    ],
    ['a heap of marks on one letter', { counterpart: `あ${'\u0301'.repeat(5_000)}` }, 'more than 100'],
    ['a null character', { summary: 'あ\u0000い' }, 'control characters'],
    ['half of a surrogate pair', { summary: 'あ\uD842' }, 'control characters'],
  ])('refuses a text that is %s', (_, change, sentence) => {
    expect(() => check(change)).toThrow(sentence);
  });

  it('counts characters as people do', () => {
    const family = '👨‍👩‍👧'.repeat(CONTACT_COUNTERPART_CHARS_MAX);
    expect(check({ counterpart: family }).counterpart).toBe(family);
  });
});
