import { constants, lstatSync, mkdirSync } from 'node:fs';
import { lstat, open, opendir, rename, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { KuramoriError } from '../../../kernel/errors.js';
import {
  INTERMEDIARY_DROP_FILES_MAX,
  INTERMEDIARY_DROP_PART_MS_MAX,
  INTERMEDIARY_DROP_QUARANTINE_MAX,
} from '../../../kernel/limits.js';
import { isUuidV7, newUuidV7 } from '../../../kernel/uuid.js';
import { writeWhole } from '../../../kernel/wholeFile.js';

/**
 * The folders of an exchange by files (handbook 12 §4). `outbox`: what the vault asks. `ack`: the same file, once the
 * other side has taken it. `inbox`: answers. `quarantine`: what was no file of the exchange.
 */
export const BOXES = ['outbox', 'ack', 'inbox', 'quarantine'] as const;
export type Box = (typeof BOXES)[number];

const END = '.spi';
const PART = /^\.[0-9a-f-]{36}\.part$/;
const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY, O_DIRECTORY } = constants;

/** The name of an exchange's file, the same in every box. */
export function nameOf(exchange: string): string {
  return `${exchange}${END}`;
}

/** A file of a box as it lies there. */
export type Found =
  | { readonly kind: 'exchange'; readonly exchange: string; readonly name: string }
  /** Of a writer that was killed. */
  | { readonly kind: 'leftPart'; readonly name: string }
  /** Nothing that either side puts there. */
  | { readonly kind: 'foreign'; readonly name: string };

/** What both sides do with the files of one folder: whole or not at all, never through a link. */
export class DropFolder {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Makes what is missing of the folder, and looks whether it is ours alone.
   * @throws KuramoriError CONFIGURATION_INVALID
   */
  static open(path: string): DropFolder {
    for (const folder of [path, ...BOXES.map((box) => join(path, box))]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const found = lstatSync(folder);
      if (!found.isDirectory() || !isOursAlone(found))
        throw new KuramoriError(
          'CONFIGURATION_INVALID',
          'The folder of the exchange by files, or one of its boxes, is not a folder of mode 700 that belongs to ' +
            'the account of this process. chown and chmod it, or name another.',
        );
    }
    return new DropFolder(path);
  }

  /** Where a box lies. */
  pathOf(box: Box): string {
    return join(this.#path, box);
  }

  /**
   * Puts a file into a box: it appears whole, under its name, and is on the disk then.
   * @returns false when it could not be written: nothing has appeared
   */
  async put(box: Box, exchange: string, bytes: Uint8Array): Promise<boolean> {
    const part = join(this.pathOf(box), `.${exchange}.part`);
    if (!(await isWritten(part, bytes))) return false;
    await rename(part, this.#file(box, exchange));
    await this.#settle(box);
    return true;
  }

  /** For tests of the other side: a file that appears under its name before all of it is there. */
  async putUnfinished(box: Box, exchange: string, bytes: Uint8Array): Promise<void> {
    await isWritten(this.#file(box, exchange), bytes);
  }

  /** Reads a file that is ours alone and within its limit; through no link, and from no pipe. */
  async read(box: Box, exchange: string, bytesMax: number): Promise<Uint8Array | 'absent' | 'unfit'> {
    let file: FileHandle;
    try {
      file = await open(this.#file(box, exchange), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    } catch (error) {
      return isAbsent(error) ? 'absent' : 'unfit';
    }
    try {
      const found = await file.stat();
      const isFit = found.isFile() && isOursAlone(found) && found.nlink === 1 && found.size <= bytesMax;
      return isFit ? await file.readFile() : 'unfit';
    } finally {
      await file.close();
    }
  }

  /** Takes a file out of one box into another. @returns false when it is not there (any more) */
  async move(from: Box, to: Box, exchange: string): Promise<boolean> {
    const isMoved = await isDone(rename(this.#file(from, exchange), this.#file(to, exchange)));
    if (isMoved) await Promise.all([this.#settle(to), this.#settle(from)]);
    return isMoved;
  }

  /** @returns false when it is not there (any more): who has taken it has it */
  async remove(box: Box, exchange: string): Promise<boolean> {
    const isRemoved = await isDone(unlink(this.#file(box, exchange)));
    if (isRemoved) await this.#settle(box);
    return isRemoved;
  }

  has(box: Box, exchange: string): Promise<boolean> {
    return isDone(lstat(this.#file(box, exchange)));
  }

  /** What lies in a box, by name, so the oldest first; files that are being written are not there yet. */
  async list(box: Box, nowMs: number): Promise<Found[]> {
    const found: Found[] = [];
    for await (const { name } of await opendir(this.pathOf(box))) {
      if (found.length >= INTERMEDIARY_DROP_FILES_MAX) break;
      const exchange = name.slice(0, -END.length);
      if (name.endsWith(END) && isUuidV7(exchange)) found.push({ kind: 'exchange', exchange, name });
      else if (!PART.test(name)) found.push({ kind: 'foreign', name });
      else if (await this.#isLeft(box, name, nowMs)) found.push({ kind: 'leftPart', name });
    }
    return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Sets a file aside under a name of our own: it is moved as it is, a link as a link. A quarantine that is full takes
   * no more, and the file is deleted.
   */
  async setAside(box: Box, { name }: { readonly name: string }, nowMs: number): Promise<void> {
    const path = join(this.pathOf(box), name);
    const isFull = (await this.list('quarantine', nowMs)).length >= INTERMEDIARY_DROP_QUARANTINE_MAX;
    // A folder cannot be deleted so, and stays where it is.
    await isDone(isFull ? unlink(path) : rename(path, this.#file('quarantine', newUuidV7(nowMs), `.${box}`)));
  }

  /** Deletes what a writer that was killed has left. */
  async clear(box: Box, { name }: { readonly name: string }): Promise<void> {
    await isDone(unlink(join(this.pathOf(box), name)));
  }

  async #isLeft(box: Box, name: string, nowMs: number): Promise<boolean> {
    const found = await lstat(join(this.pathOf(box), name)).catch(() => undefined);
    return found !== undefined && nowMs - found.mtimeMs > INTERMEDIARY_DROP_PART_MS_MAX;
  }

  #file(box: Box, exchange: string, end = END): string {
    return join(this.pathOf(box), `${exchange}${end}`);
  }

  /** Names are on the disk when their folder is. */
  async #settle(box: Box): Promise<void> {
    const folder = await open(this.pathOf(box), O_RDONLY | O_DIRECTORY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}

/** A disk that is full, or a box that is gone: there is nothing under the final name then. */
async function isWritten(part: string, bytes: Uint8Array): Promise<boolean> {
  try {
    const file = await open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      await writeWhole(file, bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    return true;
  } catch {
    await isDone(unlink(part));
    return false;
  }
}

function isOursAlone({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean {
  return uid === process.getuid?.() && (mode & 0o077) === 0;
}

/** @returns false when there is nothing of that name, or nothing that this can be done with */
async function isDone(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (isAbsent(error) || (error as NodeJS.ErrnoException).code === 'EISDIR') return false;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
