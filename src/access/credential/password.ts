import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { KuramoriError } from '../../kernel/errors.js';
import { PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN } from '../../kernel/limits.js';
import type { KeyRing } from '../identity.types.js';
import { argon2id, ARGON2_SALT_BYTES, ARGON2_TAG_BYTES, type Argon2Cost } from './argon2.js';
import { keyOf } from './keys.js';
import { LEAKED_PASSWORDS } from './leaked.js';

/** What is stored of a password: HMAC-SHA-256(pepper, argon2id tag), the cost and salt, the pepper's name. */
export interface PasswordVerifier {
  readonly material: Uint8Array;
  readonly parameters: string;
  readonly keyId: string;
}

const PARAMETERS = /^argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9_-]{22})$/;

/** One form for all keyboards: NFKC (SP 800-63B-4 §3.1.1.2). */
export function normalisePassword(text: string): string {
  return text.normalize('NFKC');
}

/**
 * Refuses a new password that is too short, too long or known. No composition rule, no forced change (handbook 15 §3).
 * @throws KuramoriError BAD_INPUT
 */
export function assertGoodPassword(text: string, staffId: string): void {
  const password = normalisePassword(text);
  const length = [...password].length;
  if (length < PASSWORD_CHARS_MIN || length > PASSWORD_CHARS_MAX) {
    throw new KuramoriError(
      'BAD_INPUT',
      `A password must have ${PASSWORD_CHARS_MIN} to ${PASSWORD_CHARS_MAX} characters. Choose another.`,
      { field: 'password', minimum: PASSWORD_CHARS_MIN, maximum: PASSWORD_CHARS_MAX },
    );
  }
  const folded = password.toLowerCase();
  const isKnown =
    LEAKED_PASSWORDS.has(folded) || new Set(folded).size === 1 || folded.includes(staffId.toLowerCase());
  if (isKnown) {
    throw new KuramoriError(
      'BAD_INPUT',
      'The password is among those that attackers try first. Choose another.',
      {
        field: 'password',
      },
    );
  }
}

/** Makes the verifier of a new password with a fresh salt. */
export async function passwordVerifier(
  text: string,
  peppers: KeyRing,
  cost: Argon2Cost,
): Promise<PasswordVerifier> {
  const salt = randomBytes(ARGON2_SALT_BYTES);
  const tag = await argon2id(normalisePassword(text), salt, cost);
  return {
    material: peppered(peppers.current.key, tag),
    parameters: `argon2id$v=19$m=${cost.memoryKib},t=${cost.passes},p=${cost.lanes}$${salt.toString('base64url')}`,
    keyId: peppers.current.id,
  };
}

/**
 * Whether a password is the one. Without a verifier the same work is done for nothing, so that an unknown account
 * takes as long as a wrong password.
 */
export async function isPassword(
  text: string,
  verifier: PasswordVerifier | undefined,
  peppers: KeyRing,
  cost: Argon2Cost,
): Promise<boolean> {
  const stored = verifier && parsed(verifier.parameters);
  const pepper = verifier && keyOf(peppers, verifier.keyId);
  const salt = stored?.salt ?? randomBytes(ARGON2_SALT_BYTES);
  const tag = peppered(
    pepper ?? peppers.current.key,
    await argon2id(normalisePassword(text), salt, stored?.cost ?? cost),
  );
  const expected = verifier && stored && pepper ? verifier.material : new Uint8Array(ARGON2_TAG_BYTES);
  return expected.length === tag.length && timingSafeEqual(expected, tag);
}

/** Whether a verifier was made with another cost or pepper than today's, and is to be made anew at the next sign-in. */
export function isOutdated(verifier: PasswordVerifier, peppers: KeyRing, cost: Argon2Cost): boolean {
  const stored = parsed(verifier.parameters)?.cost;
  return (
    verifier.keyId !== peppers.current.id ||
    stored?.memoryKib !== cost.memoryKib ||
    stored.passes !== cost.passes ||
    stored.lanes !== cost.lanes
  );
}

function parsed(parameters: string): { cost: Argon2Cost; salt: Uint8Array } | undefined {
  const [whole, memory, passes, lanes, salt] = PARAMETERS.exec(parameters) ?? [];
  if (whole === undefined || salt === undefined) return undefined;
  return {
    cost: { memoryKib: Number(memory), passes: Number(passes), lanes: Number(lanes) },
    salt: Buffer.from(salt, 'base64url'),
  };
}

function peppered(pepper: Uint8Array, tag: Uint8Array): Uint8Array {
  return createHmac('sha256', pepper).update(tag).digest();
}
