import { describe, expect, test } from 'vitest';
import { isMunicipalityCode } from '../../../src/vault/number/municipalityCode.js';
import { range } from './support/patterned.js';

describe('a municipality code', () => {
  test('handbook 10 §7: 24201 has the sum 42 and the check digit 2', () => {
    expect(range(10).filter((digit) => isMunicipalityCode(`24201${digit}`))).toEqual([2]);
  });

  test.each([
    ['131016', 'Chiyoda'],
    ['011002', 'Sapporo'],
    ['271004', 'Osaka'],
  ])('%s is that of %s', (code) => {
    expect(isMunicipalityCode(code)).toBe(true);
  });

  test('remainder 0 gives 1 and remainder 1 gives 0, unlike the individual number', () => {
    // 6·1 + 5·1 = 11 and 6·2 = 12.
    expect(range(10).filter((digit) => isMunicipalityCode(`11000${digit}`))).toEqual([1]);
    expect(range(10).filter((digit) => isMunicipalityCode(`20000${digit}`))).toEqual([0]);
  });

  test('has exactly one check digit for every base of five digits', () => {
    const others = range(100_000)
      .map((base) => String(base).padStart(5, '0'))
      .filter((base) => range(10).filter((digit) => isMunicipalityCode(`${base}${digit}`)).length !== 1);
    expect(others).toEqual([]);
  });

  test.each([['24201'], ['2420122'], ['24201２'], ['242012\n'], [' 242012'], [242012], [null], [['242012']]])(
    '%j is none',
    (value) => {
      expect(isMunicipalityCode(value)).toBe(false);
    },
  );
});
