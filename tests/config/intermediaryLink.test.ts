import { describe, expect, test } from 'vitest';
import { intermediarySettings, type IntermediaryParts } from '../../src/config/intermediaryLink.js';

const WHOLE: IntermediaryParts = {
  intermediaryUrl: 'https://10.1.2.3:4200',
  intermediaryKey: 'key',
  intermediaryCertificate: 'certificate',
  intermediaryCa: 'ca',
  intermediaryBodyCode: '0220000000992011',
  intermediaryBodyName: '見本市',
  intermediarySystemId: 'kuramori',
  intermediaryLayout: '2026-07',
};
const NEEDED = Object.keys(WHOLE).filter((name) => name !== 'intermediarySystemId');
const without = (...names: readonly string[]): IntermediaryParts => {
  const absent = Object.fromEntries(names.map((name) => [name, undefined]));
  return { ...WHOLE, ...absent };
};

describe('the settings of the link to the intermediary server', () => {
  test('are taken when all of them are there', () => {
    expect(intermediarySettings(WHOLE)).toMatchObject({ url: WHOLE.intermediaryUrl, systemId: 'kuramori' });
  });

  test('are none when none is there', () => {
    expect(intermediarySettings(without(...NEEDED))).toBeUndefined();
  });

  test.each(NEEDED)('are refused without %s alone', (name) => {
    expect(() => intermediarySettings(without(name))).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID' }),
    );
  });
});
