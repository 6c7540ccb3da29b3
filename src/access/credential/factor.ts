import type { Session } from '../../kernel/database/database.js';
import type { RefusalRule } from '../../kernel/token/refusal.js';

/** Kinds of credential (handbook 15 §2). */
export type CredentialKind = 'password' | 'totp' | 'webauthn' | 'icCard';

/**
 * A second factor: possession or inherence beside the password's knowledge. TOTP is the one built in; WebAuthn and the
 * staff IC card take this same place.
 */
export interface SecondFactor {
  readonly kind: Exclude<CredentialKind, 'password'>;
  /**
   * Verifies a response and consumes it, so that the same response is never accepted twice.
   * @param epochMs milliseconds since the epoch
   * @returns the rule that refused it, or nothing
   */
  verify(
    session: Session,
    staffId: string,
    response: string,
    epochMs: number,
  ): Promise<RefusalRule | undefined>;
}
