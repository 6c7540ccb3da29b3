import { ReadableStream } from 'node:stream/web';
import { AGE_HEADER_BYTES_MAX } from '../../../kernel/limits.js';
import { recipientFingerprint } from '../keys.js';

/** Loaded when something is sealed or opened: most processes never do. */
const age = () => import('age-encryption');

/** age v1 with X25519 recipients, as streams: ChaCha20-Poly1305 in chunks of 64 KiB, the last one marked. */

/** Ends the header of an age file, on its last line. */
const HEADER_END = /\n--- [A-Za-z0-9+/]{43}\n/;
const X25519_STANZA = /^-> X25519 /gm;

/**
 * Seals a stream of bytes.
 * @param recipients `age1…`, each of which can open it
 */
export async function* ageSealed(
  recipients: readonly string[],
  plaintext: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const { Encrypter } = await age();
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  yield* passed(plaintext, (stream) => encrypter.encrypt(stream));
}

/** The secret of a recipient, `AGE-SECRET-KEY-1…`, with the recipient that belongs to it. */
export interface AgeIdentity {
  readonly identity: string;
  readonly recipient: string;
}

/** The header of an age file. */
export interface AgeHeader {
  readonly bytes: Uint8Array;
  /** How many keys open it. */
  readonly recipients: number;
}

/**
 * Finds the header at the beginning of a file.
 * @param beginning AGE_HEADER_BYTES_MAX bytes, or the whole file
 * @returns nothing when it has none of that size: an endless header would fill the memory
 */
export function ageHeader(beginning: Uint8Array): AgeHeader | undefined {
  const text = Buffer.from(beginning).toString('latin1', 0, AGE_HEADER_BYTES_MAX);
  const end = HEADER_END.exec(text);
  if (end === null) return undefined;
  const bytes = beginning.subarray(0, end.index + end[0].length);
  return { bytes, recipients: text.slice(0, end.index).match(X25519_STANZA)?.length ?? 0 };
}

/**
 * The first identity that opens a header.
 * @returns it with the fingerprint of its recipient, or nothing
 */
export async function openingIdentity<I extends AgeIdentity>(
  header: AgeHeader,
  identities: readonly I[],
): Promise<(I & { readonly fingerprint: string }) | undefined> {
  const { Decrypter } = await age();
  for (const one of identities) {
    const decrypter = new Decrypter();
    decrypter.addIdentity(one.identity);
    try {
      await decrypter.decryptHeader(header.bytes);
      return { ...one, fingerprint: recipientFingerprint(one.recipient) };
    } catch {
      // Sealed to others, or not sound: the next identity tells.
    }
  }
  return undefined;
}

/**
 * Opens a stream. What it hands on is authentic chunk by chunk; that nothing is missing is known at its end alone.
 * @throws Error when a chunk is not authentic, or the end is missing
 */
export async function* ageOpened(
  identity: AgeIdentity,
  ciphertext: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const { Decrypter } = await age();
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity.identity);
  yield* passed(ciphertext, (stream) => decrypter.decrypt(stream));
}

/** The library lets go of a source whose beginning it refuses without ending it: a file would stay open. */
async function* passed(
  source: AsyncIterable<Uint8Array>,
  pass: (stream: never) => Promise<unknown>,
): AsyncGenerator<Uint8Array> {
  const pieces = source[Symbol.asyncIterator]();
  try {
    const stream = ReadableStream.from({ [Symbol.asyncIterator]: () => pieces });
    yield* (await pass(stream as never)) as AsyncIterable<Uint8Array>;
  } finally {
    await pieces.return?.();
  }
}
