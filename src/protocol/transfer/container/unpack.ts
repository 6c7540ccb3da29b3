import { TRANSFER_FILES_MAX, TRANSFER_MANIFEST_BYTES_MAX } from '../../../kernel/limits.js';
import { BytesDigest } from '../content.js';
import type { TemporaryArea } from './area.js';
import { MANIFEST_FILE, MANIFEST_SIGNATURE_FILE } from './packageFiles.js';
import { PackageRejected } from './rejected.js';
import { TarFault, TarReader, type TarEvent } from './tar.js';

/** One data file as it was found. */
export interface FoundFile {
  /** Its place in the area. */
  readonly at: number;
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What an authentic stream held. */
export interface Unpacked {
  readonly files: readonly FoundFile[];
  readonly manifest: Uint8Array | undefined;
  readonly signature: Uint8Array | undefined;
}

/**
 * Takes a decrypted archive apart into an area. A fault of the archive is told only when the whole stream was
 * authentic: what the adversary wrote is not reported on before.
 * @throws PackageRejected DECRYPTION, FILES
 */
export async function unpacked(plaintext: AsyncIterable<Uint8Array>, area: TemporaryArea): Promise<Unpacked> {
  const events = new Events(plaintext);
  const files: FoundFile[] = [];
  const own = new Map<string, Uint8Array>();
  try {
    for (let begun = await events.next(); begun !== undefined; begun = await events.next()) {
      if (begun.kind !== 'begin') throw new TarFault('The archive is not in order.');
      if (begun.name === MANIFEST_FILE || begun.name === MANIFEST_SIGNATURE_FILE) {
        if (begun.size > TRANSFER_MANIFEST_BYTES_MAX) throw new TarFault('The manifest is too large.');
        own.set(begun.name, await inMemory(events));
        continue;
      }
      if (files.length === TRANSFER_FILES_MAX) throw new TarFault('There are too many files.');
      const digest = new BytesDigest();
      const at = files.length;
      await area.write(at, dataOf(events, digest));
      files.push({ at, name: begun.name, ...digest.end() });
    }
  } catch (error) {
    await events.drain();
    if (error instanceof TarFault)
      throw new PackageRejected('FILES', 'the archive is not that of a package', error);
    throw error;
  }
  return { files, manifest: own.get(MANIFEST_FILE), signature: own.get(MANIFEST_SIGNATURE_FILE) };
}

/** The events of an archive, one at a time, out of a stream that may fail or be drained. */
class Events {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #reader = new TarReader();
  #current: Generator<TarEvent> | undefined;
  #over = false;

  constructor(plaintext: AsyncIterable<Uint8Array>) {
    this.#source = plaintext[Symbol.asyncIterator]();
  }

  /** @throws PackageRejected DECRYPTION; TarFault */
  async next(): Promise<TarEvent | undefined> {
    for (;;) {
      const event = this.#current?.next();
      if (event !== undefined && event.done !== true) return event.value;
      const piece = await this.#piece();
      if (piece === undefined) {
        this.#reader.end();
        return undefined;
      }
      this.#current = this.#reader.push(piece);
    }
  }

  /** Reads on to the end of the stream, only to learn whether it is authentic. */
  async drain(): Promise<void> {
    while ((await this.#piece()) !== undefined);
  }

  async #piece(): Promise<Uint8Array | undefined> {
    if (this.#over) return undefined;
    try {
      const next: IteratorResult<Uint8Array, unknown> = await this.#source.next();
      if (next.done !== true) return next.value;
      this.#over = true;
      return undefined;
    } catch (cause) {
      this.#over = true;
      throw new PackageRejected('DECRYPTION', 'it is not authentic to its end', cause);
    }
  }
}

async function* dataOf(events: Events, digest: BytesDigest): AsyncGenerator<Uint8Array> {
  for (let event = await events.next(); event?.kind === 'data'; event = await events.next()) {
    digest.push(event.bytes);
    yield event.bytes;
  }
}

async function inMemory(events: Events): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of dataOf(events, new BytesDigest())) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}
