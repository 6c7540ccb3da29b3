import { describe, expect, test } from 'vitest';
import { intermediarySettings, type IntermediaryParts } from '../../src/config/intermediaryLink.js';

const WHOLE: IntermediaryParts = {
  intermediaryUrl: 'https://10.1.2.3:4200',
  intermediaryDropFolder: undefined,
  intermediaryDropKey: undefined,
  intermediaryKey: 'key',
  intermediaryCertificate: 'certificate',
  intermediaryCa: 'ca',
  intermediaryBodyCode: '0220000000992011',
  intermediaryBodyName: '見本市',
  intermediarySystemId: 'kuramori',
  intermediaryLayout: '2026-07',
};
const BY_FILES: IntermediaryParts = {
  ...WHOLE,
  intermediaryUrl: undefined,
  intermediaryDropFolder: '/var/lib/exchange',
  intermediaryDropKey: 'key of files',
};
const without = (whole: IntermediaryParts, ...names: readonly string[]): IntermediaryParts => {
  const absent = Object.fromEntries(names.map((name) => [name, undefined]));
  return { ...whole, ...absent };
};
const neededOf = (whole: IntermediaryParts) =>
  Object.entries(whole).flatMap(([name, value]) =>
    value !== undefined && name !== 'intermediarySystemId' ? [name] : [],
  );

describe('the settings of the link to the intermediary server', () => {
  test('are taken when all of them are there', () => {
    expect(intermediarySettings(WHOLE)).toMatchObject({ url: WHOLE.intermediaryUrl, systemId: 'kuramori' });
    const byFiles = intermediarySettings(BY_FILES);
    expect(byFiles).toMatchObject({ dropFolder: '/var/lib/exchange', dropKey: 'key of files' });
    expect(byFiles).not.toHaveProperty('url');
  });

  test('are none when none is there', () => {
    expect(intermediarySettings(without(WHOLE, ...neededOf(WHOLE)))).toBeUndefined();
  });

  const cases = [WHOLE, BY_FILES].flatMap((whole) => neededOf(whole).map((name) => ({ whole, name })));
  test.each(cases)('are refused without $name alone', ({ whole, name }) => {
    expect(() => intermediarySettings(without(whole, name))).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID' }),
    );
  });

  test.each(['intermediaryDropFolder', 'intermediaryDropKey'] as const)(
    'name one way: not an address and %s',
    (name) => {
      expect(() => intermediarySettings({ ...WHOLE, [name]: BY_FILES[name] })).toThrow(
        expect.objectContaining({
          code: 'CONFIGURATION_INVALID',
          message: expect.stringContaining('both') as string,
        }),
      );
    },
  );
});
