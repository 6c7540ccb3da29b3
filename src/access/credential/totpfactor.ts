import type { Session } from '../../kernel/database/database.js';
import type { KeyRing } from '../identity.types.js';
import type { RefusalRule } from '../../kernel/token/refusal.js';
import { consumeStep, findCredential } from './credential.store.js';
import type { SecondFactor } from './factor.js';
import { unseal } from './sealing.js';
import { matchingStep } from '../../kernel/token/totp.js';

/** The one-time code of an authenticator (RFC 6238) as second factor. */
export class TotpFactor implements SecondFactor {
  readonly kind = 'totp';
  readonly #keys: KeyRing;

  constructor(keys: KeyRing) {
    this.#keys = keys;
  }

  async verify(
    session: Session,
    staffId: string,
    response: string,
    epochMs: number,
  ): Promise<RefusalRule | undefined> {
    return this.#verifyIn('active', session, staffId, response, epochMs);
  }

  /** The first code of an authenticator that is being set up. */
  async verifyEnrolling(
    session: Session,
    staffId: string,
    response: string,
    epochMs: number,
  ): Promise<RefusalRule | undefined> {
    return this.#verifyIn('enrolling', session, staffId, response, epochMs);
  }

  async #verifyIn(
    state: 'active' | 'enrolling',
    session: Session,
    staffId: string,
    response: string,
    epochMs: number,
  ): Promise<RefusalRule | undefined> {
    const stored = await findCredential(session, staffId, 'totp', state);
    if (stored === undefined) return 'noCredential';
    const step = matchingStep(unseal(stored, staffId, this.#keys), response, epochMs);
    if (step === undefined) return 'badSecondFactor';
    return (await consumeStep(session, stored.id, step)) ? undefined : 'replayedSecondFactor';
  }
}
