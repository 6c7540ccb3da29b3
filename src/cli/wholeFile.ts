import { open, rename, rm } from 'node:fs/promises';

/**
 * Writes a file of mode 600 that is whole or not there: it gets its name when its last byte is on the disk. What stood
 * under that name is replaced.
 */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.part`;
  // What a command that was killed left there, or what somebody put there to read along.
  await rm(part, { force: true });
  const file = await open(part, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
}
