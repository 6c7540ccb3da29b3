import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { fastestFolder } from '../../../support/folder.js';

/** A folder of this test file, gone after it. */
export function ownFolder(): string {
  const path = mkdtempSync(join(fastestFolder(), 'kuramori-intermediary-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
