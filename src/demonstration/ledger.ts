import type { Book } from './book.js';
import { correctAfterPayment, correctBeforePayment } from './corrections.js';
import { pursue, type Debtor } from './delinquency.js';
import { levy, levyReturn, type Assessment, type CorporateReturn, type Line } from './levies.js';
import type { Payer } from './payer.js';
import { payNotice } from './payments.js';
import type { Random } from './random.js';
import type { Overpaid } from './receipts.js';
import { giveBack } from './refunds.js';
import { remind } from './reminders.js';
import { writeOffLimited } from './stays.js';

/** What is levied on one debtor over the years. */
export interface Liability {
  readonly addresseeNo: string;
  readonly district: string;
  readonly payer: Payer;
  readonly assessments: readonly Assessment[];
  readonly returns?: readonly CorporateReturn[];
}

/**
 * The whole ledger of one debtor up to today: levies, corrections, payments, overpayments given back, reminders and, if
 * it comes to that, collection by force.
 */
export function keepLedger(book: Book, random: Random, liability: Liability): readonly Line[] {
  const notices: (readonly Line[])[] = liability.assessments.map((assessment) =>
    levy(book, random, assessment),
  );
  for (const filed of liability.returns ?? []) notices.push([levyReturn(book, random, filed)]);
  const overpaid: Overpaid[] = [];
  for (const lines of notices) {
    correctBeforePayment(book, random, lines);
    overpaid.push(...payNotice(book, random, liability.payer, lines));
    overpaid.push(...correctAfterPayment(book, random, lines));
  }
  const lines = notices.flat().toSorted((a, b) => a.dueOn - b.dueOn || a.id - b.id);
  for (const amount of overpaid) giveBack(book, random, lines, amount);
  for (const line of lines) remind(book, random, line);
  const debtor: Debtor = {
    addresseeNo: liability.addresseeNo,
    district: liability.district,
    habit: liability.payer.habit,
  };
  pursue(book, random, debtor, lines);
  writeOffLimited(book, lines);
  return lines;
}
