import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { KuramoriError } from '../errors.js';

/** RFC 6238 §4: seconds per step, from the epoch. */
export const RFC6238_STEP_SECONDS = 30;
/** RFC 6238 §5.2, handbook 15 §3: steps before and after the present one that are accepted. */
export const RFC6238_WINDOW_STEPS = 1;
export const TOTP_DIGITS = 6;
/** RFC 4226 §4: 160 bits are recommended. */
export const TOTP_SECRET_BYTES = 20;

const RFC4648_BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const CODE = /^\d{6}$/;

/** The time step at an instant. @param epochMs milliseconds since the epoch */
export function totpStep(epochMs: number): number {
  return Math.floor(epochMs / 1000 / RFC6238_STEP_SECONDS);
}

/** The code of a step (RFC 6238, HMAC-SHA-1; truncation of RFC 4226 §5.3). */
export function totpCode(secret: Uint8Array, step: number, digits = TOTP_DIGITS): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const truncated = mac.readUInt32BE(mac.readUInt8(mac.length - 1) & 0x0f) & 0x7fffffff;
  return String(truncated % 10 ** digits).padStart(digits, '0');
}

/** The step within the window whose code was given, or none. All steps are compared, whichever matches. */
export function matchingStep(secret: Uint8Array, code: string, epochMs: number): number | undefined {
  if (!CODE.test(code)) return undefined;
  const given = Buffer.from(code, 'ascii');
  const present = totpStep(epochMs);
  let found: number | undefined;
  for (let step = present - RFC6238_WINDOW_STEPS; step <= present + RFC6238_WINDOW_STEPS; step++) {
    if (step >= 0 && timingSafeEqual(Buffer.from(totpCode(secret, step), 'ascii'), given)) found = step;
  }
  return found;
}

/** A fresh secret. */
export function newTotpSecret(): Uint8Array {
  return randomBytes(TOTP_SECRET_BYTES);
}

/** RFC 4648 §6 without padding, as authenticators read it. */
export function base32(secret: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of secret) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += RFC4648_BASE32.charAt((held >>> (bits - 5)) & 31);
  }
  return bits > 0 ? text + RFC4648_BASE32.charAt((held << (5 - bits)) & 31) : text;
}

/**
 * Reads a secret as people write it: spaces, case and padding do not matter.
 * @throws KuramoriError BAD_INPUT
 */
export function fromBase32(text: string): Uint8Array {
  const bare = text.replaceAll(/[\s=]/g, '').toUpperCase();
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  for (const character of bare) {
    const value = RFC4648_BASE32.indexOf(character);
    if (value < 0)
      throw new KuramoriError('BAD_INPUT', 'The secret is not base32. It has letters and the digits 2 to 7.');
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >>> bits) & 0xff);
  }
  return Uint8Array.from(bytes);
}

/** The address an authenticator reads from a QR code. */
export function totpUri(secret: Uint8Array, staffId: string): string {
  return `otpauth://totp/Kuramori:${encodeURIComponent(staffId)}?secret=${base32(secret)}&issuer=Kuramori`;
}
