import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SPOOL_CHUNK_BYTES } from '../../../../src/kernel/limits.js';
import { readSpool, spoolBytes, SpoolWriter } from '../../../../src/vault/transfer/spool/spoolFile.js';
import { temporaryFolder } from '../../keys/support/vault.js';

const folder = temporaryFolder();
const key = randomBytes(32);
const path = join(folder, 'file');

async function write(pieces: readonly Uint8Array[]): Promise<void> {
  rmSync(path, { force: true });
  const writer = await SpoolWriter.create(path, key);
  for (const piece of pieces) await writer.write(piece);
  await writer.end();
}

async function read(bytes: number, fromChunk = 0, withKey: Uint8Array = key): Promise<Buffer> {
  const pieces = [];
  for await (const piece of readSpool(path, withKey, bytes, fromChunk)) pieces.push(piece);
  return Buffer.concat(pieces);
}

const broken = { code: 'INTEGRITY_FAILURE' };
const sizes = fc.constantFrom(
  0,
  1,
  SPOOL_CHUNK_BYTES - 1,
  SPOOL_CHUNK_BYTES,
  SPOOL_CHUNK_BYTES + 1,
  2 * SPOOL_CHUNK_BYTES,
  2 * SPOOL_CHUNK_BYTES + 77,
);

/** Bytes that come in at once. */
const steps = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 100_000 }));

describe('a file of the spool', () => {
  test('reads as it was written, however it came in, and nothing of it is in the clear', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, steps, async (size, step) => {
        const plain = randomBytes(size);
        const pieces = [];
        for (let at = 0; at < size; at += step) pieces.push(plain.subarray(at, at + step));
        await write(pieces);
        expect(readFileSync(path)).toHaveLength(spoolBytes(size));
        expect((await read(size)).equals(plain)).toBe(true);
        if (size >= 32) expect(readFileSync(path).includes(plain.subarray(0, 32))).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  test('does not open once any byte of it is another', async () => {
    const size = SPOOL_CHUNK_BYTES + 5;
    await write([randomBytes(size)]);
    const sealed = readFileSync(path);
    const place = fc.integer({ min: 0, max: sealed.length - 1 });
    await fc.assert(
      fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const altered = Buffer.from(sealed);
        altered[at]! ^= flip;
        writeFileSync(path, altered);
        await expect(read(size)).rejects.toMatchObject(broken);
      }),
      { numRuns: 60 },
    );
  });

  test('does not open when it was cut off at a border, when chunks were swapped, or under another key', async () => {
    const size = 3 * SPOOL_CHUNK_BYTES;
    await write([randomBytes(size)]);
    const sealed = readFileSync(path);
    const chunk = sealed.length / 3;
    const chunks = [0, 1, 2].map((at) => sealed.subarray(at * chunk, (at + 1) * chunk));
    await expect(read(size, 0, randomBytes(32))).rejects.toMatchObject(broken);
    writeFileSync(path, Buffer.concat([chunks[1]!, chunks[0]!, chunks[2]!]));
    await expect(read(size)).rejects.toMatchObject(broken);
    writeFileSync(path, Buffer.concat(chunks.slice(0, 2)));
    await expect(read(size)).rejects.toMatchObject(broken);
    await expect(read(2 * SPOOL_CHUNK_BYTES)).rejects.toMatchObject(broken);
  });

  test('is read from a chunk on', async () => {
    const plain = randomBytes(2 * SPOOL_CHUNK_BYTES + 9);
    await write([plain]);
    expect((await read(plain.length, 2)).equals(plain.subarray(2 * SPOOL_CHUNK_BYTES))).toBe(true);
  });
});

test('a file that is cut off while it is read is not opened to its end', async () => {
  await write([Buffer.alloc(2 * SPOOL_CHUNK_BYTES)]);
  const pieces = readSpool(path, key, 2 * SPOOL_CHUNK_BYTES);
  await pieces.next();
  truncateSync(path, spoolBytes(SPOOL_CHUNK_BYTES));
  await expect(pieces.next()).rejects.toMatchObject(broken);
});
