import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { testService, type TestService } from '../vault/operation/support/vault.js';
import { newDrop } from '../vault/push/support/drop.js';
import { afterFile, afterwards, Ends } from './afterwards.js';
import { timesOpen } from './openFiles.js';

const ended: string[] = [];
// Said first, it is done last.
afterwards(() => expect(ended).toEqual(['second', 'first', 'shared', 'before', 'file']));
afterwards(() => ended.push('file'));
// A hook of a file is no test, and the file hears no other hook any more.
beforeAll(() => afterwards(() => ended.push('before')));

describe('what a test began', () => {
  let folder = '';
  // Held, it is not collected: nobody but its end closes its journal.
  let vault: TestService | undefined;

  test('is there while it runs', async () => {
    afterFile(() => ended.push('shared'));
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

test('what cannot be ended keeps nothing else from its end, and each failure is told', async () => {
  const ends = new Ends();
  const done: string[] = [];
  ends.add(() => done.push('first'));
  ends.add(() => {
    throw new Error('second');
  });
  ends.add(() => Promise.reject(new Error('third')));
  await expect(ends.all()).rejects.toMatchObject({ errors: [{ message: 'third' }, { message: 'second' }] });
  expect(done).toEqual(['first']);
  await ends.all();
  expect(done).toEqual(['first']);
});
