import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { KuramoriError } from '../../kernel/errors.js';
import { FILE_BYTES_MAX, FILE_CHUNK_BYTES } from '../../kernel/limits.js';

/** A file to load: its digest is known before anything is read of it. */
export interface SourceFile {
  readonly sha256: string;
  readonly byteCount: number;
  /** The first bytes, by which its layout is chosen. */
  readonly head: Buffer;
  /**
   * The file in pieces; a piece is only valid until the next one is asked for.
   * @throws KuramoriError CONFLICT at the end when the bytes are not those of the digest
   */
  pieces(): AsyncGenerator<Buffer>;
  /** Bytes at a place, for what is set aside. */
  slice(offset: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

const HEAD_BYTES = 256;

/**
 * Opens a file and digests it.
 * @throws KuramoriError NOT_FOUND when it cannot be opened, BAD_INPUT when it is no regular file, FILE_REJECTED when
 *   it is larger than FILE_BYTES_MAX
 */
export async function openSourceFile(path: string): Promise<SourceFile> {
  const handle = await opened(path);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) {
      throw new KuramoriError('BAD_INPUT', 'The path is a folder or a device. Name the file to load.', {
        field: 'file',
      });
    }
    const { size } = stats;
    if (size > FILE_BYTES_MAX) {
      throw new KuramoriError('FILE_REJECTED', 'The file is larger than a load takes. Split it.', {
        bytesMax: FILE_BYTES_MAX,
      });
    }
    const sha256 = await digest(handle);
    const head = await readAt(handle, 0, Math.min(HEAD_BYTES, size));
    return {
      sha256,
      byteCount: size,
      head,
      pieces: () => verifiedPieces(handle, sha256),
      slice: (offset, length) => readAt(handle, offset, length),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw new KuramoriError(
      'NOT_FOUND',
      'The file cannot be opened. Look at its path and its permissions.',
      {},
      { cause },
    );
  }
}

async function digest(handle: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of pieces(handle)) hash.update(piece);
  return hash.digest('hex');
}

/** The digest names what was loaded, so the bytes that are loaded must be those that were digested. */
async function* verifiedPieces(handle: FileHandle, sha256: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const piece of pieces(handle)) {
    hash.update(piece);
    yield piece;
  }
  if (hash.digest('hex') !== sha256) {
    throw new KuramoriError(
      'CONFLICT',
      'The file was changed while it was being read. Load it again when it is complete.',
    );
  }
}

async function* pieces(handle: FileHandle): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(FILE_CHUNK_BYTES);
  let position = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
