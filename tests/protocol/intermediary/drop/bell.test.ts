import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Bell } from '../../../../src/protocol/intermediary/drop/bell.js';
import { DropFolder } from '../../../../src/protocol/intermediary/drop/folder.js';
import { newDrop } from '../../../vault/push/support/drop.js';

const LONG_MS = 60_000;

test('a bell rings when a file appears, and not for one that is being written', async () => {
  const box = DropFolder.open(newDrop().folder).pathOf('inbox');
  const bell = new Bell([box]);
  let rings = 0;
  const next = bell.next(LONG_MS).then(() => (rings += 1));
  writeFileSync(join(box, '.1.part'), 'text');
  await bell.next(30);
  expect(rings).toBe(0);
  renameSync(join(box, '.1.part'), join(box, '1.spi'));
  await next;
  bell.close();
});

test('a bell rings after a time where nothing tells of changes', async () => {
  const bell = new Bell([join(newDrop().folder, 'nowhere')]);
  await bell.next(5);
  const last = bell.next(LONG_MS);
  bell.close();
  await last;
});
