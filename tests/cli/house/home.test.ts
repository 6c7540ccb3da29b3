import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { houseHome } from '../../../src/cli/house/home.js';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-home-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the folder of the house', () => {
  test('is made where KURAMORI_HOME says', () => {
    const wanted = join(folder, 'a', 'b');
    expect(houseHome({ KURAMORI_HOME: wanted })).toBe(wanted);
    expect(houseHome({ KURAMORI_HOME: wanted })).toBe(wanted);
  });

  test.each(['', '  '])('is not the folder one happens to stand in: %j is refused', (empty) => {
    expect(() => houseHome({ KURAMORI_HOME: empty })).toThrow(
      expect.objectContaining({
        code: 'CONFIGURATION_INVALID',
        message: expect.stringContaining('KURAMORI_HOME is empty') as string,
      }),
    );
  });

  test('that cannot be made is refused in a sentence', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    for (const wanted of [file, join(file, 'below')]) {
      expect(() => houseHome({ KURAMORI_HOME: wanted })).toThrow(
        expect.objectContaining({
          code: 'CONFIGURATION_INVALID',
          message: expect.stringContaining('Name another folder in KURAMORI_HOME') as string,
        }),
      );
    }
  });
});
