import { createHash } from 'node:crypto';
import { KuramoriError } from '../../kernel/errors.js';
import { TRANSFER_CASES_MAX } from '../../kernel/limits.js';
import type { Yen } from '../../kernel/yen.js';
import { LEDGER_FILE, TAXPAYER_FILE, type TransferRow } from './layout.js';

/** Control totals (照合合計) of lines of the ledger, in yen; `fees` are reminder fees and costs of disposition. */
export interface LineTotals {
  readonly lines: number;
  readonly assessed: Yen;
  readonly paid: Yen;
  readonly reduced: Yen;
  readonly unpaid: Yen;
  readonly lateChargeFixed: Yen;
  readonly fees: Yen;
}

/** Those of one case. */
export interface CaseTotals extends LineTotals {
  readonly caseNo: string;
}

/**
 * Those of a whole package. `perCaseSha256` digests the totals of each case in the order of case numbers
 * (`caseTotalsText`), so that a side which works them out from its own books compares 64 characters.
 */
export interface ControlTotals extends LineTotals {
  readonly cases: number;
  readonly perCaseSha256: string;
}

type LedgerRow = TransferRow['03_ledger.csv'];
const NONE: LineTotals = {
  lines: 0,
  assessed: 0n,
  paid: 0n,
  reduced: 0n,
  unpaid: 0n,
  lateChargeFixed: 0n,
  fees: 0n,
};

const plus = (one: LineTotals, other: LineTotals): LineTotals => ({
  lines: one.lines + other.lines,
  assessed: one.assessed + other.assessed,
  paid: one.paid + other.paid,
  reduced: one.reduced + other.reduced,
  unpaid: one.unpaid + other.unpaid,
  lateChargeFixed: one.lateChargeFixed + other.lateChargeFixed,
  fees: one.fees + other.fees,
});

/** The canonical line of one case, which `perCaseSha256` digests. */
export function caseTotalsText(totals: CaseTotals): string {
  const { caseNo, lines, assessed, paid, reduced, unpaid, lateChargeFixed, fees } = totals;
  return `${[caseNo, lines, assessed, paid, reduced, unpaid, lateChargeFixed, fees].join(',')}\n`;
}

/** Sums totals of cases, which come in the order of their numbers. */
export class TotalsOfCases {
  #whole = NONE;
  readonly #perCase = createHash('sha256');
  #cases = 0;

  add(totals: CaseTotals): void {
    this.#whole = plus(this.#whole, totals);
    this.#perCase.update(caseTotalsText(totals));
    this.#cases += 1;
  }

  /** The totals of the whole; nothing can be added afterwards. */
  end(): ControlTotals {
    return { ...this.#whole, cases: this.#cases, perCaseSha256: this.#perCase.digest('hex') };
  }
}

/**
 * Totals of a ledger file as its rows pass, in the memory of one case: rows come in the order of case and line numbers.
 */
export class LedgerTotals {
  readonly #cases = new TotalsOfCases();
  #caseNo = '';
  #lineNo = -1;
  #current = NONE;
  #row = 0;

  /**
   * @throws KuramoriError FILE_REJECTED when a row is out of order, or unpaid is not assessed − paid − reduced
   */
  add(row: LedgerRow): void {
    this.#row += 1;
    if (row.caseNo !== this.#caseNo) this.#beginCase(row.caseNo);
    if (row.lineNo <= this.#lineNo) throw this.#fault('line numbers of a case must ascend');
    if (row.unpaid !== row.assessed - row.paid - row.reduced)
      throw this.#fault('unpaid is not assessed less paid and reduced');
    this.#lineNo = row.lineNo;
    const { assessed, paid, reduced, unpaid, lateChargeFixed } = row;
    const fees = row.reminderFee + row.dispositionCost;
    this.#current = plus(this.#current, { lines: 1, assessed, paid, reduced, unpaid, lateChargeFixed, fees });
  }

  /** The totals of the whole. */
  end(): ControlTotals {
    this.#endCase();
    return this.#cases.end();
  }

  #beginCase(caseNo: string): void {
    if (caseNo < this.#caseNo) throw this.#fault('case numbers must ascend');
    this.#endCase();
    this.#caseNo = caseNo;
    this.#lineNo = -1;
    this.#current = NONE;
  }

  #endCase(): void {
    if (this.#current.lines > 0) this.#cases.add({ caseNo: this.#caseNo, ...this.#current });
  }

  #fault(fault: string): KuramoriError {
    return new KuramoriError('FILE_REJECTED', `${LEDGER_FILE}, row ${this.#row}: ${fault}.`, {
      file: LEDGER_FILE,
      row: this.#row,
    });
  }
}

/**
 * The cases of a package: each once in the file of taxpayers, in order. Every other file may name these alone.
 */
export class PackageCases {
  readonly #cases = new Set<string>();
  #last = '';

  get count(): number {
    return this.#cases.size;
  }

  /** @throws KuramoriError FILE_REJECTED when case numbers do not ascend, or there are too many */
  add(caseNo: string): void {
    const row = this.#cases.size + 1;
    const refuse = (fault: string): never => {
      throw new KuramoriError('FILE_REJECTED', `${TAXPAYER_FILE}, row ${row}: ${fault}.`, {
        file: TAXPAYER_FILE,
        row,
      });
    };
    if (caseNo <= this.#last) refuse('case numbers must ascend, each once');
    if (row > TRANSFER_CASES_MAX) refuse('the package has more cases than one may have');
    this.#cases.add(caseNo);
    this.#last = caseNo;
  }

  has(caseNo: string): boolean {
    return this.#cases.has(caseNo);
  }
}

/** Whether two totals of one kind are the same, to the yen and the case. */
export function sameTotals<T extends object>(one: T, other: T): boolean {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof T>;
  return [...keys].every((key) => one[key] === other[key]);
}
