import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  INTERMEDIARY_DROP_FILES_MAX,
  INTERMEDIARY_DROP_QUARANTINE_MAX,
} from '../../../../src/kernel/limits.js';
import { newUuidV7 } from '../../../../src/kernel/uuid.js';
import { DropFolder, nameOf } from '../../../../src/protocol/intermediary/drop/folder.js';
import { newDrop } from '../../../vault/push/support/drop.js';

const NOW = 1_790_000_000_000;
const TEXT = Buffer.from('text');
let path: string;
let folder: DropFolder;
beforeEach(() => {
  path = newDrop().folder;
  folder = DropFolder.open(path);
});
const outbox = (...names: string[]) => join(path, 'outbox', ...names);

describe('a folder of an exchange by files', () => {
  test('holds a file in one box at a time', async () => {
    const exchange = newUuidV7(NOW);
    expect(await folder.put('outbox', exchange, TEXT)).toBe(true);
    expect(await folder.move('outbox', 'ack', exchange)).toBe(true);
    expect(await folder.move('outbox', 'ack', exchange)).toBe(false);
    expect(await folder.remove('outbox', exchange)).toBe(false);
    expect([await folder.has('outbox', exchange), await folder.has('ack', exchange)]).toEqual([false, true]);
    expect(await folder.read('ack', exchange, 100)).toEqual(TEXT);
    expect(await folder.read('ack', exchange, 3)).toBe('unfit');
    expect(await folder.remove('ack', exchange)).toBe(true);
    expect(await folder.read('ack', exchange, 100)).toBe('absent');
  });

  test('is given a file whole, or nothing', async () => {
    const exchange = newUuidV7(NOW);
    mkdirSync(outbox(`.${exchange}.part`));
    expect(await folder.put('outbox', exchange, TEXT)).toBe(false);
    rmSync(outbox(), { recursive: true });
    expect(await folder.put('outbox', exchange, TEXT)).toBe(false);
  });

  test('tells its files from others, the oldest first, and not all of too many', async () => {
    const [first, second] = [newUuidV7(NOW), newUuidV7(NOW + 1)];
    await folder.put('outbox', second, TEXT);
    await folder.put('outbox', first, TEXT);
    writeFileSync(outbox('NOT-OURS.spi'), '');
    expect(await folder.list('outbox', NOW)).toEqual([
      { kind: 'exchange', exchange: first, name: nameOf(first) },
      { kind: 'exchange', exchange: second, name: nameOf(second) },
      { kind: 'foreign', name: 'NOT-OURS.spi' },
    ]);
    for (let no = 0; no <= INTERMEDIARY_DROP_FILES_MAX; no += 1) writeFileSync(outbox(`${no}`), '');
    expect(await folder.list('outbox', NOW)).toHaveLength(INTERMEDIARY_DROP_FILES_MAX);
  });

  test('sets aside what is no file of it, as it is, and deletes it once much lies there', async () => {
    symlinkSync('/etc/passwd', outbox('link'));
    mkdirSync(outbox('folder'));
    for (const name of ['link', 'folder', 'gone']) await folder.setAside('outbox', { name }, NOW);
    expect(readdirSync(join(path, 'quarantine'))).toHaveLength(2);
    for (let no = 0; no < INTERMEDIARY_DROP_QUARANTINE_MAX; no += 1)
      writeFileSync(join(path, 'quarantine', `${no}`), '');
    writeFileSync(outbox('more'), '');
    mkdirSync(outbox('folder'));
    for (const name of ['more', 'folder']) await folder.setAside('outbox', { name }, NOW);
    expect(readdirSync(outbox())).toEqual(['folder']);
    expect(readdirSync(join(path, 'quarantine'))).toHaveLength(INTERMEDIARY_DROP_QUARANTINE_MAX + 2);
  });

  test('says what the system says, where that is no answer to a question', async () => {
    rmSync(outbox(), { recursive: true });
    writeFileSync(outbox(), '');
    await expect(folder.remove('outbox', newUuidV7(NOW))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });
});
