import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { testService, type TestService } from '../vault/operation/support/vault.js';
import { newDrop } from '../vault/push/support/drop.js';
import { afterwards } from './afterwards.js';
import { timesOpen } from './openFiles.js';

const ended: string[] = [];
// Declared first, it is run last.
afterAll(() => expect(ended).toEqual(['second', 'first', 'file']));
afterwards(() => ended.push('file'));

describe('what a test began', () => {
  let folder = '';
  // Held, it is not collected: nobody but its end closes its journal.
  let vault: TestService | undefined;

  test('is there while it runs', async () => {
    afterwards(() => ended.push('first'));
    afterwards(() => ended.push('second'));
    expect(ended).toEqual([]);
    folder = dirname(newDrop().folder);
    vault = await testService();
    expect(existsSync(folder)).toBe(true);
    expect(timesOpen(vault.journalFile)).toBe(1);
  });

  test('has ended when the next one runs', () => {
    expect(ended).toEqual(['second', 'first']);
    expect(existsSync(folder)).toBe(false);
    expect(vault).toBeDefined();
    expect(timesOpen(vault!.journalFile)).toBe(0);
    expect(timesOpen(`${vault!.journalFile} (deleted)`)).toBe(0);
  });
});
