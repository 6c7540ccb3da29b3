import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import * as limits from '../../../src/kernel/limits.js';

const FOLDER = resolve('src/kernel/limits');
const parts = await Promise.all(
  readdirSync(FOLDER).map(async (file): Promise<[string, object]> => [
    file,
    (await import(`${FOLDER}/${file.replace(/ts$/, 'js')}`)) as object,
  ]),
);

test('every limit of every part is read from the one place, and each name stands once', () => {
  const names = parts.flatMap(([, part]) => Object.keys(part));
  expect(names.length).toBeGreaterThan(300);
  expect(names.toSorted()).toEqual(Object.keys(limits).toSorted());
});

test('every number is one that bounds something', () => {
  for (const [name, value] of Object.entries(limits as Record<string, unknown>)) {
    const numbers = [value].flat().filter((one) => typeof one === 'number' || typeof one === 'bigint');
    for (const one of numbers) expect([name, Number.isFinite(Number(one)) && one >= 0]).toEqual([name, true]);
  }
});
