import { minYen, type Yen } from '../kernel/yen.js';
import type { Book } from './book.js';
import type { DayNo } from './days.js';
import type { Case } from './delinquency.js';
import type { Line } from './levies.js';
import type { Random } from './random.js';
import { receive, settled, type Channel } from './receipts.js';
import { SEIZED_OBJECTS } from './words/delinquency.js';

type AssetClass = keyof typeof SEIZED_OBJECTS;

const CLASSES: readonly (readonly [AssetClass, number])[] = [
  ['deposit', 46],
  ['salary', 18],
  ['lifeInsurance', 12],
  ['claim', 10],
  ['realEstate', 8],
  ['vehicle', 4],
  ['movable', 2],
];
const KINDS: readonly (readonly ['seizure' | 'participatingSeizure' | 'claimForDistribution', number])[] = [
  ['seizure', 90],
  ['participatingSeizure', 4],
  ['claimForDistribution', 6],
];
/** A reminder is sent by the 20th day and ten days must have passed since (handbook 03 §2). */
const SEIZABLE_DAYS = 45;
const COLLECTED: Channel = { source: 'disposition', channel: 'disposition', matchRule: 'person' };

/** 財産調査 and 差押: one object, all claims that may be seized for by then; sometimes money comes of it. */
export function seize(book: Book, random: Random, opened: Case, overdue: readonly Line[]): void {
  const executedOn = book.reference.calendar.openDay(opened.openedOn + random.between(40, 240));
  const claims = overdue.filter((line) => line.dueOn + SEIZABLE_DAYS < executedOn && !settled(line));
  if (executedOn > book.today || claims.length === 0) return;
  const changeId = book.change('disposition.execute', executedOn, opened.officerId, 'DELINQUENCY');
  const assetClass = random.weighted(CLASSES);
  const [pattern, thirdParty] = random.pick<readonly [string, string | null]>(SEIZED_OBJECTS[assetClass]);
  const object = pattern.replace('{}', random.digits(7));
  const { addresseeNo } = opened.debtor;
  book.add('asset', {
    id: book.next('asset'),
    addressee_no: addresseeNo,
    asset_class: assetClass,
    description: object,
    institution: thirdParty,
    estimated_value: random.yen(3_000, 900_000, 1_000),
    found_on: executedOn - random.between(3, 20),
    change_id: changeId,
  });
  const id = book.next('disposition');
  book.add('disposition', {
    id,
    case_id: opened.id,
    addressee_no: addresseeNo,
    kind: random.weighted(KINDS),
    asset_class: assetClass,
    object,
    third_party: thirdParty,
    executed_on: executedOn,
    served_on_third_party: thirdParty === null ? null : executedOn + 1,
    served_on_debtor: executedOn + random.between(2, 4),
    change_id: changeId,
  });
  for (const line of claims) {
    line.seized = true;
    book.add('disposition_claim', {
      disposition_id: id,
      levy_id: line.id,
      amount: line.ledger.outstanding.tax,
    });
  }
  end(book, random, opened, { id, executedOn, claims, assetClass });
}

interface Executed {
  readonly id: number;
  readonly executedOn: DayNo;
  readonly claims: readonly Line[];
  readonly assetClass: AssetClass;
}

function end(book: Book, random: Random, opened: Case, executed: Executed): void {
  const money =
    executed.assetClass === 'deposit' ||
    executed.assetClass === 'claim' ||
    executed.assetClass === 'lifeInsurance';
  const kind = random.weighted([
    ['live', 50],
    [money ? 'completed' : 'live', 32],
    ['released', 15],
    ['cancelled', 3],
  ] as const);
  const endedOn = book.reference.calendar.openDay(executed.executedOn + random.between(10, 60));
  if (kind === 'live' || endedOn > book.today) return;
  if (kind === 'completed') collect(book, random, executed, endedOn);
  const changeId = book.change('disposition.end', endedOn, opened.officerId, 'DELINQUENCY');
  book.add('disposition_end', { disposition_id: executed.id, kind, ended_on: endedOn, change_id: changeId });
}

/** 取立: what was collected goes to the oldest claims first; the debtor is relieved on the day of collection. */
function collect(book: Book, random: Random, executed: Executed, collectedOn: DayNo): void {
  let left: Yen = random.yen(20_000, 400_000, 1);
  for (const line of executed.claims.toSorted((a, b) => a.dueOn - b.dueOn)) {
    const taxAmount = minYen(left, line.ledger.outstanding.tax + line.ledger.outstanding.reminderFee);
    if (taxAmount <= 0n) break;
    receive(book, line, {
      taxAmount,
      lateCharge: 0n,
      paidOn: collectedOn,
      receivedOn: collectedOn,
      by: COLLECTED,
      bankCode: null,
    });
    left -= taxAmount;
  }
}
