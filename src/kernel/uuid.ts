/** UUID version 7 (RFC 9562 §5.7) in its one spelling: small letters. It runs in browsers too: nothing of Node here. */

const RFC9562_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const RANDOM_BYTES = 10;
const TIME_HEX_DIGITS = 12;

/** Whether a value has that form. Two spellings would be two names of one thing. */
export function isUuidV7(value: unknown): value is string {
  return typeof value === 'string' && RFC9562_V7.test(value);
}

/**
 * A fresh one: 48 bits of the time, 74 random bits. It never ends in twelve digits alone, which could pass for an
 * individual number (個人番号) where messages are searched for one.
 * @param now milliseconds since the epoch
 */
export function newUuidV7(now: number): string {
  const made = madeAt(now);
  return /\d{12}$/.test(made) ? newUuidV7(now) : made;
}

function madeAt(now: number): string {
  const time = Math.trunc(now).toString(16).padStart(TIME_HEX_DIGITS, '0');
  const random = globalThis.crypto.getRandomValues(new Uint8Array(RANDOM_BYTES));
  const hex = [...random].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const variant = ((random[2] ?? 0) & 0x3f) | 0x80;
  return [
    time.slice(0, 8),
    time.slice(8),
    `7${hex.slice(1, 4)}`,
    variant.toString(16) + hex.slice(6, 8),
    hex.slice(8),
  ].join('-');
}
