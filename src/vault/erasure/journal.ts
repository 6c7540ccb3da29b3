import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KuramoriError } from '../../kernel/errors.js';
import { ERASURE_JOURNAL_LINE_BYTES_MAX, FILE_CHUNK_BYTES } from '../../kernel/limits.js';
import { writeWhole } from '../../kernel/wholeFile.js';
import { lineBytes, parsedLine, type JournalEntry, type JournalLine } from './journal.line.js';

const NEWLINE = 0x0a;
const OWNER_ONLY = 0o600;

/** What is appended after the heading. */
export type RecordedEntry = Exclude<JournalEntry, { readonly kind: 'journal' }>;

/**
 * 消去記録簿: the journal of erasures in a file of its own, outside the databases, so that a backup of the vault that is
 * older than an erasure does not bring back whom it erased (handbook 11 §6 point 5), nor what a payment file has paid.
 * JSON lines, only ever appended to, each on the disk before the erasure goes on, or the file leaves. One process
 * writes it.
 */
export class ErasureJournal {
  readonly #file: FileHandle;
  #end: number;
  #torn: boolean;
  #queue: Promise<void> = Promise.resolve();
  readonly #held: Set<string>;

  private constructor(file: FileHandle, end: number, torn: boolean, held: Set<string>) {
    this.#file = file;
    this.#end = end;
    this.#torn = torn;
    this.#held = held;
  }

  /**
   * Makes the journal of a new vault.
   * @throws KuramoriError CONFLICT when there is a file already
   */
  static async create(path: string, municipality: string): Promise<void> {
    const file = await opened(path, 'wx');
    try {
      await writeWhole(file, lineBytes({ kind: 'journal', municipality }), 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await syncFolder(path);
  }

  /**
   * Opens the journal for erasures. What a crash left of a last line is cut off before the next is written: nothing
   * had been erased for it yet.
   * @throws KuramoriError CONFIGURATION_INVALID when there is no file, or it is another municipality's;
   *   INTEGRITY_FAILURE when it is damaged
   */
  static async open(path: string, municipality: string): Promise<ErasureJournal> {
    const file = await opened(path, 'r+');
    try {
      const held = new Set<string>();
      let end = 0;
      for await (const { line, endsAt } of readLines(file, municipality)) {
        if (line.kind !== 'journal') held.add(keyOf(line));
        end = endsAt;
      }
      return new ErasureJournal(file, end, (await file.stat()).size > end, held);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Whether the line of an erasure, or of its certificate, is on the disk. */
  has(kind: 'erasure' | 'certificate', certificateId: string): boolean {
    return this.#held.has(`${kind} ${certificateId}`);
  }

  /**
   * Appends a line, unless it is there; resolves when it is on the disk.
   * @throws KuramoriError BAD_INPUT when it is too long, INTEGRITY_FAILURE when another process writes too, INTERNAL
   */
  append(entry: RecordedEntry): Promise<void> {
    const appended = this.#queue.then(async () => {
      if (this.#held.has(keyOf(entry))) return;
      await this.#write(lineBytes(entry));
      this.#held.add(keyOf(entry));
    });
    // The next line is written whatever became of this one; its own caller hears of the failure.
    this.#queue = appended.catch(() => undefined);
    return appended;
  }

  /** Every line from the first, as the file has them now. A last line without its end is none. */
  async *lines(municipality: string): AsyncGenerator<JournalLine> {
    for await (const { line } of readLines(this.#file, municipality)) yield line;
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.#file.close();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      if (this.#torn) await this.#file.truncate(this.#end);
      else await this.#assertOurs();
      this.#torn = true;
      await writeWhole(this.#file, bytes, this.#end);
      await this.#file.sync();
    } catch (cause) {
      if (cause instanceof KuramoriError) throw cause;
      throw new KuramoriError(
        'INTERNAL',
        'The erasure journal could not be written. Make room on its disk; nothing was erased for this line.',
        {},
        { cause },
      );
    }
    this.#torn = false;
    this.#end += bytes.length;
  }

  /** Two writers would write over each other's lines. */
  async #assertOurs(): Promise<void> {
    if ((await this.#file.stat()).size === this.#end) return;
    throw new KuramoriError(
      'INTEGRITY_FAILURE',
      'Something else has written to the erasure journal. Only one vault may use it; stop the other.',
    );
  }
}

/** Each is written once: an erasure by its certificate, a payment file by its number and its bytes, a rebuilding. */
function keyOf(entry: RecordedEntry): string {
  // The bytes do not hold the number: what was lost and is made again has the same ones.
  if (entry.kind === 'paymentFile') return `${entry.kind} ${entry.fileNo} ${entry.sha256}`;
  if (entry.kind === 'rebuilt') return `${entry.kind} ${entry.rebuildId}`;
  return `${entry.kind} ${entry.certificateId}`;
}

async function opened(path: string, flags: 'wx' | 'r+'): Promise<FileHandle> {
  try {
    return await open(path, flags, OWNER_ONLY);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') {
      throw new KuramoriError('CONFLICT', 'There is an erasure journal already. It is never made anew.');
    }
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'The erasure journal cannot be opened. The vault must not open without it: put it back, or correct its path.',
      {},
      { cause },
    );
  }
}

interface PlacedLine {
  readonly line: JournalLine;
  /** Offset after it. */
  readonly endsAt: number;
}

async function* readLines(file: FileHandle, municipality: string): AsyncGenerator<PlacedLine> {
  let lineNo = 0;
  for await (const { bytes, endsAt } of splitLines(file)) {
    lineNo += 1;
    const line = parsedLine(bytes, lineNo);
    if (lineNo === 1) assertHeading(line, municipality);
    yield { line, endsAt };
  }
  if (lineNo === 0) assertHeading(undefined, municipality);
}

async function* splitLines(file: FileHandle): AsyncGenerator<{ bytes: Uint8Array; endsAt: number }> {
  let held = Buffer.alloc(0);
  let heldAt = 0;
  for (;;) {
    const chunk = Buffer.alloc(FILE_CHUNK_BYTES);
    const { bytesRead } = await file.read(chunk, 0, chunk.length, heldAt + held.length);
    if (bytesRead === 0) return;
    held = Buffer.concat([held, chunk.subarray(0, bytesRead)]);
    for (let end = held.indexOf(NEWLINE); end >= 0; end = held.indexOf(NEWLINE)) {
      heldAt += end + 1;
      yield { bytes: held.subarray(0, end), endsAt: heldAt };
      held = held.subarray(end + 1);
    }
    if (held.length > ERASURE_JOURNAL_LINE_BYTES_MAX) {
      throw new KuramoriError(
        'INTEGRITY_FAILURE',
        'The erasure journal has a line without an end. Put back its copy.',
      );
    }
  }
}

/** A path that was mistyped would open some other file, and nobody would be erased again. */
function assertHeading(line: JournalLine | undefined, municipality: string): void {
  if (line?.kind === 'journal' && line.municipality === municipality) return;
  throw new KuramoriError(
    'CONFIGURATION_INVALID',
    'The file is not the erasure journal of this municipality. Correct its path, or put the journal back.',
  );
}

/** A file whose name is not on the disk yet would be gone with the power. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
