import { integrityFailure } from '../../cipher/integrity.js';
import type { KeyPair } from '../../keys/key.js';

/** The key to which organizations seal results, as age writes keys: Bech32 (BIP 173) of 32 bytes. */

const BIP173_CHARSET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const BIP173_GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;
const CHECKSUM_GROUPS = 6;
const GROUP_BITS = 5;

/** `age1…`: to be handed to the organization, its fingerprint read out by telephone. */
export function ageRecipientOf({ publicJwk }: Pick<KeyPair, 'publicJwk'>): string {
  return bech32('age', Buffer.from(publicJwk.x, 'base64url'));
}

/** `AGE-SECRET-KEY-1…`, for the length of one opening. */
export function ageIdentityOf({ privateKey }: Pick<KeyPair, 'privateKey'>): string {
  const { d } = privateKey.export({ format: 'jwk' });
  return bech32('age-secret-key-', Buffer.from(String(d), 'base64url')).toUpperCase();
}

function bech32(prefix: string, bytes: Uint8Array): string {
  if (bytes.length !== 32) throw integrityFailure();
  const groups = inGroups(bytes);
  const zeros = Array.from({ length: CHECKSUM_GROUPS }, () => 0);
  const sum = polymod([...expanded(prefix), ...groups, ...zeros]) ^ 1;
  const checksum = zeros.map((_, at) => (sum >> (GROUP_BITS * (CHECKSUM_GROUPS - 1 - at))) & 31);
  return `${prefix}1${[...groups, ...checksum].map((group) => BIP173_CHARSET[group]).join('')}`;
}

/** Groups of five bits; the last is filled with zeros. */
function inGroups(bytes: Uint8Array): number[] {
  const groups: number[] = [];
  let [bits, value] = [0, 0];
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    for (; bits >= GROUP_BITS; bits -= GROUP_BITS) groups.push((value >> (bits - GROUP_BITS)) & 31);
  }
  // 32 bytes leave one bit over.
  groups.push((value << (GROUP_BITS - bits)) & 31);
  return groups;
}

function expanded(prefix: string): number[] {
  const codes = [...prefix].map((letter) => letter.charCodeAt(0));
  return [...codes.map((code) => code >> GROUP_BITS), 0, ...codes.map((code) => code & 31)];
}

function polymod(groups: readonly number[]): number {
  let sum = 1;
  for (const group of groups) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << GROUP_BITS) ^ group;
    for (const [at, generator] of BIP173_GENERATOR.entries()) if ((top >> at) & 1) sum ^= generator;
  }
  return sum >>> 0;
}
