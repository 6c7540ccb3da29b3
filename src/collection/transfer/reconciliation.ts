import type { TRANSFER_END_STATES } from '../../../schema/records/transferReturn.js';
import { sumYen, type Yen } from '../../kernel/yen.js';

/** 事案の結果 of the organization (完納・返還・執行停止相当・不納欠損相当・継続). */
export type EndStateWord = (typeof TRANSFER_END_STATES)[number];

/** A frozen line with everything that happened to its tax and penalty since. Amounts in yen. */
export interface LineAccount {
  readonly caseNo: string;
  readonly lineNo: number;
  /** 移管時未納額. */
  readonly unpaidAtTransfer: Yen;
  /** Paid or set off here, less reversals. */
  readonly paidHere: Yen;
  /** 減額更正・不納欠損 here; an increase is negative. */
  readonly reduced: Yen;
  /** Tax that the organization collected. */
  readonly collected: Yen;
  /** What our ledger says is left. */
  readonly ledgerRemaining: Yen;
  /** What the organization last said of the case. */
  readonly endState: EndStateWord | undefined;
}

/** A result package against the money that came for it. */
export interface ResultAccount {
  readonly resultId: string;
  /** Everything collected: tax, late charge, fees, costs. */
  readonly collected: Yen;
  /** 払込額. */
  readonly received: Yen;
}

/** 不突合. */
export type Difference =
  /** The equation of the line does not give what the ledger says. */
  | { readonly kind: 'remaining'; readonly caseNo: string; readonly lineNo: number; readonly yen: Yen }
  /** The organization says 完納, and something is left. */
  | { readonly kind: 'notPaidInFull'; readonly caseNo: string; readonly lineNo: number; readonly yen: Yen }
  /** Money and collections of a result differ. */
  | { readonly kind: 'money'; readonly resultId: string; readonly yen: Yen }
  /** What a result says of a case, or all of it, is held, and says that so much was collected. */
  | ({ readonly kind: 'held'; readonly yen: Yen } & Pick<HeldAccount, 'resultId' | 'caseNo'>);

/** What is held of a result. */
export interface HeldAccount {
  readonly resultId: string;
  /** None: the whole result. */
  readonly caseNo: string | null;
  readonly collected: Yen;
}

/** What a reconciliation comes to; without differences the round may close. */
export interface Reconciliation {
  readonly transferred: Yen;
  readonly paidHere: Yen;
  readonly reduced: Yen;
  readonly collectedTax: Yen;
  readonly remaining: Yen;
  /** Over all components and results. */
  readonly collected: Yen;
  readonly received: Yen;
  readonly differences: readonly Difference[];
}

/**
 * 突合 to the yen (handbook 13 §7): for each line what was transferred, less what came in here, less reductions, less
 * what the organization collected is what remains, and the ledger says the same; of each result what was collected is
 * what was paid over; and nothing is held.
 */
export function reconcile(
  lines: readonly LineAccount[],
  results: readonly ResultAccount[],
  held: readonly HeldAccount[] = [],
): Reconciliation {
  const sum = (pick: (line: LineAccount) => Yen) => sumYen(lines.map(pick));
  return {
    transferred: sum(({ unpaidAtTransfer }) => unpaidAtTransfer),
    paidHere: sum(({ paidHere }) => paidHere),
    reduced: sum(({ reduced }) => reduced),
    collectedTax: sum(({ collected }) => collected),
    remaining: sum(remainingOf),
    collected: sumYen(results.map(({ collected }) => collected)),
    received: sumYen(results.map(({ received }) => received)),
    differences: [
      ...lines.flatMap(lineDifferences),
      ...results.flatMap(moneyDifference),
      ...held.map(({ resultId, caseNo, collected: yen }) => ({
        kind: 'held' as const,
        resultId,
        caseNo,
        yen,
      })),
    ],
  };
}

/** 残額 by the equation of the line. */
export function remainingOf({ unpaidAtTransfer, paidHere, reduced, collected }: LineAccount): Yen {
  return unpaidAtTransfer - paidHere - reduced - collected;
}

function lineDifferences(line: LineAccount): Difference[] {
  const { caseNo, lineNo, endState, ledgerRemaining } = line;
  const remaining = remainingOf(line);
  const found: Difference[] = [];
  if (remaining !== ledgerRemaining) {
    found.push({ kind: 'remaining', caseNo, lineNo, yen: remaining - ledgerRemaining });
  }
  if (endState === 'paidInFull' && remaining !== 0n) {
    found.push({ kind: 'notPaidInFull', caseNo, lineNo, yen: remaining });
  }
  return found;
}

function moneyDifference({ resultId, collected, received }: ResultAccount): Difference[] {
  return collected === received ? [] : [{ kind: 'money', resultId, yen: collected - received }];
}
