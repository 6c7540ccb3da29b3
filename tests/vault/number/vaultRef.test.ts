import { describe, expect, test } from 'vitest';
import { isVaultRef, newVaultRef } from '../../../src/vault/number/vaultRef.js';
import { range } from './support/patterned.js';

const SAMPLE = range(4_000).map(() => newVaultRef());

describe('a vault reference', () => {
  test('has the form vr_ and 26 characters of Crockford base32', () => {
    expect(SAMPLE.filter((ref) => !/^vr_[0123456789ABCDEFGHJKMNPQRSTVWXYZ]{26}$/.test(ref))).toEqual([]);
    expect(SAMPLE.every(isVaultRef)).toBe(true);
  });

  test('never comes twice', () => {
    expect(new Set(SAMPLE).size).toBe(SAMPLE.length);
  });

  test('has 130 random bits: every bit of every character is set in about half of the references', () => {
    const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    const shares = range(26).flatMap((at) =>
      range(5).map(
        (bit) =>
          SAMPLE.filter((ref) => ((alphabet.indexOf(ref.charAt(3 + at)) >> bit) & 1) === 1).length /
          SAMPLE.length,
      ),
    );
    expect(shares).toHaveLength(130);
    // Six standard deviations: a sound generator fails once in some millions of runs.
    const margin = 6 * Math.sqrt(0.25 / SAMPLE.length);
    expect(shares.filter((share) => Math.abs(share - 0.5) > margin)).toEqual([]);
  });

  test('has no order in time', () => {
    const ascending = SAMPLE.filter((ref, at) => at > 0 && SAMPLE[at - 1]! < ref).length;
    expect(Math.abs(ascending / SAMPLE.length - 0.5)).toBeLessThan(0.05);
  });

  test.each([
    ['lower case', `vr_${'a'.repeat(26)}`],
    ['an excluded letter I', `vr_${'I'.repeat(26)}`],
    ['an excluded letter L', `vr_${'L'.repeat(26)}`],
    ['an excluded letter O', `vr_${'O'.repeat(26)}`],
    ['an excluded letter U', `vr_${'U'.repeat(26)}`],
    ['25 characters', `vr_${'A'.repeat(25)}`],
    ['27 characters', `vr_${'A'.repeat(27)}`],
    ['another prefix', `VR_${'A'.repeat(26)}`],
    ['a newline after it', `vr_${'A'.repeat(26)}\n`],
    ['a full-width digit', `vr_${'A'.repeat(25)}１`],
    ['a number', 1],
    ['nothing', undefined],
    ['an array', [`vr_${'A'.repeat(26)}`]],
  ])('is not %s', (_, value) => {
    expect(isVaultRef(value)).toBe(false);
  });
});
