import { chownSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { takeOver } from '../../../src/cli/embedded/owner.js';

const own = process.getuid?.() ?? 0;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-owner-'));
  mkdirSync(join(folder, 'data', 'base'), { recursive: true });
  writeFileSync(join(folder, 'data', 'PG_VERSION'), '18');
  symlinkSync('/etc/hostname', join(folder, 'data', 'base', 'link'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const owners = () =>
  ['', 'data', 'data/PG_VERSION', 'data/base', 'data/base/link'].map(
    (name) => lstatSync(join(folder, name)).uid,
  );

describe('the files of the cluster', () => {
  test('of the account PostgreSQL runs as are left alone, and so is a folder not made yet', () => {
    takeOver(folder, undefined, own);
    takeOver(join(folder, 'none'), undefined, own + 1);
    expect(owners()).toEqual([own, own, own, own, own]);
  });

  test('of another account are refused in a sentence that says what to do', () => {
    expect(() => takeOver(folder, undefined, own + 1)).toThrow(
      expect.objectContaining({
        code: 'CONFIGURATION_INVALID',
        message: expect.stringContaining('chown -R') as string,
      }),
    );
    expect(owners()).toEqual([own, own, own, own, own]);
  });

  test.runIf(own === 0)('are given to it by root, links themselves and not what they lead to', () => {
    chownSync(join(folder, 'data'), 65_533, 65_533);
    takeOver(folder, { uid: 65_534, gid: 65_534 });
    expect(owners()).toEqual([65_534, 65_534, 65_534, 65_534, 65_534]);
    expect(lstatSync('/etc/hostname').uid).toBe(0);
  });
});
