import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineFile } from '../../../../src/reference/intermediary/store/file.js';
import { ownFolder } from '../support/folder.js';

const folder = ownFolder();
let made = 0;
const newPath = () => join(folder, `${(made += 1)}.jsonl`);

async function linesOf(path: string): Promise<unknown[]> {
  const lines: unknown[] = [];
  const file = await LineFile.open(path, 10_000, (line) => lines.push(line));
  await file.close();
  return lines;
}

async function written(path: string, ...values: unknown[]): Promise<void> {
  const file = await LineFile.open(path, 10_000, () => undefined);
  for (const value of values) await file.append(value);
  await file.close();
}

describe('a file of lines', () => {
  test('gives back what was appended, over several openings', async () => {
    const path = newPath();
    await written(path, { a: '番号' }, [1, 2]);
    await written(path, 'third\nline');
    expect(await linesOf(path)).toEqual([{ a: '番号' }, [1, 2], 'third\nline']);
  });

  test('loses what a crash left of a last line, wherever it was cut, and nothing else', async () => {
    const path = newPath();
    await written(path, { line: 1 }, { line: 2 });
    const whole = readFileSync(path);
    const first = whole.indexOf('\n') + 1;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: first, max: whole.length - 1 }), async (length) => {
        writeFileSync(path, whole.subarray(0, length));
        expect(await linesOf(path)).toEqual([{ line: 1 }]);
        await written(path, { line: 3 });
        expect(await linesOf(path)).toEqual([{ line: 1 }, { line: 3 }]);
      }),
      { numRuns: 20 },
    );
  });

  test('is refused when any bit of a whole line has turned', async () => {
    const path = newPath();
    await written(path, { line: 1 }, { line: 2 });
    const whole = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.indexOf('\n') * 8 - 1 }), async (bit) => {
        const turned = Buffer.from(whole);
        turned[bit >> 3]! ^= 1 << (bit & 7);
        writeFileSync(path, turned);
        await expect(linesOf(path)).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
      }),
      { numRuns: 40 },
    );
  });

  test('takes nothing more when it is full, and stays as it is', async () => {
    const path = newPath();
    const file = await LineFile.open(path, 200, () => undefined);
    await file.append({ line: 1 });
    await expect(file.append({ line: 'x'.repeat(100) })).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    await file.append({ line: 2 });
    await file.close();
    expect(await linesOf(path)).toEqual([{ line: 1 }, { line: 2 }]);
  });

  test('can be rewritten, and goes on after that', async () => {
    const path = newPath();
    await written(path, { line: 1 }, { line: 2 });
    const file = await LineFile.open(path, 10_000, () => undefined);
    await file.rewrite([{ line: 2 }]);
    await file.append({ line: 3 });
    await file.close();
    expect(await linesOf(path)).toEqual([{ line: 2 }, { line: 3 }]);
  });

  test('keeps a line of more than one chunk', async () => {
    const path = newPath();
    const long = 'x'.repeat(3 * 1024 * 1024);
    const file = await LineFile.open(path, 10 * 1024 * 1024, () => undefined);
    await file.append(long);
    await file.append('short');
    await file.close();
    expect(await linesOf(path)).toEqual([long, 'short']);
    truncateSync(path, 1_000);
    appendFileSync(path, '\n');
    await expect(linesOf(path)).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
  });
});
