/** Writes DER (ITU-T X.690): enough for a certificate and a signature of our own. Nothing is ever read with it. */

const TAGS = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  sequence: 0x30,
  set: 0x31,
  generalizedTime: 0x18,
  utcTime: 0x17,
} as const;

const LENGTH_LONG_FORM = 0x80;
/** Of a context tag [n] around something constructed. */
const CONTEXT_CONSTRUCTED = 0xa0;

/** One value with its tag and its length. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => der(TAGS.sequence, ...parts);

/** SET OF: in ascending order of the encodings, as DER demands. */
export const setOf = (...parts: readonly Uint8Array[]): Buffer =>
  der(TAGS.set, ...parts.toSorted((a, b) => Buffer.compare(a, b)));

/** [n] with the content as it is; for IMPLICIT hand in the content without its own tag. */
export const context = (n: number, ...parts: readonly Uint8Array[]): Buffer =>
  der(CONTEXT_CONSTRUCTED + n, ...parts);

/** The content of a value that has a length of its own, without tag and length. */
export function contentOf(encoded: Uint8Array): Uint8Array {
  const first = encoded[1] as number;
  return encoded.subarray(2 + (first < LENGTH_LONG_FORM ? 0 : first - LENGTH_LONG_FORM));
}

/** An integer that is not negative, from its bytes. */
export function integer(bytes: Uint8Array): Buffer {
  let at = 0;
  while (at < bytes.length - 1 && bytes[at] === 0) at += 1;
  const significant = bytes.subarray(at);
  return (significant[0] as number) >= 0x80
    ? der(TAGS.integer, Buffer.from([0]), significant)
    : der(TAGS.integer, significant);
}

export const octets = (bytes: Uint8Array): Buffer => der(TAGS.octetString, bytes);
export const utf8 = (text: string): Buffer => der(TAGS.utf8String, Buffer.from(text, 'utf8'));
export const printable = (text: string): Buffer => der(TAGS.printableString, Buffer.from(text, 'ascii'));
export const yes = (): Buffer => der(TAGS.boolean, Buffer.from([0xff]));

/** @param unused bits at the end of the last byte */
export const bits = (bytes: Uint8Array, unused = 0): Buffer =>
  der(TAGS.bitString, Buffer.from([unused]), bytes);

/** An object identifier from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(TAGS.objectIdentifier, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** An instant of a certificate (RFC 5280 §4.1.2.5): UTCTime through 2049, GeneralizedTime from then on. */
export function time(epochSeconds: number): Buffer {
  const text = new Date(epochSeconds * 1_000).toISOString().replaceAll(/[-:T]|\.\d{3}/g, '');
  const ascii = (chars: string) => Buffer.from(chars, 'ascii');
  return Number(text.slice(0, 4)) < 2050
    ? der(TAGS.utcTime, ascii(text.slice(2)))
    : der(TAGS.generalizedTime, ascii(text));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}

function lengthOf(length: number): Buffer {
  if (length < LENGTH_LONG_FORM) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return Buffer.from([LENGTH_LONG_FORM + bytes.length, ...bytes]);
}
