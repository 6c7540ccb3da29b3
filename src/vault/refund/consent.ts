import { today } from '../../kernel/clock.js';
import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { CLOCK_DIFFERENCE_SECONDS_MAX } from '../../kernel/limits.js';
import { recordConsentBodyForm } from '../../protocol/refundAccount.js';
import { actingIn } from '../approval/approved.js';
import type { Assertion } from '../assertion/assertion.js';
import { assertNotErased, lockNumbers } from '../erasure/erased.js';
import type { VaultRef } from '../number/vaultRef.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { subjectRef } from '../operation/subjects.js';
import { insertConsent, readConsent, type Consent } from './consent.store.js';

/**
 * 同意の記録: the person agrees that this refund is paid to the registered account (handbook 12 §7). Recorded a second
 * time under its name it is the same consent. Answers `{consentId}`.
 * @throws KuramoriError BAD_INPUT for a day that has not come; CONFLICT when the name is another consent's; NOT_FOUND,
 *   ERASED
 */
export function recordConsent(call: EffectCall): Promise<Effect> {
  const { context, assertion, trail } = call;
  const ref = subjectRef(assertion);
  const said = readBody(recordConsentBodyForm, call.body);
  if (said.consentedOn > today(context.clock)) {
    throw new KuramoriError('BAD_INPUT', 'The day of the consent has not come yet. Correct it.', {
      field: 'consentedOn',
    });
  }
  const { consentId } = said;
  return context.database.transaction('vault.consent.record', async (tx) => {
    await lockNumbers(tx, [ref]);
    await assertNotErased(tx, [ref]);
    const isNew = await insertConsent(tx, { ...said, ref }, actingIn(call));
    if (!isNew) assertSame((await readConsent(tx, consentId)) as Consent, ref, said.refundId);
    const reason = `${isNew ? 'done' : 'known'}:${consentId}`;
    const completed = { rows: isNew ? 1 : 0, subjects: [ref], reason };
    return { ...completed, result: { consentId }, entry: await trail.completesIn(tx, completed) };
  });
}

function assertSame(consent: Consent, ref: VaultRef, refundId: string): void {
  if (consent.ref === ref && consent.refundId === refundId && !consent.withdrawn) return;
  throw new KuramoriError(
    'CONFLICT',
    'The name belongs to another consent, or to one that was withdrawn. Record it under a name of its own.',
  );
}

/** Why a consent permits no inquiry. */
export type ConsentFault = 'none' | 'otherSubject' | 'otherRefund' | 'later' | 'withdrawn';

/**
 * Whether a consent permits the inquiry for a refund: the same person, the same refund, not withdrawn.
 * @returns the first rule that it breaks
 */
export async function consentFault(
  session: Session,
  consentId: string,
  inquiry: ConsentedInquiry,
): Promise<ConsentFault | undefined> {
  return faultOf(await readConsent(session, consentId), inquiry, Number.POSITIVE_INFINITY);
}

/**
 * The consent stands, and stood when the terminal signed for the inquiry.
 * @throws KuramoriError CONSENT_REQUIRED, facts `{rule}`
 */
export async function assertConsent(
  tx: Session,
  consentId: string,
  inquiry: ConsentedInquiry,
  { issuedAt }: Pick<Assertion, 'issuedAt'>,
): Promise<void> {
  const fault = faultOf(await readConsent(tx, consentId), inquiry, issuedAt);
  if (fault === undefined) return;
  throw new KuramoriError(
    'CONSENT_REQUIRED',
    'No consent of this person stands for this refund. Have the person agree, and record it first.',
    { rule: fault },
  );
}

interface ConsentedInquiry {
  readonly vaultRef: VaultRef;
  readonly refundId: string | null;
}

function faultOf(
  consent: Consent | undefined,
  { vaultRef, refundId }: ConsentedInquiry,
  signedAtSeconds: number,
): ConsentFault | undefined {
  if (consent === undefined) return 'none';
  if (consent.ref !== vaultRef) return 'otherSubject';
  if (consent.refundId !== refundId) return 'otherRefund';
  if (consent.withdrawn) return 'withdrawn';
  // A terminal's clock may be behind the vault's.
  return consent.recordedAtSeconds > signedAtSeconds + CLOCK_DIFFERENCE_SECONDS_MAX ? 'later' : undefined;
}
