import { COMPONENTS } from '../../schema/records/levy.js';
import { NOTHING } from '../collection/receipt/allocation.js';
import { sumYen } from '../kernel/yen.js';
import type { Book } from './book.js';
import type { DayNo } from './days.js';
import type { Line } from './levies.js';
import { Random } from './random.js';
import { ACTORS } from './staffList.js';

type Cause = 'limitation' | 'stayThreeYears' | 'immediate';

/** A line that is extinguished, and by which stay. */
export interface Extinguished {
  readonly line: Line;
  readonly stayId: number | null;
  /** Null for 即時消滅, which takes effect with the decision. */
  readonly on: DayNo | null;
}

const REASONS: Readonly<Record<Cause, string>> = {
  limitation: '時効完成のため',
  stayThreeYears: '執行停止後３年を経過したため',
  immediate: '徴収できないことが明らかなため',
};

/**
 * 不納欠損: proposed by an officer, decided by another person some days later, as far as today allows. What is approved is
 * booked by the database. Drawn from a stream of its own, so that nothing else of the municipality depends on it.
 * @param from day from which it may be proposed
 */
export function writeOff(book: Book, cause: Cause, from: DayNo, extinguished: readonly Extinguished[]): void {
  const { calendar } = book.reference;
  const proposedOn = calendar.openDay(from);
  const owing = extinguished.filter(({ line }) => partsOf(line).length > 0);
  const [first] = owing;
  if (first === undefined || proposedOn > book.today) return;
  const id = propose(book, cause, proposedOn, owing);
  const random = new Random(book.seed, 'writeOff', first.line.id);
  const decidedOn = calendar.openDay(proposedOn + random.between(3, 14));
  if (decidedOn > book.today || random.chance(80)) return;
  const isApproved = !random.chance(60);
  book.add('write_off_decision', {
    proposal_id: id,
    outcome: isApproved ? 'approved' : 'rejected',
    decided_by: ACTORS.deciders[1],
    decided_on: decidedOn,
    reason: isApproved ? '起案のとおり決定' : '財産の再調査が必要なため差戻し',
    change_id: book.change('writeOff.decide', decidedOn, ACTORS.deciders[1], 'DELINQUENCY'),
  });
  if (isApproved) for (const { line } of owing) line.ledger = { ...line.ledger, outstanding: NOTHING };
}

function propose(book: Book, cause: Cause, proposedOn: DayNo, owing: readonly Extinguished[]): number {
  const id = book.next('write_off_proposal');
  const proposedBy = ACTORS.officers[id % ACTORS.officers.length] ?? ACTORS.officers[0];
  book.add('write_off_proposal', {
    id,
    addressee_no: owing[0]?.line.addresseeNo ?? '',
    cause,
    amount: sumYen(owing.flatMap(({ line }) => partsOf(line).map(({ amount }) => amount))),
    proposed_by: proposedBy,
    proposed_on: proposedOn,
    reason: REASONS[cause],
    change_id: book.change('writeOff.propose', proposedOn, proposedBy, 'DELINQUENCY'),
  });
  for (const { line, stayId, on } of owing)
    for (const part of partsOf(line)) {
      const extinction = { extinguished_on: on, stay_id: stayId };
      book.add('write_off_claim', { proposal_id: id, levy_id: line.id, ...part, ...extinction });
    }
  return id;
}

function partsOf({ ledger }: Line) {
  return COMPONENTS.map((component) => ({ component, amount: ledger.outstanding[component] })).filter(
    ({ amount }) => amount > 0n,
  );
}
