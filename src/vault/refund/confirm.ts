import { today } from '../../kernel/clock.js';
import { KuramoriError } from '../../kernel/errors.js';
import { confirmRefundPaymentBodyForm } from '../../protocol/refundAccount.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { subjectRef } from '../operation/subjects.js';
import { spoolEnd } from '../push/request.js';
import { changeEnd } from '../spool/spool.store.js';
import { lockAccount, markConfirmed } from './account.store.js';

/**
 * 支払の確認: the bank has paid, so the account is erased SPOOL_DAYS later (handbook 12 §7). Confirmed again, its end
 * does not move. Answers `{refundId, paymentId}`.
 * @throws KuramoriError NOT_FOUND when the refund has no such payment; BAD_INPUT for a day that has not come
 */
export function confirmRefundPayment(call: EffectCall): Promise<Effect> {
  const { context, assertion, trail } = call;
  const ref = subjectRef(assertion);
  const { refundId, paymentId, paidOn } = readBody(confirmRefundPaymentBodyForm, call.body);
  if (paidOn > today(context.clock)) {
    throw new KuramoriError('BAD_INPUT', 'The day of the payment has not come yet. Correct it.', {
      field: 'paidOn',
    });
  }
  return context.database.transaction('vault.account.confirm', async (tx) => {
    const row = await lockAccount(tx, refundId);
    if (row?.vaultRef !== ref || row.paymentId !== paymentId)
      throw new KuramoriError('NOT_FOUND', 'The refund has no such payment. Check both numbers.');
    const now = context.clock.now();
    const refs = [row.accountRef, row.paymentRef].filter((item) => item !== null);
    if (!row.isConfirmed) {
      await markConfirmed(tx, refundId, now);
      await changeEnd(tx, refs, spoolEnd(now));
    }
    const reason = `${row.isConfirmed ? 'known:' : ''}refund:${refundId} payment:${paymentId}`;
    const completed = { rows: row.isConfirmed ? 0 : 1, subjects: [ref], reason };
    return {
      ...completed,
      result: { refundId, paymentId },
      entry: await trail.completesIn(tx, completed),
    };
  });
}
