import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { REASON_CHARS_MAX, REFUND_PAYMENT_DAYS_MAX } from '../../kernel/limits.js';
import { enteredWords } from '../entered.js';
import { takeRefundAccountBodyForm } from '../../protocol/refundAccount.js';
import { actingIn } from '../approval/approved.js';
import { wipe } from '../cipher/wipe.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { subjectRef } from '../operation/subjects.js';
import { storeItem } from '../spool/spool.js';
import { changeEnd } from '../spool/spool.store.js';
import { markTaken } from './account.store.js';
import { assertConsented, openAccount, standingAccount, type StandingAccount } from './refundAccount.js';
import { transferRecord } from './transferRecord.js';

/**
 * 公金受取口座の使用: once, for the refund it was obtained for. The transfer record (全銀) is made in here and stays in
 * the spool; the account leaves the vault for no payment file but the bank's. The same payment asked for again is told
 * as it is. Answers `{refundId, paymentId}`.
 * @throws KuramoriError NOT_FOUND; CONSENT_REQUIRED when the consent was withdrawn; CONFLICT when the account was used,
 *   the payment is another refund's, or the holder is somebody else and nobody has said why it is paid all the same
 */
export function takeRefundAccount(call: EffectCall): Promise<Effect> {
  const { context, assertion, trail } = call;
  const ref = subjectRef(assertion);
  const { refundId, paymentId, amount, customerNo, differingHolder } = readBody(
    takeRefundAccountBodyForm,
    call.body,
  );
  return context.database.transaction('vault.account.take', async (tx) => {
    const row = await standingAccount(tx, ref, refundId);
    assertConsented(row);
    const isNew = row.paymentId !== paymentId;
    if (isNew) {
      assertUsable(row, differingHolder);
      await use(call, tx, row, { paymentId, amount: BigInt(amount), customerNo });
    }
    const reason = `${isNew ? '' : 'known:'}refund:${refundId} payment:${paymentId}`;
    const completed = { rows: isNew ? 1 : 0, subjects: [ref], reason };
    return {
      ...completed,
      result: { refundId, paymentId },
      entry: await trail.completesIn(tx, completed),
    };
  });
}

/** Some accounts are registered in somebody else's name (handbook 12 §7): a person looks before anything is paid. */
function assertUsable(
  { paymentId, holderMatches }: StandingAccount,
  differingHolder: string | undefined,
): void {
  if (paymentId !== null) {
    throw new KuramoriError(
      'CONFLICT',
      'The account was used for a payment of this refund already. Ask for it anew with a new refund.',
      { rule: 'taken' },
    );
  }
  if (holderMatches) return;
  if (differingHolder === undefined) {
    throw new KuramoriError(
      'CONFLICT',
      'The account is not in the name of the taxpayer. Look at it with the taxpayer, and say why it is paid.',
      { rule: 'holder' },
    );
  }
  enteredWords(differingHolder, 'differingHolder', REASON_CHARS_MAX);
}

interface Used {
  readonly paymentId: string;
  readonly amount: bigint;
  readonly customerNo: string;
}

async function use(
  call: EffectCall,
  tx: Session,
  row: StandingAccount,
  { paymentId, amount, customerNo }: Used,
): Promise<void> {
  const { context } = call;
  const account = await openAccount(context, tx, row);
  const plaintext = transferRecord({ account, amount, customerNo });
  const eraseAfter = context.clock.now().add({ hours: 24 * REFUND_PAYMENT_DAYS_MAX });
  try {
    const paymentRef = await storeItem(context, tx, { kind: 'payment', plaintext, eraseAfter });
    if (!(await markTaken(tx, row.refundId, { paymentId, paymentRef }, actingIn(call)))) throw otherRefund();
    // What was paid to is kept until the bank has confirmed it, whatever the life of the spool.
    await changeEnd(tx, [row.accountRef], eraseAfter);
  } finally {
    wipe(plaintext);
  }
}

function otherRefund(): KuramoriError {
  return new KuramoriError(
    'CONFLICT',
    'The payment has the number of another refund’s payment. Give each payment a number of its own.',
    { rule: 'payment' },
  );
}
