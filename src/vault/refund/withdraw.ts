import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { REASON_CHARS_MAX } from '../../kernel/limits.js';
import { enteredWords } from '../entered.js';
import { withdrawConsentBodyForm, type WithdrawConsentAnswer } from '../../protocol/refundAccount.js';
import { actingIn } from '../approval/approved.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { subjectRef } from '../operation/subjects.js';
import { spoolEnd } from '../push/request.js';
import { changeEnd } from '../spool/spool.store.js';
import { markWithdrawn, type AccountRow } from './account.store.js';
import { insertWithdrawal, lockConsent, readConsent } from './consent.store.js';
import { placeOf } from './paymentFile/paymentFile.store.js';

/**
 * 同意の撤回: final. A payment that was taken and stands in no payment file yet is stopped by it; of one that does, the
 * clerk is told the file, for only the bank can still stop that. Answers {@link WithdrawConsentAnswer}; said again, it
 * is the first withdrawal, with what is true of the payment now.
 * @throws KuramoriError NOT_FOUND, BAD_INPUT
 */
export function withdrawConsent(call: EffectCall): Promise<Effect> {
  const { context, trail } = call;
  const ref = subjectRef(call.assertion);
  const { consentId, reason: said } = readBody(withdrawConsentBodyForm, call.body);
  return context.database.transaction('vault.consent.withdraw', async (tx) => {
    const consent = await readConsent(tx, consentId);
    if (consent?.ref !== ref)
      throw new KuramoriError('NOT_FOUND', 'The person has given no such consent. Check its number.');
    const words = enteredWords(said, 'reason', REASON_CHARS_MAX);
    await lockConsent(tx, consentId);
    const isNew = await insertWithdrawal(tx, consentId, words, actingIn(call));
    const stopped = await stopPayment(call, tx, { consentId, refundId: consent.refundId, isNew });
    const result: WithdrawConsentAnswer = { consentId, ...stopped };
    const reason = `${isNew ? 'done' : 'known'}:${consentId} ${describe(stopped)}`;
    const completed = { rows: isNew ? 1 : 0, subjects: [ref], reason };
    return { ...completed, result, entry: await trail.completesIn(tx, completed) };
  });
}

type Stopped = Omit<WithdrawConsentAnswer, 'consentId'>;

async function stopPayment(
  { context }: EffectCall,
  tx: Session,
  {
    consentId,
    refundId,
    isNew,
  }: { readonly consentId: string; readonly refundId: string; readonly isNew: boolean },
): Promise<Stopped> {
  const now = context.clock.now();
  const account = await markWithdrawn(tx, consentId, now);
  if (account?.isConfirmed) return { payment: 'paid' };
  // Read once the account is held: whoever was making a file meanwhile has made it, or leaves this payment out. A
  // restore may have lost the account, or that it was taken, together with the file that the bank has.
  const place = await placeOf(tx, refundId);
  if (place !== undefined) return { payment: 'inFile', ...place };
  if (account === undefined || account.paymentId === null) return { payment: 'none' };
  // Nothing is paid from it any more, so that it lives no longer than an account that nobody took.
  if (isNew) await changeEnd(tx, itemsOf(account), spoolEnd(now));
  return { payment: 'stopped' };
}

function itemsOf({ accountRef, paymentRef }: AccountRow) {
  return [accountRef, paymentRef].filter((item) => item !== null);
}

function describe({ payment, fileNo, recordNo }: Stopped): string {
  return payment === 'inFile' ? `payment:inFile:${fileNo}/${recordNo}` : `payment:${payment}`;
}
