import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { readWhole, writeWhole } from '../../src/kernel/wholeFile.js';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-whole-'));
const path = join(folder, 'file');
afterAll(() => rmSync(folder, { recursive: true }));

/** A real file that takes and gives no more than so many bytes at a time, as a system may. */
function inShares(file: FileHandle, most: number) {
  return {
    write: (bytes: Uint8Array, offset: number, length: number, position: number | null) =>
      file.write(bytes, offset, Math.min(length, most), position),
    read: (into: Uint8Array, offset: number, length: number, position: number) =>
      file.read(into, offset, Math.min(length, most), position),
  } as unknown as FileHandle;
}

async function opened<T>(flags: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

const plain = fc.uint8Array({ maxLength: 200 });
const share = fc.integer({ min: 1, max: 70 });

describe('a file that is written and read in shares', () => {
  test('holds all that was written, one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(plain, plain, share, async (first, second, most) => {
        await opened('w', async (file) => {
          await writeWhole(inShares(file, most), first);
          await writeWhole(inShares(file, most), second);
        });
        expect(readFileSync(path)).toEqual(Buffer.concat([first, second]));
      }),
      { numRuns: 30 },
    );
  });

  test('holds what was written at a place, and nothing else of it is another', async () => {
    await opened('w', async (file) => {
      await writeWhole(file, Buffer.from('abcdefgh'), 0);
      await writeWhole(inShares(file, 2), Buffer.from('XYZ'), 3);
    });
    expect(readFileSync(path, 'latin1')).toBe('abcXYZgh');
  });

  test('is read as far as the buffer goes, or to its end', async () => {
    await opened('w', (file) => writeWhole(file, Buffer.from('abcdefgh')));
    await opened('r', async (file) => {
      const read = async (bytes: number, at: number) =>
        Buffer.from(await readWhole(inShares(file, 3), Buffer.alloc(bytes), at)).toString('latin1');
      expect(await read(4, 1)).toBe('bcde');
      expect(await read(8, 0)).toBe('abcdefgh');
      expect(await read(8, 5)).toBe('fgh');
      expect(await read(8, 8)).toBe('');
    });
  });
});
