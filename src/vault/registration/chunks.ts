import { createReadStream } from 'node:fs';
import { KuramoriError } from '../../kernel/errors.js';
import {
  FILE_CHUNK_BYTES,
  REGISTRATION_CHUNK_BYTES_MAX,
  REGISTRATION_CHUNK_LINES_MAX,
} from '../../kernel/limits.js';

const NEWLINE = 0x0a;

/**
 * A file of bulk registration (一括登録) in chunks of whole lines, the same ones each time: at most
 * REGISTRATION_CHUNK_LINES_MAX lines and REGISTRATION_CHUNK_BYTES_MAX bytes. One chunk and one read are in memory.
 * The bytes of a chunk belong to whoever takes it, who wipes them.
 * @throws KuramoriError FILE_REJECTED for a line over the bytes of a chunk; what the file system says
 */
export async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  let held = Buffer.alloc(0);
  for await (const read of createReadStream(path, { highWaterMark: FILE_CHUNK_BYTES })) {
    const rest = Buffer.concat([held, read as Buffer]);
    held.fill(0);
    (read as Buffer).fill(0);
    let from = 0;
    for (let end = chunkEnd(rest, from); end !== undefined; end = chunkEnd(rest, from)) {
      yield Buffer.from(rest.subarray(from, end));
      from = end;
    }
    held = Buffer.from(rest.subarray(from));
    rest.fill(0);
  }
  for (let from = 0; from < held.length;) {
    const end = chunkEnd(held, from) ?? held.length;
    yield Buffer.from(held.subarray(from, end));
    from = end;
  }
  held.fill(0);
}

/** Where the chunk that begins at an offset surely ends; nothing while more of the file has to be read for it. */
function chunkEnd(bytes: Buffer, from: number): number | undefined {
  let end = from;
  for (let lines = 0; lines < REGISTRATION_CHUNK_LINES_MAX; lines += 1) {
    const newline = bytes.indexOf(NEWLINE, end);
    const next = newline < 0 ? bytes.length : newline + 1;
    if (next - from > REGISTRATION_CHUNK_BYTES_MAX) {
      if (end === from) throw lineWithoutEnd();
      return end;
    }
    if (newline < 0) return undefined;
    end = next;
  }
  return end;
}

function lineWithoutEnd(): KuramoriError {
  return new KuramoriError(
    'FILE_REJECTED',
    'The file has a line without an end, so that it is no file of numbers. Nothing of it was registered.',
  );
}
