import { today } from '../../kernel/clock.js';
import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { confirmRefundPaymentBodyForm, type FileRecord } from '../../protocol/refundAccount.js';
import { wipe } from '../cipher/wipe.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { subjectRef } from '../operation/subjects.js';
import { spoolEnd } from '../push/request.js';
import { openItem, type SpoolContext } from '../spool/spool.js';
import { changeEnd } from '../spool/spool.store.js';
import { lockAccount, markConfirmed, type AccountRow } from './account.store.js';
import { placeOf } from './paymentFile/paymentFile.store.js';
import { amountOf } from './transferRecord.js';

/**
 * 支払の確認: the bank has paid, so the account is erased SPOOL_DAYS later (handbook 12 §7). What stands in a payment file
 * is confirmed by file, line and amount, as the bank's list has it; what was paid in another way, without. Confirmed
 * again, its end does not move. Answers `{refundId, paymentId}`.
 * @throws KuramoriError NOT_FOUND when the refund has no such payment; BAD_INPUT for a day that has not come, or before
 *   that of the file; CONFLICT, facts `{rule}`, when file, line or amount are not those of the vault; ERASED
 */
export function confirmRefundPayment(call: EffectCall): Promise<Effect> {
  const { context, assertion, trail } = call;
  const ref = subjectRef(assertion);
  const { refundId, paymentId, paidOn, fileRecord } = readBody(confirmRefundPaymentBodyForm, call.body);
  if (paidOn > today(context.clock)) throw notYet('The day of the payment has not come yet. Correct it.');
  return context.database.transaction('vault.account.confirm', async (tx) => {
    const row = await lockAccount(tx, refundId);
    if (row?.vaultRef !== ref || row.paymentId !== paymentId)
      throw new KuramoriError('NOT_FOUND', 'The refund has no such payment. Check both numbers.');
    const now = context.clock.now();
    const refs = [row.accountRef, row.paymentRef].filter((item) => item !== null);
    if (!row.isConfirmed) {
      await assertAsMade(context, tx, row, { paidOn, fileRecord });
      await markConfirmed(tx, refundId, now);
      await changeEnd(tx, refs, spoolEnd(now));
    }
    const reason = [`${row.isConfirmed ? 'known:' : ''}refund:${refundId} payment:${paymentId}`];
    if (fileRecord) reason.push(`file:${fileRecord.fileNo}/${fileRecord.recordNo}`);
    const completed = { rows: row.isConfirmed ? 0 : 1, subjects: [ref], reason: reason.join(' ') };
    return {
      ...completed,
      result: { refundId, paymentId },
      entry: await trail.completesIn(tx, completed),
    };
  });
}

/** What is said to be paid is what the vault has made. */
async function assertAsMade(
  context: SpoolContext,
  tx: Session,
  row: AccountRow,
  { paidOn, fileRecord }: { readonly paidOn: string; readonly fileRecord: FileRecord | undefined },
): Promise<void> {
  const place = await placeOf(tx, row.refundId);
  if (place === undefined && fileRecord === undefined) return;
  if (place === undefined) throw otherPayment('inNoFile');
  if (fileRecord === undefined) throw otherPayment('inFile');
  const { fileNo, recordNo, amount } = fileRecord;
  if (fileNo !== place.fileNo || recordNo !== place.recordNo) throw otherPayment('record');
  if (paidOn < place.payOn)
    throw notYet('The bank pays on the day of the payment file, which is later. Correct the day.');
  if (BigInt(amount) !== (await amountPaid(context, tx, row))) throw otherPayment('amount');
}

async function amountPaid(context: SpoolContext, tx: Session, { paymentRef }: AccountRow): Promise<bigint> {
  if (paymentRef === null)
    throw new KuramoriError(
      'ERASED',
      'The record of the payment has been erased. There is nothing to compare any more.',
    );
  const record = await openItem(context, tx, paymentRef, 'payment');
  try {
    return amountOf(record);
  } finally {
    wipe(record);
  }
}

const SENTENCES = {
  inNoFile: 'The payment stands in no payment file. Confirm it without one, or make the file first.',
  inFile: 'The payment stands in a payment file. Name file, line and amount as the bank’s list has them.',
  record: 'The payment stands in another payment file, or on another line. Compare with the bank’s list.',
  amount:
    'The amount is not the one of the payment file. Compare with the bank’s list, and settle it with the bank.',
} as const;

function otherPayment(rule: keyof typeof SENTENCES): KuramoriError {
  return new KuramoriError('CONFLICT', SENTENCES[rule], { rule });
}

function notYet(sentence: string): KuramoriError {
  return new KuramoriError('BAD_INPUT', sentence, { field: 'paidOn' });
}
