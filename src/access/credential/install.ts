import type { Session } from '../../kernel/database/database.js';
import type { Temporal } from '../../kernel/dates.js';
import type { IdentitySettings } from '../identity.types.js';
import { setState } from '../register/staff.store.js';
import { replaceCredential } from './credential.store.js';
import { passwordVerifier } from './password.js';
import { seal } from './sealing.js';

/**
 * Gives an account password and authenticator without enrolment and makes it active: for a demonstration or a test
 * municipality, never for a person.
 */
export async function installCredentials(
  tx: Session,
  settings: Pick<IdentitySettings, 'pepper' | 'credentialKey' | 'argon2'>,
  staffId: string,
  given: { readonly password: string; readonly totpSecret: Uint8Array },
  at: Temporal.Instant,
): Promise<void> {
  const verifier = await passwordVerifier(given.password, settings.pepper, settings.argon2);
  const sealed = seal(given.totpSecret, staffId, settings.credentialKey);
  await replaceCredential(tx, staffId, 'password', 'active', verifier, at.toString());
  await replaceCredential(tx, staffId, 'totp', 'active', { ...sealed, parameters: 'rfc6238' }, at.toString());
  await setState(tx, staffId, 'active');
}
