import { createHash } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

const OWNER_ONLY = 0o600;

/** Writes a new file that only its owner may read, down to the disk. */
export async function writeDurably(
  path: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
  const handle = await open(path, 'wx', OWNER_ONLY);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Puts a file in its place, whole or not at all, whatever was there. */
export async function replaceDurably(path: string, content: Uint8Array): Promise<void> {
  await rm(`${path}.new`, { force: true });
  await writeDurably(`${path}.new`, content);
  await rename(`${path}.new`, path);
  await syncFolder(dirname(path));
}

/** Makes the names of a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The bytes of a file, piece by piece. */
export async function* readPieces(path: string): AsyncGenerator<Uint8Array> {
  const handle: FileHandle = await open(path, 'r');
  for await (const piece of handle.createReadStream() as AsyncIterable<Uint8Array>) yield piece;
}

/** SHA-256 of what is on the disk, hexadecimal. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of readPieces(path)) hash.update(piece);
  return hash.digest('hex');
}
