import { createHash } from 'node:crypto';
import { groups, wide } from './numbers.js';

/** One way in which a number could lie somewhere. */
export interface Spelling {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Separators of handbook 10 §4, and those with which programs write big numbers. */
const SEPARATORS = [' ', '\u00a0', '\u3000', '-', '‐', '‑', '‒', '–', '−', '－', 'ー', '.', '/'];

/**
 * Every way in which twelve digits could lie in a file or in memory: as text of every encoding, as what text is wrapped
 * in, as numbers of machines, and as digests without a key, which are as good as the number.
 */
export function spellingsOf(digits: string): readonly Spelling[] {
  const texts = Object.entries(textsOf(digits));
  const all = [
    ...texts.flatMap(([name, text]) => encoded(name, text)),
    ...Object.entries(wrappedOf(digits)).flatMap(([name, text]) => encoded(name, text)),
    ...machineNumbers(digits),
    ...digests(digits),
  ];
  const seen = new Set<string>();
  return all.filter(({ bytes }) => {
    const key = bytes.toString('latin1');
    return !seen.has(key) && seen.add(key);
  });
}

/** Bytes that stand for the number though they are not its digits: as they are, and as text. */
export function bytesSpelled(name: string, bytes: Uint8Array): readonly Spelling[] {
  const buffer = Buffer.from(bytes);
  return [
    { name: `${name} (bytes)`, bytes: buffer },
    ...encoded(`${name} (hex)`, buffer.toString('hex')),
    ...encoded(`${name} (HEX)`, buffer.toString('hex').toUpperCase()),
    ...encoded(`${name} (base64)`, buffer.toString('base64').replace(/=+$/, '')),
    ...encoded(`${name} (base64url)`, buffer.toString('base64url')),
  ];
}

function textsOf(digits: string): Readonly<Record<string, string>> {
  const reversed = [...digits].toReversed().join('');
  const value = Number(digits);
  const significant = String(value);
  return {
    digits,
    'full width': wide(digits),
    reversed,
    'reversed, full width': wide(reversed),
    ...separated(digits),
    'without leading zeros': significant,
    'with exponent': value.toExponential(),
    thousands: value.toLocaleString('en'),
    'thousands, underscored': value.toLocaleString('en').replaceAll(',', '_'),
    'list of digits': [...digits].join(','),
    'list of digits, spaced': [...digits].join(', '),
    'escaped for JSON': escaped(digits, '\\u', 16),
    'full width, escaped for JSON': escaped(wide(digits), '\\u', 16),
    'full width, escaped for JSON, capitals': escaped(wide(digits), '\\u', 16)
      .toUpperCase()
      .replaceAll('\\U', '\\u'),
    'escaped for HTML': escaped(digits, '&#', 10, ';'),
    'percent-encoded': percent(digits),
    'percent-encoded, full width': percent(wide(digits)),
    'percent-encoded, full width, small': percent(wide(digits)).toLowerCase(),
  };
}

function separated(digits: string): Readonly<Record<string, string>> {
  const forms = [4, 3, 6].flatMap((size) =>
    SEPARATORS.flatMap((separator, at): [string, string][] => [
      [`groups of ${size}, separator ${at}`, groups(digits, size).join(separator)],
      [`full width, groups of ${size}, separator ${at}`, groups(wide(digits), size).join(separator)],
    ]),
  );
  return Object.fromEntries(forms);
}

/** What is left of a text in base64 whatever stands around it, and in hexadecimal. */
function wrappedOf(digits: string): Readonly<Record<string, string>> {
  const inner: readonly [string, Buffer][] = [
    ['digits', Buffer.from(digits)],
    ['full width', Buffer.from(wide(digits))],
    ['UTF-16', Buffer.from(digits, 'utf16le')],
    ['hyphens', Buffer.from(groups(digits).join('-'))],
    ['packed', Buffer.from(digits, 'hex')],
  ];
  const forms = inner.flatMap(([name, bytes]): [string, string][] => [
    ...[0, 1, 2].flatMap((offset): [string, string][] => [
      [`${name} in base64 at ${offset}`, base64At(bytes, offset, 'base64')],
      [`${name} in base64url at ${offset}`, base64At(bytes, offset, 'base64url')],
    ]),
    [`${name} in hex`, bytes.toString('hex')],
    [`${name} in HEX`, bytes.toString('hex').toUpperCase()],
  ]);
  // Of six bytes too little is left in the middle of base64 to be told from chance.
  return Object.fromEntries(forms.filter(([, text]) => text.length >= 8));
}

/** The characters that depend on these bytes alone, when as many bytes as `offset` says stand before them. */
function base64At(bytes: Buffer, offset: number, kind: 'base64' | 'base64url'): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString(kind);
  return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}

/** V8 keeps a text that has one character beyond Latin-1 in UTF-16, all of it. */
function encoded(name: string, text: string): readonly Spelling[] {
  const narrow = Buffer.from(text, 'utf16le');
  return [
    { name, bytes: Buffer.from(text) },
    { name: `${name} (UTF-16LE)`, bytes: narrow },
    { name: `${name} (UTF-16BE)`, bytes: Buffer.from(narrow).swap16() },
  ];
}

function machineNumbers(digits: string): readonly Spelling[] {
  const eight = (write: (bytes: Buffer) => unknown): Buffer => {
    const bytes = Buffer.alloc(8);
    write(bytes);
    return bytes;
  };
  const packed = Buffer.from(digits, 'hex');
  const base10000 = Buffer.alloc(6);
  groups(digits).forEach((group, at) => base10000.writeUInt16LE(Number(group), at * 2));
  return [
    { name: 'integer', bytes: eight((bytes) => bytes.writeBigUInt64LE(BigInt(digits))) },
    { name: 'integer, big end first', bytes: eight((bytes) => bytes.writeBigUInt64BE(BigInt(digits))) },
    { name: 'double', bytes: eight((bytes) => bytes.writeDoubleLE(Number(digits))) },
    { name: 'double, big end first', bytes: eight((bytes) => bytes.writeDoubleBE(Number(digits))) },
    { name: 'packed decimal', bytes: packed },
    {
      name: 'packed decimal, nibbles swapped',
      bytes: packed.map((byte) => (byte << 4) | (byte >> 4)) as Buffer,
    },
    { name: 'a byte for each digit', bytes: Buffer.from([...digits].map(Number)) },
    { name: 'numeric of PostgreSQL', bytes: base10000 },
    { name: 'numeric, big end first', bytes: Buffer.from(base10000).swap16() },
  ];
}

function digests(digits: string): readonly Spelling[] {
  return ['sha256', 'sha1', 'md5'].flatMap((name) =>
    bytesSpelled(name, createHash(name).update(digits).digest()),
  );
}

function escaped(text: string, before: string, radix: number, after = ''): string {
  return Array.from(text, (character) => {
    const code = character.charCodeAt(0).toString(radix);
    return before + (radix === 16 ? code.padStart(4, '0') : code) + after;
  }).join('');
}

function percent(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).toUpperCase()}`).join('');
}
