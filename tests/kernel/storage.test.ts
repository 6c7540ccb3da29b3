import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { storageFull } from '../../src/kernel/storage.js';
import { writeWhole } from '../../src/kernel/wholeFile.js';

/** Linux has a file that is on a full disk. */
const FULL = '/dev/full';

describe('a full disk', () => {
  test.skipIf(!existsSync(FULL))('is told as what it is', async () => {
    const file = await open(FULL, 'r+');
    try {
      const thrown = await writeWhole(file, Buffer.from('x')).catch((error: unknown) => error);
      expect(storageFull(thrown)).toMatchObject({ code: 'STORAGE_FULL', status: 503, cause: thrown });
    } finally {
      await file.close();
    }
  });

  test.each([
    new Error('away'),
    Object.assign(new Error('no'), { code: 'EACCES' }),
    { code: 'ENOSPC' },
    undefined,
  ])('is nothing else: %j', (thrown) => expect(storageFull(thrown)).toBeUndefined());
});
