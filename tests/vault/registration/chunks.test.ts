import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FILE_CHUNK_BYTES,
  REGISTRATION_CHUNK_BYTES_MAX,
  REGISTRATION_CHUNK_LINES_MAX,
} from '../../../src/kernel/limits.js';
import { chunksOf } from '../../../src/vault/registration/chunks.js';
import { temporaryFolder } from '../keys/support/vault.js';

const path = join(temporaryFolder(), 'numbers.csv');
const chunks = async (content: string | Buffer) => {
  writeFileSync(path, content);
  const read: Buffer[] = [];
  for await (const chunk of chunksOf(path)) read.push(chunk);
  return read;
};
const linesIn = (chunk: Buffer) => chunk.toString('latin1').split('\n').length - 1;

describe('a file in chunks', () => {
  it('is whole: the same bytes, in whole lines, each chunk within its limits', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 400 }), { maxLength: 9_000 }),
        fc.boolean(),
        async (lengths, ended) => {
          const content = lengths.map((length) => 'x'.repeat(length)).join('\n') + (ended ? '\n' : '');
          const read = await chunks(content);
          expect(Buffer.concat(read).toString('latin1')).toBe(content);
          for (const [at, chunk] of read.entries()) {
            expect(chunk.length).toBeGreaterThan(0);
            expect(chunk.length).toBeLessThanOrEqual(REGISTRATION_CHUNK_BYTES_MAX);
            expect(linesIn(chunk)).toBeLessThanOrEqual(REGISTRATION_CHUNK_LINES_MAX);
            if (at < read.length - 1) expect(chunk.at(-1)).toBe(0x0a);
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('larger than a read comes in the same chunks, wherever a read ends', async () => {
    const line = '000000000012345,123456789018\n';
    const content = line.repeat(Math.ceil((2.5 * FILE_CHUNK_BYTES) / line.length));
    const read = await chunks(content);
    expect(createHash('sha256').update(Buffer.concat(read)).digest('hex')).toBe(
      createHash('sha256').update(content).digest('hex'),
    );
    expect(new Set(read.slice(0, -1).map(linesIn))).toEqual(new Set([REGISTRATION_CHUNK_LINES_MAX]));
  });

  it('that is empty has none', async () => {
    expect(await chunks('')).toEqual([]);
  });

  it('with a line that does not end is refused before it fills the memory', async () => {
    await expect(chunks('x'.repeat(3 * FILE_CHUNK_BYTES))).rejects.toMatchObject({ code: 'FILE_REJECTED' });
  });
});
