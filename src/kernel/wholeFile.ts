import type { FileHandle } from 'node:fs/promises';

/** What of a file handle writes. */
export type Writes = Pick<FileHandle, 'write'>;

/** What of a file handle reads. */
export type Reads = Pick<FileHandle, 'read'>;

/**
 * Writes all of the bytes: a disk that fills up takes a part of them and says so by the count alone.
 * @param position in bytes from the start; without it, where the last write ended
 * @throws what the system says when it takes no more
 */
export async function writeWhole(file: Writes, bytes: Uint8Array, position?: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const at = position === undefined ? null : position + written;
    written += (await file.write(bytes, written, bytes.length - written, at)).bytesWritten;
  }
}

/**
 * Fills a buffer from a file: one read may bring less than was asked for.
 * @param position in bytes from the start
 * @returns what was filled of the buffer: less than all of it at the end of the file alone
 */
export async function readWhole(file: Reads, into: Uint8Array, position: number): Promise<Uint8Array> {
  for (let filled = 0; filled < into.length;) {
    const { bytesRead } = await file.read(into, filled, into.length - filled, position + filled);
    if (bytesRead === 0) return into.subarray(0, filled);
    filled += bytesRead;
  }
  return into;
}
