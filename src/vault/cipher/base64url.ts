const RFC4648_BASE64URL = Buffer.from(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
  'ascii',
);

/**
 * Base64url without padding (RFC 4648 §5), in bytes: what it spells may be a secret, and a text could not be wiped.
 * @returns bytes of its own, not of a pool; the caller wipes them
 */
export function base64urlBytes(bytes: Uint8Array): Buffer {
  const encoded = Buffer.alloc(Math.ceil((bytes.length * 8) / 6));
  for (let at = 0; at < encoded.length; at += 1) {
    const bit = at * 6;
    const pair = (at8(bytes, bit >> 3) << 8) | at8(bytes, (bit >> 3) + 1);
    encoded[at] = at8(RFC4648_BASE64URL, (pair >> (10 - (bit & 7))) & 0x3f);
  }
  return encoded;
}

/** A byte, or zero behind the last: the spare bits of the last character are zero. */
function at8(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}
