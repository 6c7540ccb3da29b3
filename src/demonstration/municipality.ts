import type { Years } from './assessments.js';
import { addAssociation, addCompany, addPublicBodies } from './bodies.js';
import type { Book } from './book.js';
import { addCast, CAST_SIZE } from './cast.js';
import { dayIn } from './days.js';
import { fiscalYear } from './levies.js';
import { somePayer } from './payer.js';
import { Random } from './random.js';
import { addRefundCast } from './refundCast.js';
import { addReceipt, receiptChange, type Slip } from './receipts.js';
import { addHousehold } from './residents.js';

/** Fiscal years back from today's that are shown, today's included. */
const YEARS_SHOWN = 4;
const COMPANIES_PER_THOUSAND = 35;
const ASSOCIATIONS_PER_THOUSAND = 2;
const UNEXPLAINED_PER_THOUSAND = 4;
export const PEOPLE_MIN = 50;

/** The fiscal years that a demonstration of this day shows. */
export function yearsShown(book: Book): Years {
  const last = fiscalYear(book.today);
  return { first: last - YEARS_SHOWN + 1, last };
}

/**
 * Makes the municipality piece by piece, so that no more than a piece is held at a time: after each step the book holds
 * whole ledgers only. Every piece depends on seed and place alone.
 * @param people residents, at least `PEOPLE_MIN`
 * @returns after each step, how many residents there are
 */
export function* municipality(book: Book, people: number): Generator<number> {
  const shown = yearsShown(book);
  const from = dayIn(shown.first, 4, 1);
  addCast(book, new Random(book.seed, 'cast'), shown, from);
  addPublicBodies(book, new Random(book.seed, 'publicBodies'), from);
  yield CAST_SIZE;
  for (let at = 0; at < perThousand(people, COMPANIES_PER_THOUSAND); at += 1) {
    addCompany(book, new Random(book.seed, 'company', at), shown, from);
    yield CAST_SIZE;
  }
  for (let at = 0; at < perThousand(people, ASSOCIATIONS_PER_THOUSAND); at += 1) {
    addAssociation(book, new Random(book.seed, 'association', at), shown, from);
  }
  for (let at = 0; at < perThousand(people, UNEXPLAINED_PER_THOUSAND); at += 1)
    addUnexplained(book, new Random(book.seed, 'unknown', at));
  yield CAST_SIZE;
  for (let at = 0, residents = CAST_SIZE; residents < people; at += 1) {
    residents += addHousehold(book, new Random(book.seed, 'household', at), people - residents, shown, from);
    yield residents;
  }
  // Last, so that nobody else's numbers depend on them.
  addRefundCast(book, new Random(book.seed, 'refundCast'), shown, from);
  yield people;
}

function perThousand(people: number, share: number): number {
  return Math.ceil((people * share) / 1_000);
}

/** 不明金 that nobody has explained yet. */
function addUnexplained(book: Book, random: Random): void {
  const receivedOn = book.reference.calendar.openDay(book.today - random.between(2, 300));
  if (receivedOn > book.today) return;
  const slip: Slip = {
    taxAmount: random.yen(1_000, 90_000, 100),
    lateCharge: 0n,
    paidOn: receivedOn - random.between(4, 9),
    receivedOn,
    by: { source: 'receiptPlain', channel: 'keyed', matchRule: 'none' },
    bankCode: somePayer(random).bankCode,
  };
  const changeId = receiptChange(book, receivedOn);
  const receiptId = addReceipt(book, undefined, slip, changeId);
  const reason = random.pick(['noMatch', 'ambiguous', 'keyMismatch']);
  book.add('unidentified_entry', {
    id: book.next('unidentified_entry'),
    receipt_id: receiptId,
    amount: slip.taxAmount,
    reason,
    change_id: changeId,
  });
}
