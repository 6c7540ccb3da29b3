import { receipts, unidentifiedEntries } from '../../../schema/records/receipt.js';
import type { Session } from '../../kernel/database/database.js';
import { plainDate, type IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { RECEIPT_DAY_MIN, RECEIPT_YEN_MAX } from '../../kernel/limits.js';
import { minYen, type Yen } from '../../kernel/yen.js';
import type { RateTable } from '../charge/rates.js';
import { readRates } from '../charge/rates.store.js';
import { readLedgerLines } from './line.store.js';
import { conflict, lockLevies, lockReceipt, missing } from './lock.store.js';
import { postingRules, postSlip, type LedgerLine, type Posting, type ResultClass } from './posting.js';
import { writePosting } from './posting.store.js';

export { reverseReceipt } from './reversal.store.js';

/** 収納入力: a receipt that a person enters. */
export interface ManualReceiptInput {
  readonly source: 'counter' | 'manual';
  /** The line it was paid for; null when that is not known (不明金). */
  readonly levyId: bigint | null;
  /** What the slip says of its claim, kept for a receipt without a line. */
  readonly taxItem: string | null;
  readonly taxAmount: Yen;
  readonly lateChargeAmount: Yen;
  /** 領収日, 到着日, 収入日. */
  readonly paidOn: IsoDate;
  readonly receivedOn: IsoDate;
  readonly bookedOn: IsoDate;
  readonly collectingBank: string | null;
}

/** What became of a receipt. Applied, overpaid and unidentified together are the amount received. */
export interface EnteredReceipt {
  readonly receiptId: bigint;
  readonly resultClass: ResultClass;
  readonly applied: Posting['applied'];
  readonly lateChargeFixed: Yen;
  readonly overpaid: Yen;
  readonly unidentified: Yen;
}

/**
 * Enters one receipt and applies it (handbook 01 §4, §5).
 * @param tx a transaction; the levy line is locked in it, so that two receipts for one line follow each other
 * @param today in Japan; nothing was paid or booked after it
 * @throws KuramoriError BAD_INPUT for amounts or dates, with the field; NOT_FOUND for the levy line, RATE_MISSING
 */
export async function enterManualReceipt(
  tx: Session,
  input: ManualReceiptInput,
  changeId: bigint,
  today: IsoDate,
): Promise<EnteredReceipt> {
  assertEnterable(input, today);
  const found = input.levyId === null ? undefined : await lockLine(tx, input.levyId);
  const line = found?.line;
  const receiptId = await insertReceipt(tx, input, line, changeId);
  if (found === undefined) {
    const amount = input.taxAmount + input.lateChargeAmount;
    await tx.run('receipt.unidentify', ({ orm }) =>
      orm.insert(unidentifiedEntries).values({ receiptId, amount, reason: 'noMatch', changeId }),
    );
    return {
      receiptId,
      resultClass: 'unidentified',
      applied: [],
      lateChargeFixed: 0n,
      overpaid: 0n,
      unidentified: amount,
    };
  }
  const slip = {
    taxAmount: input.taxAmount,
    lateCharge: input.lateChargeAmount,
    paidOn: input.paidOn,
    wrongInstalment: false,
  };
  const { posting } = postSlip(found.line, slip, postingRules(found.rates));
  await writePosting(tx, found.line, posting, { receiptId, paidOn: input.paidOn, changeId });
  return entered(receiptId, posting);
}

/**
 * 不明金消込: applies an unidentified receipt to the line that a person named, as of its own 領収日.
 * @throws KuramoriError NOT_FOUND for receipt or line; CONFLICT when nothing of it is unidentified (any more), or
 *   the line is of another legal family than the slip (a premium never pays a tax, handbook 01 §5 rule 5)
 */
export async function assignUnidentified(
  tx: Session,
  receiptId: bigint,
  levyId: bigint,
  changeId: bigint,
): Promise<EnteredReceipt> {
  const receipt = await lockReceipt(tx, receiptId);
  const money = receipt.unidentified;
  if (money <= 0n) throw conflict('Nothing of the receipt is unidentified. Look again at what became of it.');
  const { line, rates } = await lockLine(tx, levyId);
  await assertSameFamily(tx, receiptId, levyId);
  const taxAmount = minYen(money, receipt.tax_amount);
  const slip = { taxAmount, lateCharge: money - taxAmount, paidOn: receipt.paid_on, wrongInstalment: false };
  const { posting } = postSlip(line, slip, postingRules(rates));
  await tx.run('receipt.assign', ({ orm }) =>
    orm.insert(unidentifiedEntries).values({ receiptId, amount: -money, reason: 'assigned', changeId }),
  );
  await writePosting(tx, line, posting, { receiptId, paidOn: receipt.paid_on, changeId });
  return entered(receiptId, posting);
}

function assertEnterable(input: ManualReceiptInput, today: IsoDate): void {
  const { taxAmount, lateChargeAmount } = input;
  if (lateChargeAmount < 0n) throw badInput('lateChargeAmount', 'A late charge must be 0 or more.');
  if (taxAmount < 0n || taxAmount + lateChargeAmount === 0n) {
    throw badInput('taxAmount', 'A receipt must have amounts of 0 or more that are not both 0.');
  }
  if (taxAmount + lateChargeAmount > RECEIPT_YEN_MAX) {
    const field = lateChargeAmount > taxAmount ? 'lateChargeAmount' : 'taxAmount';
    throw badInput(field, `A receipt is at most ${RECEIPT_YEN_MAX} yen. Correct the amount.`);
  }
  assertDays(input, today);
}

/** Days in ISO form compare as text. */
function assertDays({ paidOn, receivedOn, bookedOn }: ManualReceiptInput, today: IsoDate): void {
  for (const day of [paidOn, receivedOn, bookedOn]) plainDate(day);
  if (paidOn < RECEIPT_DAY_MIN || paidOn > today) {
    throw badInput('paidOn', `A receipt is paid between ${RECEIPT_DAY_MIN} and today. Correct the day.`);
  }
  if (paidOn > receivedOn)
    throw badInput('paidOn', 'A receipt cannot have been received before it was paid.');
  if (bookedOn < paidOn || bookedOn > today) {
    throw badInput('bookedOn', 'A receipt is booked between its payment and today. Correct the day.');
  }
}

function badInput(field: string, sentence: string): KuramoriError {
  return new KuramoriError('BAD_INPUT', sentence, { field });
}

/** A line that nobody else pays until the transaction ends, and the rates it is posted with. */
async function lockLine(tx: Session, levyId: bigint): Promise<{ line: LedgerLine; rates: RateTable }> {
  // Sent one behind the other: each statement sees what was committed before it began, so the line as it was locked.
  const [, lines, rates] = await Promise.all([
    lockLevies(tx, [levyId]),
    readLedgerLines(tx, [levyId]),
    readRates(tx),
  ]);
  const line = lines.get(levyId);
  if (line === undefined)
    throw new KuramoriError('NOT_FOUND', 'There is no such levy line.', { field: 'levyId' });
  return { line, rates };
}

async function insertReceipt(
  tx: Session,
  input: ManualReceiptInput,
  line: LedgerLine | undefined,
  changeId: bigint,
): Promise<bigint> {
  const rows = await tx.run('receipt.enter', ({ orm }) =>
    orm
      .insert(receipts)
      .values({
        source: input.source,
        taxItem: input.taxItem,
        taxAmount: input.taxAmount,
        lateChargeAmount: input.lateChargeAmount,
        collectingBank: input.collectingBank,
        channel: input.source,
        paidOn: input.paidOn,
        receivedOn: input.receivedOn,
        bookedOn: input.bookedOn,
        addresseeNo: line?.addresseeNo ?? null,
        levyId: line?.levyId ?? null,
        matchRule: line === undefined ? 'none' : 'person',
        changeId,
      })
      .returning({ id: receipts.id }),
  );
  return rows[0]?.id ?? missing('receipt.enter');
}

async function assertSameFamily(tx: Session, receiptId: bigint, levyId: bigint): Promise<void> {
  const rows = await tx.run(
    'receipt.family',
    ({ raw }) => raw<{ same: boolean }[]>`
    select slip.legal_family = claim.legal_family as same
    from records.receipt r join records.tax_item slip on slip.code = r.tax_item,
      records.levy_line l join records.tax_item claim on claim.code = l.tax_item
    where r.id = ${String(receiptId)}::bigint and l.id = ${String(levyId)}::bigint`,
  );
  if (rows[0]?.same === false) {
    throw conflict('The receipt is for another kind of claim: taxes and premiums never pay each other.');
  }
}

function entered(receiptId: bigint, posting: Posting): EnteredReceipt {
  const { resultClass, applied, lateChargeFixed } = posting;
  return {
    receiptId,
    resultClass,
    applied,
    lateChargeFixed,
    overpaid: posting.overpayment?.amount ?? 0n,
    unidentified: 0n,
  };
}
