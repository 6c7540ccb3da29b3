import { TRANSFER_FILE_NAME_CHARS_MAX } from '../../../kernel/limits.js';

/**
 * POSIX ustar, the one spelling of it that packages have: regular files alone, mode 0600, owner and time 0. The reader
 * takes a header only when it is, byte for byte, the header the writer makes for that name and size. Whatever two
 * programs could read in two ways (links, long names, extensions, signs in numbers) has no place to stand.
 */

const BLOCK = 512;
const [NAME, MODE, OWNER, GROUP, SIZE, TIME, CHECKSUM, TYPE, MAGIC, MAJOR, MINOR] = [
  0, 100, 108, 116, 124, 136, 148, 156, 257, 329, 337,
] as const;
const SIZE_DIGITS = 11;
const REGULAR_FILE = '0';
const PORTABLE_NAME = /^[\x21-\x7e]+$/;

/** Bytes that end an archive. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

/** Largest file of the format. */
export const USTAR_FILE_BYTES_MAX = 8 ** SIZE_DIGITS - 1;

/**
 * The header of one file.
 * @param name ASCII without spaces, at most TRANSFER_FILE_NAME_CHARS_MAX
 */
export function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  const put = (at: number, text: string) => void header.write(text, at, 'latin1');
  put(NAME, name);
  put(MODE, '0000600\0');
  put(OWNER, '0000000\0');
  put(GROUP, '0000000\0');
  put(SIZE, `${size.toString(8).padStart(SIZE_DIGITS, '0')}\0`);
  put(TIME, `${'0'.repeat(SIZE_DIGITS)}\0`);
  put(CHECKSUM, ' '.repeat(8));
  put(TYPE, REGULAR_FILE);
  put(MAGIC, 'ustar\u000000');
  put(MAJOR, '0000000\0');
  put(MINOR, '0000000\0');
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(CHECKSUM, `${sum.toString(8).padStart(6, '0')}\0 `);
  return header;
}

/** What fills the last block of a file. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** An archive that is not the one spelling. */
export class TarFault extends Error {}

/** What an archive holds, in its order. Every `begin` is followed by its data and one `end`. */
export type TarEvent =
  | { readonly kind: 'begin'; readonly name: string; readonly size: number }
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' };

/** Reads an archive as its bytes come. */
export class TarReader {
  #pending = Buffer.alloc(0);
  /** Of the file that is being read: bytes that are still to come, and its padding. */
  #file: { left: number; padding: number } | undefined;
  #lastName = '';
  #zeroBlocks = 0;

  /**
   * What the bytes complete.
   * @throws TarFault
   */
  *push(bytes: Uint8Array): Generator<TarEvent> {
    let rest =
      this.#pending.length === 0
        ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
        : Buffer.concat([this.#pending, bytes]);
    this.#pending = Buffer.alloc(0);
    while (rest.length > 0) {
      if (this.#file !== undefined && this.#file.left > 0) {
        const data = rest.subarray(0, this.#file.left);
        this.#file.left -= data.length;
        rest = rest.subarray(data.length);
        yield { kind: 'data', bytes: data };
        if (this.#file.left === 0) yield* this.#endFile();
        continue;
      }
      if (rest.length < (this.#file?.padding ?? BLOCK)) break;
      if (this.#file === undefined) {
        yield* this.#block(rest.subarray(0, BLOCK));
        rest = rest.subarray(BLOCK);
        continue;
      }
      const padding = rest.subarray(0, this.#file.padding);
      if (padding.some((byte) => byte !== 0)) throw new TarFault('The padding of a file is not empty.');
      rest = rest.subarray(padding.length);
      this.#file = undefined;
    }
    this.#pending = Buffer.from(rest);
  }

  /** @throws TarFault when the archive has not ended */
  end(): void {
    if (this.#zeroBlocks !== 2 || this.#pending.length > 0) throw new TarFault('The archive has no end.');
  }

  *#block(block: Buffer): Generator<TarEvent> {
    if (this.#zeroBlocks === 2) throw new TarFault('Something follows the end of the archive.');
    if (block.every((byte) => byte === 0)) {
      this.#zeroBlocks += 1;
      return;
    }
    if (this.#zeroBlocks > 0) throw new TarFault('An empty block stands inside the archive.');
    const { name, size } = readHeader(block);
    if (name <= this.#lastName) throw new TarFault('Names of the archive do not ascend, each once.');
    this.#lastName = name;
    this.#file = { left: size, padding: tarPadding(size).length };
    yield { kind: 'begin', name, size };
    if (size === 0) yield* this.#endFile();
  }

  *#endFile(): Generator<TarEvent> {
    if (this.#file?.padding === 0) this.#file = undefined;
    yield { kind: 'end' };
  }
}

function readHeader(block: Buffer): { name: string; size: number } {
  const name = block.toString('latin1', NAME, MODE).replace(/\0.*$/s, '');
  const size = Number.parseInt(block.toString('latin1', SIZE, SIZE + SIZE_DIGITS), 8);
  const sound =
    PORTABLE_NAME.test(name) && name.length <= TRANSFER_FILE_NAME_CHARS_MAX && Number.isSafeInteger(size);
  if (!sound || size < 0 || !block.equals(tarHeader(name, size)))
    throw new TarFault('A header is not that of a plain file of a package.');
  return { name, size };
}
