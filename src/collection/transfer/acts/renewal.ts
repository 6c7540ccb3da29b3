import type { RENEWAL_KINDS } from '../../../../schema/records/transferReturn.js';
import type { IsoDate } from '../../../kernel/dates.js';
import { RENEWALS_FILE, type ResultRow } from '../../../protocol/transfer/result.js';
import { rejectedRow, type RowFault } from '../rejected.js';
import { lineKey } from '../result.js';
import { dayFault, type ReportedStanding } from './standing.js';

/** 時効の更新 of a line, as the organization says. */
export interface LineRenewal {
  readonly lineId: bigint;
  readonly levyId: bigint;
  readonly kind: (typeof RENEWAL_KINDS)[number];
  /** The day of the acknowledgement, or of the end of the seizure. */
  readonly renewedOn: IsoDate;
}

const KINDS: Readonly<Record<ResultRow[typeof RENEWALS_FILE]['renewal'], LineRenewal['kind']>> = {
  SEIZURE: 'seizure',
  ACKNOWLEDGEMENT: 'acknowledgement',
};

/**
 * Puts the renewals of a result to their lines (handbook 13 §7, 03 §7). All of the rows are refused for one bad one.
 * @throws KuramoriError FILE_REJECTED, with file and row, for a line that the organization does not have, or a day that
 *   cannot be
 */
export function placeRenewals(
  rows: readonly ResultRow[typeof RENEWALS_FILE][],
  { cases, lines }: ReportedStanding,
  today: IsoDate,
): LineRenewal[] {
  return rows.map((row, at) => {
    const refuse = (fault: RowFault) => rejectedRow(RENEWALS_FILE, at + 1, fault);
    const [line, of] = [lines.get(lineKey(row)), cases.get(row.caseNo)];
    if (line === undefined || of === undefined) throw refuse('unknownLine');
    const fault = dayFault(row.renewedOn, of, today);
    if (fault !== undefined) throw refuse(fault);
    const { lineId, levyId } = line;
    return { lineId, levyId, kind: KINDS[row.renewal], renewedOn: row.renewedOn };
  });
}
