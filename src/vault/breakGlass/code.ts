import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { BREAK_GLASS_CODE_BYTES } from '../../kernel/limits.js';
import { base32 } from '../../kernel/token/totp.js';

/** A new code for an envelope: 128 random bits in groups of four, for somebody to type in an emergency. */
export function newGlassCode(): string {
  return (base32(randomBytes(BREAK_GLASS_CODE_BYTES)).match(/.{1,4}/g) as readonly string[]).join('-');
}

/**
 * What is kept of a code. So many random bits are found by nobody who has their digest.
 * @param code as it was typed: groups and small letters do not count
 */
export function glassCodeDigest(breakGlassId: string, code: string): string {
  const plain = code.toUpperCase().replaceAll(/[^A-Z2-7]/g, '');
  return `sha256:${createHash('sha256').update(`${breakGlassId}:${plain}`).digest('base64url')}`;
}

/** Whether a code is that of a digest, in a time that tells nothing. */
export function isGlassCode(digest: string, breakGlassId: string, code: string): boolean {
  return timingSafeEqual(Buffer.from(digest), Buffer.from(glassCodeDigest(breakGlassId, code)));
}
