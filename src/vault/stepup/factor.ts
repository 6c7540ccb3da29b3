import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { TOTP_SECRET_BYTES_MAX } from '../../kernel/limits.js';
import { TOTP_SECRET_BYTES } from '../../kernel/token/totp.js';
import type { VaultContext } from '../context.js';
import { sealFactor } from '../keys/factorSecret.js';
import { requirePerson } from '../staff/staff.store.js';
import { lockFactor, writeFactor, writeTry } from './factor.store.js';
import { afterUnlock } from './lockout.js';

/**
 * Sets the TOTP secret of a person for the vault, in place of any before; failures and locks are forgotten. The vault
 * has secrets of its own, so that whoever has the gateway's can step up nowhere here.
 * @param tx a transaction: write its audit entry in the same
 * @param secret at least 20 bytes (RFC 4226 §4), as from `newTotpSecret`; wiping it stays with the caller
 * @throws KuramoriError BAD_INPUT, NOT_FOUND, CONFLICT for a person who was withdrawn, VAULT_SEALED
 */
export async function setFactor(
  tx: Session,
  { seal, municipality }: Pick<VaultContext, 'seal' | 'municipality'>,
  personId: string,
  secret: Uint8Array,
): Promise<void> {
  if (secret.length < TOTP_SECRET_BYTES || secret.length > TOTP_SECRET_BYTES_MAX)
    throw new KuramoriError('BAD_INPUT', 'A secret of codes has 20 to 64 bytes. Make a new one.');
  const { revokedAt } = await requirePerson(tx, personId);
  if (revokedAt !== undefined)
    throw new KuramoriError('CONFLICT', 'The person was withdrawn and steps up no more.');
  const key = await seal.keyRing.activeIn(tx, 'factor');
  await writeFactor(tx, personId, sealFactor(secret, { municipality, personId }, key));
}

/** Lifts a lock by a person's decision. The hard stop after 100 failures ends with a new secret only. */
export async function unlockFactor(tx: Session, personId: string): Promise<void> {
  const factor = await lockFactor(tx, personId);
  if (factor === undefined)
    throw new KuramoriError('NOT_FOUND', 'The person has no second factor for the vault. Set one.');
  await writeTry(tx, personId, { lastStep: factor.lastStep, failures: afterUnlock(factor.failures) });
}
