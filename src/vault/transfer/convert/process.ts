import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { KuramoriError } from '../../../kernel/errors.js';
import {
  FILE_BYTES_MAX,
  TRANSFER_CONVERSION_MS_MAX,
  TRANSFER_CONVERTER_HEADER_BYTES_MAX,
} from '../../../kernel/limits.js';
import { fileDigest } from '../../../protocol/transfer/container/disk.js';

/** A file on its way into or out of a converter. */
export interface ConvertedFile {
  readonly name: string;
  readonly bytes: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * 変換: what a plug-in does. It is given every file once, in order, and gives files back; each must be read to its end
 * before the next. When it resolves, nothing of them is left with it.
 */
export interface Converter {
  convert(files: AsyncIterable<ConvertedFile>, take: (file: ConvertedFile) => Promise<void>): Promise<void>;
}

const headerForm = z.strictObject({ name: z.string(), bytes: z.int().min(0).max(FILE_BYTES_MAX) });
const LF = 0x0a;

/**
 * A converter that is a program (handbook 13 §1): started without a shell, without an environment, in an empty folder
 * of its own. Both ways a file is a line of JSON, `{"name", "bytes"}`, and then its bytes; what it writes into its
 * folder must be gone when it ends.
 * @param program its path, and the digest of its file, which two people have decided
 */
export function programConverter(program: {
  readonly program: string;
  readonly programSha256: string;
}): Converter {
  return {
    convert: async (files, take) => {
      if ((await fileDigest(program.program)) !== program.programSha256) throw anotherProgram();
      const folder = await mkdtemp(join(tmpdir(), 'kuramori-convert-'));
      try {
        await run(program.program, folder, files, take);
        if ((await readdir(folder)).length > 0) throw leftBehind();
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

async function run(
  program: string,
  cwd: string,
  files: AsyncIterable<ConvertedFile>,
  take: (file: ConvertedFile) => Promise<void>,
): Promise<void> {
  const child = spawn(program, [], {
    cwd,
    env: {},
    shell: false,
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: TRANSFER_CONVERSION_MS_MAX,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  try {
    const sent = pipeline(Readable.from(framed(files)), child.stdin).catch(assertUnread);
    // Told below, once the program has ended; it may fail long before.
    sent.catch(() => undefined);
    await takeFrames(child.stdout, take);
    await sent;
    if ((await ended) !== 0) throw failed();
  } finally {
    child.kill('SIGKILL');
    // It has ended when nothing more can come of it, also what nobody reads.
    child.stdin.destroy();
    child.stdout.destroy();
    await ended;
  }
}

/** How a pipe breaks off that nobody reads any more. */
const UNREAD: ReadonlySet<unknown> = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE']);

/**
 * A program that ends without having read everything is judged by how it ended. A file that could not be read is
 * another thing: to the program it looks like one that ends there, and it may make a whole of half the cases.
 */
function assertUnread(cause: unknown): void {
  if (!UNREAD.has((cause as NodeJS.ErrnoException).code)) throw cause;
}

async function* framed(files: AsyncIterable<ConvertedFile>): AsyncGenerator<Uint8Array> {
  for await (const { name, bytes, content } of files) {
    yield Buffer.from(`${JSON.stringify({ name, bytes })}\n`);
    yield* content;
  }
}

async function takeFrames(
  output: AsyncIterable<Buffer>,
  take: (file: ConvertedFile) => Promise<void>,
): Promise<void> {
  const source = new FrameSource(output[Symbol.asyncIterator]());
  for (;;) {
    const line = await source.line();
    if (line === undefined) return;
    const { name, bytes } = headerOf(line);
    await take({ name, bytes, content: source.bytes(bytes) });
  }
}

/** The output of a program, line by line and so many bytes at a time. */
class FrameSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterator<Buffer>) {
    this.#chunks = chunks;
  }

  /** The next line; undefined at the end. */
  async line(): Promise<Buffer | undefined> {
    for (;;) {
      const end = this.#rest.indexOf(LF);
      if ((end < 0 ? this.#rest.length : end) > TRANSFER_CONVERTER_HEADER_BYTES_MAX) throw failed();
      if (end >= 0) {
        const line = this.#rest.subarray(0, end);
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      if (await this.#more()) continue;
      if (this.#rest.length > 0) throw failed();
      return undefined;
    }
  }

  async *bytes(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0;) {
      if (this.#rest.length === 0 && !(await this.#more())) throw failed();
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    this.#rest = Buffer.concat([this.#rest, next.value]);
    return true;
  }
}

function headerOf(line: Buffer): z.output<typeof headerForm> {
  try {
    return headerForm.parse(JSON.parse(line.toString('utf8')));
  } catch {
    throw failed();
  }
}

function failed(): KuramoriError {
  return new KuramoriError(
    'FILE_REJECTED',
    'The converter failed, took too long, or did not answer in the agreed form. Ask the contractor.',
  );
}

function anotherProgram(): KuramoriError {
  return new KuramoriError(
    'INTEGRITY_FAILURE',
    'The converter is not the program that two people have decided. Put the right one back.',
  );
}

function leftBehind(): KuramoriError {
  return new KuramoriError(
    'INTEGRITY_FAILURE',
    'The converter left something in its folder; it was erased, and nothing was taken. Ask the contractor.',
  );
}
