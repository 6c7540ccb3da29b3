import type { Session } from '../../../kernel/database/database.js';
import { today } from '../../../kernel/clock.js';
import type { IsoDate, PlainDate, Temporal } from '../../../kernel/dates.js';
import { contentDigest } from '../../../kernel/dualControl.js';
import { KuramoriError } from '../../../kernel/errors.js';
import type { PaymentFileContent } from '../../approval/content.js';
import { wipe } from '../../cipher/wipe.js';
import { openItems, type SpoolContext } from '../../spool/spool.js';
import { fittingRecords, totalOf } from './compose.js';
import { consignorOn } from './consignor.js';
import { assertJournalCompared } from './rebuilt.js';
import { assertNoneLost } from './replay.js';
import { assertPayDay } from './payDay.js';
import { lockPending, type PendingPayment, type StoredConsignor } from './paymentFile.store.js';

/** What a file would be made of. */
export interface Selection {
  readonly consignor: StoredConsignor;
  readonly payOn: PlainDate;
  readonly payments: readonly PendingPayment[];
  /** Of each payment, in their order; whoever has them wipes them. */
  readonly records: readonly Uint8Array[];
  /** What two people decide of it. */
  readonly content: PaymentFileContent;
}

/**
 * The payments that one file carries on a day: those taken until an instant that are in none, as many as fit. The
 * instant is that of the request for approval, so that what is taken later changes nothing of what was approved.
 * @throws KuramoriError BAD_INPUT, CONFLICT for the day, without a consignor, when there is nothing to pay, and while a
 *   file that a restore has lost, or a journal that was made anew, was not compared with the bank; VAULT_SEALED,
 *   INTEGRITY_FAILURE
 */
export async function selectPayments(
  context: SpoolContext,
  tx: Session,
  { payOn: day, takenUntil }: { readonly payOn: IsoDate; readonly takenUntil: Temporal.Instant },
): Promise<Selection> {
  const { clock } = context;
  await assertJournalCompared(tx);
  await assertNoneLost(tx);
  const payOn = await assertPayDay(tx, day, today(clock));
  const consignor = await consignorOn(tx, day);
  const pending = await lockPending(tx, takenUntil, clock.now());
  if (pending.length === 0) throw nothingToPay();
  const paymentRefs = pending.map(({ paymentRef }) => paymentRef);
  const opened = await openItems(context, tx, paymentRefs, 'payment');
  const fitting = fittingRecords(opened);
  wipe(...opened.slice(fitting));
  const [payments, records] = [pending.slice(0, fitting), opened.slice(0, fitting)];
  const content = {
    payOn: payOn.toString(),
    consignor: String(consignor.id),
    refundsDigest: contentDigest(payments.map(({ refundId }) => refundId)),
    count: payments.length,
    totalYen: String(totalOf(records)),
  };
  return { consignor, payOn, payments, records, content };
}

function nothingToPay(): KuramoriError {
  return new KuramoriError(
    'CONFLICT',
    'No payment waits for a file. Take the accounts of refunds first; see kuramori vault payment-files.',
    { rule: 'nothingToPay' },
  );
}
