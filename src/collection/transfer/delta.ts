import { minYen, type Yen } from '../../kernel/yen.js';
import { isLocked, type TransferStateWord } from './states.js';

/** 入金連絡の扱い (handbook 13 §3). */
export type DeltaEffect =
  /** Before acceptance, nothing is left of the tax: the organization is told to leave the line out. */
  | 'drops'
  /** Before acceptance, less is left. */
  | 'reduces'
  /** After acceptance: posted here and forwarded. */
  | 'forwards'
  /** The organization never had it, or has it no more. */
  | 'none';

/** What became of a frozen line by a change of the ledger. */
export interface DeltaOutcome {
  readonly effect: DeltaEffect;
  /** Tax and penalty left to collect; never below zero, for too much is an overpayment of the ledger. */
  readonly unpaid: Yen;
}

/**
 * The rule for a change after the freeze. The package is never edited: the organization applies the list.
 * @param unpaid tax and penalty of the line before the change
 * @param amount positive lowers what is owed; a reversal is negative
 */
export function deltaEffect(state: TransferStateWord, unpaid: Yen, amount: Yen): DeltaOutcome {
  const left = unpaid - minYen(amount, unpaid);
  if (isLocked(state)) return { effect: 'forwards', unpaid: left };
  if (BEFORE_FREEZE.has(state) || ENDED.has(state)) return { effect: 'none', unpaid };
  return { effect: left === 0n ? 'drops' : 'reduces', unpaid: left };
}

const BEFORE_FREEZE: ReadonlySet<TransferStateWord> = new Set(['candidate', 'noticed']);
const ENDED: ReadonlySet<TransferStateWord> = new Set(['rejected', 'closed', 'aborted']);
