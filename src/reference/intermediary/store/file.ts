import { createHash } from 'node:crypto';
import { open, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KuramoriError } from '../../../kernel/errors.js';
import { FILE_CHUNK_BYTES, INTERMEDIARY_JOURNAL_LINE_BYTES_MAX } from '../../../kernel/limits.js';

const NEWLINE = 0x0a;
const OWNER_ONLY = 0o600;
/** `sha256` in hexadecimal and a space go before the JSON of a line. */
const DIGEST_CHARS = 64;

/**
 * A file of JSON lines, each with its digest, that is only ever appended to. A line is on the disk when `append`
 * resolves; what a crash left of a last line is cut off at the next opening, for nobody was told of it.
 */
export class LineFile {
  readonly #path: string;
  readonly #bytesMax: number;
  #file: FileHandle;
  #end: number;
  #broken = false;

  private constructor(path: string, file: FileHandle, end: number, bytesMax: number) {
    this.#path = path;
    this.#file = file;
    this.#end = end;
    this.#bytesMax = bytesMax;
  }

  /**
   * Opens the file, made when missing.
   * @param onLine told of each line, in order
   * @throws KuramoriError INTEGRITY_FAILURE when a whole line does not match its digest
   */
  static async open(path: string, bytesMax: number, onLine: (value: unknown) => void): Promise<LineFile> {
    const file = await open(path, 'a+', OWNER_ONLY);
    try {
      await syncFolder(path);
      const end = await readLines(file, onLine);
      await file.truncate(end);
      return new LineFile(path, file, end, bytesMax);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /**
   * Appends a line; resolves when it is on the disk. After a failure the file takes nothing more until it is opened
   * again: what is on the disk is not known.
   * @throws KuramoriError TOO_MANY_REQUESTS when the file is full, INTERNAL
   */
  async append(value: unknown): Promise<void> {
    const bytes = lineBytes(value);
    if (this.#end + bytes.length > this.#bytesMax) {
      throw new KuramoriError('TOO_MANY_REQUESTS', 'The journal of the intermediary server is full.');
    }
    if (this.#broken) throw notWritten();
    try {
      await this.#file.appendFile(bytes);
      await this.#file.datasync();
      this.#end += bytes.length;
    } catch (cause) {
      this.#broken = true;
      throw notWritten(cause);
    }
  }

  /** Puts other lines in the place of all: what has expired is gone from the disk as well. */
  async rewrite(values: Iterable<unknown>): Promise<void> {
    const path = `${this.#path}.new`;
    const file = await open(path, 'w', OWNER_ONLY);
    let end = 0;
    try {
      for (const value of values) {
        const bytes = lineBytes(value);
        await file.appendFile(bytes);
        end += bytes.length;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(path, this.#path);
    // Else a loss of power could bring the former file back, without what is appended from now on.
    await syncFolder(this.#path);
    const former = this.#file;
    this.#file = await open(this.#path, 'a+', OWNER_ONLY);
    this.#end = end;
    await former.close();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function lineBytes(value: unknown): Buffer {
  const text = JSON.stringify(value);
  const bytes = Buffer.from(`${digestOf(text)} ${text}\n`, 'utf8');
  if (bytes.length > INTERMEDIARY_JOURNAL_LINE_BYTES_MAX)
    throw new KuramoriError('PAYLOAD_TOO_LARGE', 'A line of the journal would be over its limit.');
  return bytes;
}

/** @returns where the last whole line ends */
async function readLines(file: FileHandle, onLine: (value: unknown) => void): Promise<number> {
  const chunk = Buffer.alloc(FILE_CHUNK_BYTES);
  let rest: Buffer = Buffer.alloc(0);
  let end = 0;
  for (let position = 0; ;) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) return end;
    position += bytesRead;
    rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    for (let at; (at = rest.indexOf(NEWLINE)) >= 0; rest = rest.subarray(at + 1)) {
      onLine(parsedLine(rest.toString('utf8', 0, at)));
      end += at + 1;
    }
    if (rest.length > INTERMEDIARY_JOURNAL_LINE_BYTES_MAX) throw damaged();
  }
}

function parsedLine(line: string): unknown {
  const text = line.slice(DIGEST_CHARS + 1);
  if (line !== `${digestOf(text)} ${text}`) throw damaged();
  return JSON.parse(text);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function damaged(): KuramoriError {
  return new KuramoriError(
    'INTEGRITY_FAILURE',
    'A journal of the intermediary server is damaged. Remove its data folder to begin anew.',
  );
}

function notWritten(cause?: unknown): KuramoriError {
  return new KuramoriError(
    'INTERNAL',
    'A journal of the intermediary server could not be written. Start the server again.',
    {},
    { cause },
  );
}
