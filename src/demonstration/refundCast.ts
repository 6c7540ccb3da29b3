import { addAddressee, nextAddresseeNo, placeElsewhere } from './addressee.js';
import type { Years } from './assessments.js';
import type { Book } from './book.js';
import { dayIn, type DayNo } from './days.js';
import { levy } from './levies.js';
import type { Random } from './random.js';
import { receive, type Slip } from './receipts.js';
import { decideRefund, proposeRefund } from './refunds.js';
import { ACTORS } from './staffList.js';
import { REFUND_CAST } from './words/refundCast.js';

const VEHICLE_TAX = 10_800n;
/** From the due date: paid a second time, heard of, proposed, decided. */
const DAYS = { paidAgain: 4, received: 7, proposed: 30, decided: 36 } as const;
/** From this day on (month, day) the year's vehicle tax has been paid twice and its refund decided. */
const ALL_DONE = [9, 1] as const;

/** 二重納付: each paid this year's vehicle tax twice and moved away; the refund is approved and not paid yet. */
export function addRefundCast(book: Book, random: Random, shown: Years, from: DayNo): void {
  const year = book.today >= dayIn(shown.last, ...ALL_DONE) ? shown.last : shown.last - 1;
  for (const refundee of Object.values(REFUND_CAST)) {
    const addresseeNo = nextAddresseeNo(book);
    const { name, kana, sex, birthYear, unifiedAddresseeNo } = refundee;
    const birthOn = dayIn(birthYear, random.between(1, 12), random.between(1, 28));
    const place = placeElsewhere(random);
    const movedOutOn = dayIn(year, 5, 20);
    const person = { addresseeNo, unifiedAddresseeNo, kind: 'person', name, kana, sex, birthOn } as const;
    addAddressee(book, { ...person, resident: false, movedOutOn, place }, from);
    payTwice(book, random, addresseeNo, year);
  }
}

function payTwice(book: Book, random: Random, addresseeNo: string, year: number): void {
  const [line] = levy(book, random, { item: 'lightVehicleTax', year, addresseeNo, total: VEHICLE_TAX });
  if (line === undefined) return;
  const { calendar } = book.reference;
  receive(book, line, slip(line.dueOn, calendar.openDay(line.dueOn + DAYS.received)));
  const again = line.dueOn + DAYS.paidAgain;
  const { overpaid } = receive(book, line, slip(again, calendar.openDay(again + DAYS.received)));
  if (overpaid === undefined) return;
  const { amount } = overpaid;
  const proposed = {
    amount,
    proposedBy: ACTORS.refunds[0],
    proposedOn: calendar.openDay(line.dueOn + DAYS.proposed),
  };
  const id = proposeRefund(book, overpaid, proposed);
  const decidedOn = calendar.openDay(line.dueOn + DAYS.decided);
  decideRefund(book, id, { outcome: 'approved', decidedBy: ACTORS.deciders[0], decidedOn });
}

function slip(paidOn: DayNo, receivedOn: DayNo): Slip {
  const by = { source: 'convenience', channel: 'convenience', matchRule: 'levyKey' } as const;
  return { taxAmount: VEHICLE_TAX, lateCharge: 0n, paidOn, receivedOn, by, bankCode: null };
}
