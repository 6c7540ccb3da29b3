import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { houseVaultSocket, removeSocketFolder } from '../../../src/cli/house/vaultSocket.js';
import { SOCKET_PATH_BYTES_MAX } from '../../../src/kernel/limits.js';

const DEEP = `/nowhere/${'deep/'.repeat(SOCKET_PATH_BYTES_MAX / 5)}`;
const socket = houseVaultSocket(DEEP);
const folder = dirname(socket);
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a folder that was made for the socket alone goes with it', () => {
  mkdirSync(folder, { recursive: true });
  removeSocketFolder(DEEP, socket);
  expect(existsSync(folder)).toBe(false);
  removeSocketFolder(DEEP, socket);
});

test('a folder that holds more, or that somebody named, stays', () => {
  mkdirSync(folder, { recursive: true });
  removeSocketFolder(DEEP, join(folder, 'named.sock'));
  expect(existsSync(folder)).toBe(true);
  writeFileSync(join(folder, 'other'), '');
  removeSocketFolder(DEEP, socket);
  expect(existsSync(folder)).toBe(true);
});
