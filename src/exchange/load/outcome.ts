import type { ResultClass } from '../../collection/receipt/posting.js';
import type { FaultCode } from '../layout/faults.js';

/** How many, and yen as text: the outcome is stored as JSON. */
export interface CountAndYen {
  readonly count: number;
  readonly yen: string;
}

/** What every load answers and keeps with the file. */
interface CommonOutcome {
  /** Which file it is, however its bytes are written. */
  readonly identity: string;
  readonly layout: { readonly id: string; readonly version: number };
  /** What the trailer of the file says. */
  readonly trailer: CountAndYen;
  readonly setAside: CountAndYen & { readonly codes: Readonly<Partial<Record<FaultCode, number>>> };
}

/** Result of a receipt file (収納消込結果). Classes and set-aside records add up to the trailer, to the yen. */
export interface ReceiptsOutcome extends CommonOutcome {
  readonly kind: 'receipts';
  readonly classes: Readonly<Record<ResultClass, CountAndYen>>;
  readonly items: readonly ReceiptItemOutcome[];
  /** Late charges that full payments fixed, levied with this load. */
  readonly lateChargesFixed: CountAndYen;
}

/** One tax item: slips, and where their yen went. */
export interface ReceiptItemOutcome extends CountAndYen {
  readonly taxItem: string;
  readonly allocated: string;
  readonly overpaid: string;
  readonly unidentified: string;
}

/** Result of an assessment file (調定取込結果). */
export interface LeviesOutcome extends CommonOutcome {
  readonly kind: 'levies';
  readonly created: CountAndYen;
  /** Yen is the sum of the differences. */
  readonly adjusted: CountAndYen;
  /** Records that say what the ledger holds already. */
  readonly unchanged: CountAndYen;
  /** 過納 that decreases of paid lines made. */
  readonly overassessed: CountAndYen;
  readonly dueDatesShifted: number;
  readonly items: readonly (CountAndYen & { readonly taxItem: string })[];
}

export type LoadOutcome = ReceiptsOutcome | LeviesOutcome;

/** What a load answers: `repeated` when the same bytes were loaded before and nothing was changed now. */
export interface LoadResult<Outcome extends LoadOutcome = LoadOutcome> {
  readonly sha256: string;
  readonly fileId: bigint;
  readonly repeated: boolean;
  readonly outcome: Outcome;
}
