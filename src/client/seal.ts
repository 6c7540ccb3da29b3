import { CompactEncrypt } from 'jose';
import { utf8 } from '../kernel/canonical.js';
import { SEALED_INPUT_CHARS_MAX } from '../kernel/limits.js';
import { hostClock } from './clock.js';
import { refuseInput } from './refusal.js';
import { VaultKeys } from './vaultKeys.js';

/**
 * What is sealed to the vault: a number as it was typed, a code for step-up or of an envelope; and for which assertion.
 */
export interface SealedInput {
  readonly kind: 'number' | 'totp' | 'breakGlass';
  readonly value: string;
  /** `jti` of the assertion it goes with: with any other it is refused. */
  readonly jti: string;
  /** Milliseconds since the epoch; the host's clock by default. */
  readonly now?: () => number;
}

/**
 * Seals one input to the vault: JWE compact, ECDH-ES, A256GCM. Only the vault opens it; the gateway passes it on.
 *
 * @param vaultKeys from {@link verifyPublishedKeys}: what merely came by the gateway is not sealed to
 * @throws KuramoriError BAD_INPUT, facts `{field}`: no verified keys, or a value that is too long;
 *   INTEGRITY_FAILURE when the list of keys has expired
 *
 * @example
 * const jti = newJti();
 * const number = await sealToVault(vaultKeys, { kind: 'number', value: typed, jti });
 */
export async function sealToVault(vaultKeys: VaultKeys, input: SealedInput): Promise<string> {
  const { kind, value, jti, now = hostClock } = input;
  if (!(vaultKeys instanceof VaultKeys))
    refuseInput('vaultKeys', 'The vault’s keys must be verified first: see verifyPublishedKeys.');
  if (value.length === 0 || value.length > SEALED_INPUT_CHARS_MAX)
    refuseInput('value', 'The value to seal is empty or too long.');
  const { key, kid } = vaultKeys.toSealTo(now);
  return await new CompactEncrypt(utf8(JSON.stringify({ v: 1, kind, value, jti })))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid, typ: 'input+jwe', cty: 'json' })
    .encrypt(key);
}
