import type { IsoDate } from '../../kernel/dates.js';
import { sumYen, type Yen } from '../../kernel/yen.js';
import { rejectedRow, type RowFault } from './rejected.js';

/** A collection of the organization (徴収実績), as its result package says. */
export interface CollectionRow {
  readonly caseNo: string;
  readonly lineNo: number;
  readonly collectedOn: IsoDate;
  readonly amount: Yen;
  readonly tax: Yen;
  readonly lateCharge: Yen;
  /** 督促手数料. */
  readonly fees: Yen;
  readonly dispositionCost: Yen;
}

/** A line that the organization has, with what may still be collected of it. */
export interface OpenLine {
  readonly lineId: bigint;
  /** Tax and penalty left after payments here, reductions and earlier collections. */
  readonly unpaid: Yen;
  /** Reminder fee left, likewise. */
  readonly reminderFee: Yen;
}

/** A collection with the line it belongs to. */
export interface PlacedCollection extends CollectionRow {
  readonly lineId: bigint;
}

/** How lines are looked up: by case and line number of the package. */
export function lineKey({ caseNo, lineNo }: { readonly caseNo: string; readonly lineNo: number }): string {
  return `${caseNo}/${lineNo}`;
}

/**
 * Puts the collections of a result to their lines (handbook 13 §7, §8). The whole file is refused for one bad row:
 * what a file says is true as a whole or not at all. Late charge runs on, and costs arise there, so that both have no
 * ceiling here.
 * @param lines those the organization has accepted, by `lineKey`
 * @param file name for errors
 * @throws KuramoriError FILE_REJECTED, with file and row, for a line it does not have, parts that do not make up the
 *   amount, a day after `today`, or more than is left of the tax or the fee
 */
export function placeCollections(
  rows: readonly CollectionRow[],
  lines: ReadonlyMap<string, OpenLine>,
  { file, today }: { readonly file: string; readonly today: IsoDate },
): PlacedCollection[] {
  const left = new Map<bigint, { unpaid: Yen; reminderFee: Yen }>();
  return rows.map((row, at) => {
    const refuse = (fault: RowFault): never => {
      throw rejectedRow(file, at + 1, fault);
    };
    const line = lines.get(lineKey(row)) ?? refuse('unknownLine');
    if (row.amount !== sumYen([row.tax, row.lateCharge, row.fees, row.dispositionCost]))
      refuse('partsDiffer');
    if (row.collectedOn > today) refuse('futureDay');
    const before = left.get(line.lineId) ?? line;
    const after = { unpaid: before.unpaid - row.tax, reminderFee: before.reminderFee - row.fees };
    if (after.unpaid < 0n) refuse('exceedsTax');
    if (after.reminderFee < 0n) refuse('exceedsFee');
    left.set(line.lineId, after);
    return { ...row, lineId: line.lineId };
  });
}
