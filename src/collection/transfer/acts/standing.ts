import type { IsoDate } from '../../../kernel/dates.js';
import type { RowFault } from '../rejected.js';

/** A case on which a result reports. */
export interface ReportedCase {
  readonly caseId: bigint;
  readonly addresseeNo: string;
  /** 基準時点の日: what the organization did in the case, it did on that day or later. */
  readonly handedOverOn: IsoDate;
}

/** A line of such a case, as it was handed over. */
export interface ReportedLine {
  readonly lineId: bigint;
  readonly levyId: bigint;
}

/** What the rows of a result may name. */
export interface ReportedStanding {
  /** By case number. */
  readonly cases: ReadonlyMap<string, ReportedCase>;
  /** By `lineKey`. */
  readonly lines: ReadonlyMap<string, ReportedLine>;
}

/** Why a day cannot be that of an act of the organization; nothing when it can. */
export function dayFault(on: IsoDate, { handedOverOn }: ReportedCase, today: IsoDate): RowFault | undefined {
  if (on > today) return 'futureDay';
  return on < handedOverOn ? 'beforeHandOver' : undefined;
}
