import { today } from '../../kernel/clock.js';
import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { CLOCK_DIFFERENCE_SECONDS_MAX, REASON_CHARS_MAX } from '../../kernel/limits.js';
import { enteredText } from '../../kernel/text.js';
import { recordConsentBodyForm, withdrawConsentBodyForm } from '../../protocol/refundAccount.js';
import { actingIn } from '../approval/approved.js';
import type { Assertion } from '../assertion/assertion.js';
import { assertNotErased, lockNumbers } from '../erasure/erased.js';
import type { VaultRef } from '../number/vaultRef.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { subjectRef } from '../operation/subjects.js';
import { insertConsent, insertWithdrawal, readConsent, type Consent } from './consent.store.js';

/**
 * 同意の記録: the person agrees that this refund is paid to the registered account (handbook 12 §7). Recorded a second
 * time under its name it is the same consent. Answers `{consentId}`.
 * @throws KuramoriError BAD_INPUT for a day that has not come; CONFLICT when the name is another consent's; NOT_FOUND,
 *   ERASED
 */
export function recordConsent(call: EffectCall): Promise<Effect> {
  const { context, assertion } = call;
  const ref = subjectRef(assertion);
  const said = readBody(recordConsentBodyForm, call.body);
  if (said.consentedOn > today(context.clock)) {
    throw new KuramoriError('BAD_INPUT', 'The day of the consent has not come yet. Correct it.', {
      field: 'consentedOn',
    });
  }
  return writing(call, 'vault.consent.record', ref, said.consentId, async (tx) => {
    await lockNumbers(tx, [ref]);
    await assertNotErased(tx, [ref]);
    if (await insertConsent(tx, { ...said, ref }, actingIn(call))) return 'done';
    const { refundId, ref: of, withdrawn } = (await readConsent(tx, said.consentId)) as Consent;
    if (of !== ref || refundId !== said.refundId || withdrawn) {
      throw new KuramoriError(
        'CONFLICT',
        'The name belongs to another consent, or to one that was withdrawn. Record it under a name of its own.',
      );
    }
    return 'known';
  });
}

/** 同意の撤回: final. Answers `{consentId}`. @throws KuramoriError NOT_FOUND */
export function withdrawConsent(call: EffectCall): Promise<Effect> {
  const ref = subjectRef(call.assertion);
  const { consentId, reason } = readBody(withdrawConsentBodyForm, call.body);
  return writing(call, 'vault.consent.withdraw', ref, consentId, async (tx) => {
    const consent = await readConsent(tx, consentId);
    if (consent?.ref !== ref)
      throw new KuramoriError('NOT_FOUND', 'The person has given no such consent. Check its number.');
    const words = enteredText(reason, 'reason', REASON_CHARS_MAX);
    return (await insertWithdrawal(tx, consentId, words, actingIn(call))) ? 'done' : 'known';
  });
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

async function writing(
  { context, trail }: EffectCall,
  name: string,
  ref: VaultRef,
  consentId: string,
  write: (tx: Session) => Promise<'done' | 'known'>,
): Promise<Effect> {
  return context.database.transaction(name, async (tx) => {
    const reason = await write(tx);
    const completed = { rows: reason === 'done' ? 1 : 0, subjects: [ref], reason: `${reason}:${consentId}` };
    return { ...completed, result: { consentId }, entry: await trail.completesIn(tx, completed) };
  });
}
