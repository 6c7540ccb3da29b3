import { createHash } from 'node:crypto';
import type { PaymentDelta } from '../../protocol/transfer/deltas.js';
import type { TransferRow } from '../../protocol/transfer/layout.js';
import type { EndState, ResultRow } from '../../protocol/transfer/result.js';
import { minYen, type Yen } from '../../kernel/yen.js';

/** Collections as a simulation makes them: the same package gives the same rows. Pure. */

type Line = TransferRow['03_ledger.csv'];
export type Collection = ResultRow['22_collections.csv'];
export type State = ResultRow['21_states.csv'];

const key = ({ caseNo, lineNo }: { readonly caseNo: string; readonly lineNo: number }) =>
  `${caseNo}/${lineNo}`;

/** What is still owed of each line's tax: less deltas of the municipality, less what was collected before. */
export class Owed {
  readonly #less = new Map<string, Yen>();
  readonly #collected = new Set<string>();

  constructor(deltas: readonly PaymentDelta[], collections: readonly Collection[]) {
    for (const line of deltas.flatMap(({ lines }) => lines))
      this.#lower(key(line), line.kind === 'REVERSED' ? -line.tax : line.tax);
    for (const row of collections) {
      this.#lower(key(row), row.tax);
      this.#collected.add(key(row));
    }
  }

  /** Tax that is left of a line, never below 0. */
  of(line: Line): Yen {
    const left = line.unpaid - (this.#less.get(key(line)) ?? 0n);
    return left > 0n ? left : 0n;
  }

  /** Whether charges and fees of a line were collected with an earlier payment. */
  hasPaid(line: Line): boolean {
    return this.#collected.has(key(line));
  }

  #lower(line: string, by: Yen): void {
    this.#less.set(line, (this.#less.get(line) ?? 0n) + by);
  }
}

/** Quarters of a line that are collected in a period: 0 to 4, drawn from line and period. */
function quarters(line: Line, until: string): bigint {
  return BigInt(
    createHash('sha256')
      .update(`${key(line)}/${until}`)
      .digest()[0]! % 5,
  );
}

/** What is collected of a line in a period; nothing when nothing comes in. */
export function collectionOf(line: Line, owed: Owed, until: string): Collection | undefined {
  const left = owed.of(line);
  const share = quarters(line, until);
  if (left === 0n || share === 0n) return undefined;
  const tax = share === 4n ? left : minYen(left, (left * share) / 4n);
  const first = !owed.hasPaid(line);
  const lateCharge = first ? line.lateChargeFixed : 0n;
  const fees = first ? line.reminderFee : 0n;
  const dispositionCost = first ? line.dispositionCost : 0n;
  const amount = tax + lateCharge + fees + dispositionCost;
  if (amount === 0n) return undefined;
  const { caseNo, lineNo } = line;
  return { caseNo, lineNo, collectedOn: until, amount, tax, lateCharge, fees, dispositionCost };
}

const FINAL_STATES = ['RETURNED', 'SUSPENSION_FIT', 'WRITE_OFF_FIT'] as const satisfies readonly EndState[];

/** How a case stands at the end of a period. @param left tax of all its lines that is still owed */
export function stateOf(caseNo: string, left: Yen, until: string, final: boolean): State {
  if (left === 0n) return { caseNo, state: 'PAID_IN_FULL', on: until, judgement: null };
  if (!final) return { caseNo, state: 'CONTINUED', on: until, judgement: null };
  const drawn = createHash('sha256').update(caseNo).digest()[0]! % FINAL_STATES.length;
  const state = FINAL_STATES[drawn]!;
  return {
    caseNo,
    state,
    on: until,
    judgement: state === 'RETURNED' ? null : '財産がなく、差押えできるものがない。',
  };
}
