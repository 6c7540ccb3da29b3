import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalBytes, canonicalText, type CanonicalRules } from '../../src/kernel/canonical.js';
import { OPERATION_BODY_BYTES_MAX, OPERATION_BODY_DEPTH_MAX } from '../../src/kernel/limits.js';
import { canonicalJson } from '../audit/canonical.js';

class Refused extends Error {}
const strict: CanonicalRules = {
  refuse: (fault) => {
    throw new Refused(fault);
  },
};
const lenient: CanonicalRules = { ...strict, undefinedMembers: 'leftOut' };
const fault = (value: unknown, rules = strict) => {
  try {
    return { text: canonicalText(value, rules) };
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
};

describe('the one canonical text (RFC 8785; tests/client/canonical.test.ts has its examples)', () => {
  it('is that of a plain serialiser, for every value of JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(canonicalText(value, strict)).toBe(canonicalJson(value));
      }),
    );
  });

  it('is refused by whoever asks, who learns which fault it was', () => {
    const nested = (levels: number): unknown => (levels === 1 ? 'leaf' : [nested(levels - 1)]);
    expect(fault(Number.NaN)).toBe('value');
    expect(fault([1n])).toBe('value');
    expect(fault('\ud800')).toBe('value');
    expect(fault({ at: new Date(0) })).toBe('value');
    expect(fault({ toJSON: () => 1 })).toBe('value');
    expect(fault(nested(OPERATION_BODY_DEPTH_MAX + 1))).toBe('depth');
    expect(fault('x'.repeat(OPERATION_BODY_BYTES_MAX - 1))).toBe('size');
  });

  it('has no members that are undefined: they are refused, or left out where that is asked for', () => {
    expect(fault({ a: undefined })).toBe('value');
    expect(fault({ a: undefined, b: [{ c: undefined }] }, lenient)).toEqual({ text: '{"b":[{}]}' });
    expect(fault([undefined], lenient)).toBe('value');
    expect(fault(undefined, lenient)).toBe('value');
  });
});

describe('the bytes of a flat object', () => {
  it('are its canonical text in UTF-8, whatever the order of its members', () => {
    const text = '{"a":"番号","b":2}';
    for (const object of [
      { a: '番号', b: 2 },
      { b: 2, a: '番号' },
    ])
      expect(Buffer.from(canonicalBytes(object)).toString('utf8')).toBe(text);
  });
});
