import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fastestFolder } from '../../../support/folder.js';
import { afterwards } from '../../../support/afterwards.js';

/** A folder of this test file, gone after it. */
export function ownFolder(): string {
  const path = mkdtempSync(join(fastestFolder(), 'kuramori-intermediary-'));
  afterwards(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
