import { createCipheriv, createDecipheriv } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { SPOOL_CHUNK_BYTES } from '../../../kernel/limits.js';
import { readWhole, writeWhole } from '../../../kernel/wholeFile.js';
import { SP800_38D_NONCE_BYTES, SP800_38D_TAG_BYTES } from '../../cipher/gcm.js';
import { integrityFailure } from '../../cipher/integrity.js';
import { wipe } from '../../cipher/wipe.js';

/**
 * A file in the spool (一時保管): AES-256-GCM in chunks of SPOOL_CHUNK_BYTES under a data key of its own. The nonce of a
 * chunk is its number and whether it is the last: chunks that were swapped, cut off or added do not open. As the key
 * serves one file that is written once, no nonce occurs twice under it.
 */

const SEALED_CHUNK_BYTES = SPOOL_CHUNK_BYTES + SP800_38D_TAG_BYTES;
const LAST = 1;

/** Bytes of the file on the disk for so many bytes of plaintext. */
export function spoolBytes(plaintext: number): number {
  return plaintext + chunksOf(plaintext) * SP800_38D_TAG_BYTES;
}

/** Writes one file, chunk by chunk; never plaintext. */
export class SpoolWriter {
  readonly #file: FileHandle;
  readonly #key: Uint8Array;
  readonly #pending = Buffer.alloc(SPOOL_CHUNK_BYTES);
  #filled = 0;
  #chunk = 0;
  #closed = false;

  private constructor(file: FileHandle, key: Uint8Array) {
    this.#file = file;
    this.#key = key;
  }

  /** @param key 32 bytes, kept until the end; wiping it stays with the caller. @param path of no file that is there */
  static async create(path: string, key: Uint8Array): Promise<SpoolWriter> {
    return new SpoolWriter(await open(path, 'wx', 0o600), key);
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      // The last chunk is known at the end alone: a full one waits for what follows.
      if (this.#filled === SPOOL_CHUNK_BYTES) await this.#flush(false);
      const taken = bytes.subarray(at, at + SPOOL_CHUNK_BYTES - this.#filled);
      this.#pending.set(taken, this.#filled);
      this.#filled += taken.length;
      at += taken.length;
    }
  }

  /** Seals the last chunk; the file is on the disk when this resolves. */
  async end(): Promise<void> {
    await this.#flush(true);
    await this.#file.sync();
    await this.close();
  }

  /** Ends it as it is: what was written so far opens no more. Again, it does nothing. */
  async close(): Promise<void> {
    wipe(this.#pending);
    if (this.#closed) return;
    this.#closed = true;
    await this.#file.close();
  }

  async #flush(last: boolean): Promise<void> {
    const nonce = nonceOf(this.#chunk, last);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: SP800_38D_TAG_BYTES });
    const sealed = cipher.update(this.#pending.subarray(0, this.#filled));
    await writeWhole(this.#file, Buffer.concat([sealed, cipher.final(), cipher.getAuthTag()]));
    this.#filled = 0;
    this.#chunk += 1;
  }
}

/**
 * Reads a file of the spool.
 * @param bytes of its plaintext, as its row says: it must be exactly as long
 * @param fromChunk where to begin, in chunks of SPOOL_CHUNK_BYTES
 * @throws KuramoriError INTEGRITY_FAILURE
 */
export async function* readSpool(
  path: string,
  key: Uint8Array,
  bytes: number,
  fromChunk = 0,
): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  try {
    if ((await file.stat()).size !== spoolBytes(bytes)) throw integrityFailure();
    const chunks = chunksOf(bytes);
    const sealed = Buffer.alloc(SEALED_CHUNK_BYTES);
    for (let chunk = fromChunk; chunk < chunks; chunk += 1) {
      const read = await readWhole(file, sealed, chunk * SEALED_CHUNK_BYTES);
      yield openChunk(key, read, nonceOf(chunk, chunk === chunks - 1));
    }
  } finally {
    await file.close();
  }
}

/** An empty file has one chunk, too: otherwise nobody could tell it from one that was cut off. */
function chunksOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / SPOOL_CHUNK_BYTES));
}

function openChunk(key: Uint8Array, sealed: Uint8Array, nonce: Uint8Array): Uint8Array {
  if (sealed.length < SP800_38D_TAG_BYTES) throw integrityFailure();
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: SP800_38D_TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(-SP800_38D_TAG_BYTES));
  const plaintext = decipher.update(sealed.subarray(0, -SP800_38D_TAG_BYTES));
  try {
    decipher.final();
    return plaintext;
  } catch {
    wipe(plaintext);
    throw integrityFailure();
  }
}

function nonceOf(chunk: number, last: boolean): Uint8Array {
  const nonce = Buffer.alloc(SP800_38D_NONCE_BYTES);
  nonce.writeUInt32BE(chunk, SP800_38D_NONCE_BYTES - 5);
  nonce[SP800_38D_NONCE_BYTES - 1] = last ? LAST : 0;
  return nonce;
}
