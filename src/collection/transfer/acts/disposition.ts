import type { ASSET_CLASSES, DISPOSITION_KINDS } from '../../../../schema/records/delinquency.js';
import { withoutNumbers } from '../../../kernel/suspectedNumber.js';
import type { IsoDate } from '../../../kernel/dates.js';
import type { Yen } from '../../../kernel/yen.js';
import {
  claimsOf,
  DispositionForms,
  isBeginning,
  type DispositionBeginning,
  type DispositionEnding,
} from '../../../protocol/transfer/disposition.js';
import { DISPOSITIONS_FILE, type ResultRow } from '../../../protocol/transfer/result.js';
import { rejectedRow, type RowFault } from '../rejected.js';
import { lineKey } from '../result.js';
import { dayFault, type ReportedCase, type ReportedStanding } from './standing.js';

type Row = ResultRow[typeof DISPOSITIONS_FILE];

/** 機構の滞納処分: a seizure, participating seizure or claim for distribution that the organization made. */
export interface OrganizationDisposition {
  readonly caseId: bigint;
  readonly addresseeNo: string;
  /** 処分番号 of the organization. */
  readonly organizationNo: string;
  readonly kind: (typeof DISPOSITION_KINDS)[number];
  readonly assetClass: (typeof ASSET_CLASSES)[number];
  readonly object: string;
  readonly thirdParty: string | null;
  readonly receiptNo: string | null;
  readonly executedOn: IsoDate;
  /** The levy lines that it covers, with their amounts at that time. */
  readonly claims: readonly { readonly levyId: bigint; readonly amount: Yen }[];
}

/** 解除・取消・完結 of one. */
export interface OrganizationDispositionEnd {
  readonly caseId: bigint;
  readonly organizationNo: string;
  readonly kind: 'released' | 'cancelled' | 'completed';
  readonly endedOn: IsoDate;
}

/** One that earlier results told of, with its end. */
export interface KnownDisposition extends OrganizationDisposition {
  readonly end: Pick<OrganizationDispositionEnd, 'kind' | 'endedOn'> | undefined;
}

/** What is new in a file of dispositions. */
export interface PlacedDispositions {
  readonly begun: readonly OrganizationDisposition[];
  readonly ended: readonly OrganizationDispositionEnd[];
}

const KINDS: Readonly<Record<DispositionBeginning, OrganizationDisposition['kind']>> = {
  SEIZURE: 'seizure',
  JOINED_SEIZURE: 'participatingSeizure',
  DISTRIBUTION_DEMAND: 'claimForDistribution',
};
const END_KINDS: Readonly<Record<DispositionEnding, OrganizationDispositionEnd['kind']>> = {
  RELEASE: 'released',
  CANCELLATION: 'cancelled',
  COMPLETION: 'completed',
};
const ASSET_CLASS_OF: Readonly<Record<NonNullable<Row['assetKind']>, OrganizationDisposition['assetClass']>> =
  {
    DEPOSIT: 'deposit',
    SALARY: 'salary',
    LIFE_INSURANCE: 'lifeInsurance',
    REAL_ESTATE: 'realEstate',
    VEHICLE: 'vehicle',
    OTHER_CLAIM: 'claim',
    MOVABLE: 'movable',
  };

/**
 * Puts the dispositions of a result to their cases and lines, and ends to their dispositions (handbook 13 §7, 03 §4).
 * What earlier results told in the same way is known and adds nothing. All of the rows are refused for one bad one.
 * @param known the organization's dispositions in these cases, of earlier results
 * @throws KuramoriError FILE_REJECTED, with file and row, for a line that it does not have, a day that cannot be, a
 *   number that stands for another disposition, or an end of nothing
 */
export function placeDispositions(
  rows: readonly Row[],
  standing: ReportedStanding,
  known: readonly KnownDisposition[],
  today: IsoDate,
): PlacedDispositions {
  const place = new Placing(standing, known, today);
  const forms = new DispositionForms(DISPOSITIONS_FILE);
  for (const row of rows) forms.add(row);
  // A file stands in the order of cases alone: an end may stand before what it ends.
  for (const [at, row] of rows.entries()) if (isBeginning(row.act)) place.begin(row, row.act, at + 1);
  for (const [at, row] of rows.entries()) if (!isBeginning(row.act)) place.end(row, row.act, at + 1);
  return place;
}

class Placing implements PlacedDispositions {
  readonly begun: OrganizationDisposition[] = [];
  readonly ended: OrganizationDispositionEnd[] = [];
  readonly #standing: ReportedStanding;
  readonly #known: Map<string, KnownDisposition>;
  readonly #today: IsoDate;

  constructor(standing: ReportedStanding, known: readonly KnownDisposition[], today: IsoDate) {
    this.#standing = standing;
    this.#known = new Map(known.map((each) => [keyOf(each), each]));
    this.#today = today;
  }

  begin(row: Row, act: DispositionBeginning, at: number): void {
    const of = this.#caseOf(row, at);
    const fault = dayFault(row.on, of, this.#today);
    if (fault !== undefined) throw rejectedRow(DISPOSITIONS_FILE, at, fault);
    const { caseId, addresseeNo } = of;
    const text = (cell: string | null) => cell && withoutNumbers(cell.normalize('NFC'));
    const disposition = {
      caseId,
      addresseeNo,
      organizationNo: row.dispositionNo,
      kind: KINDS[act],
      // The form of the row was judged before: its cells are there.
      assetClass: ASSET_CLASS_OF[row.assetKind!],
      object: text(row.identification)!,
      thirdParty: text(row.thirdParty),
      receiptNo: text(row.receiptNo),
      executedOn: row.on,
      claims: this.#claims(row, at),
    };
    const before = this.#known.get(keyOf(disposition));
    if (before === undefined) {
      this.#known.set(keyOf(disposition), { ...disposition, end: undefined });
      this.begun.push(disposition);
    } else if (contentOf(before) !== contentOf(disposition))
      throw rejectedRow(DISPOSITIONS_FILE, at, 'otherDisposition');
  }

  end(row: Row, act: DispositionEnding, at: number): void {
    const { caseId } = this.#caseOf(row, at);
    const end = { caseId, organizationNo: row.dispositionNo, kind: END_KINDS[act], endedOn: row.on };
    const ends = this.#known.get(keyOf(end));
    const refuse = (fault: RowFault) => rejectedRow(DISPOSITIONS_FILE, at, fault);
    if (ends === undefined) throw refuse('endOfNothing');
    // One that was made in an earlier round may have ended before this one.
    if (end.endedOn > this.#today) throw refuse('futureDay');
    if (end.endedOn < ends.executedOn) throw refuse('endsBeforeBegin');
    if (ends.end === undefined) {
      this.#known.set(keyOf(end), { ...ends, end });
      this.ended.push(end);
    } else if (ends.end.kind !== end.kind || ends.end.endedOn !== end.endedOn) throw refuse('endsOtherwise');
  }

  #caseOf({ caseNo }: Row, at: number): ReportedCase {
    const found = this.#standing.cases.get(caseNo);
    if (found === undefined) throw rejectedRow(DISPOSITIONS_FILE, at, 'unknownCase');
    return found;
  }

  #claims({ caseNo, claims }: Row, at: number): OrganizationDisposition['claims'] {
    return claimsOf(claims!).map(({ lineNo, amount }) => {
      const line = this.#standing.lines.get(lineKey({ caseNo, lineNo }));
      if (line === undefined) throw rejectedRow(DISPOSITIONS_FILE, at, 'unknownLine');
      return { levyId: line.levyId, amount };
    });
  }
}

function keyOf({ caseId, organizationNo }: Pick<OrganizationDisposition, 'caseId' | 'organizationNo'>) {
  return `${caseId}/${organizationNo}`;
}

/** What makes two reports of one number the same. */
function contentOf(disposition: OrganizationDisposition): string {
  const { kind, assetClass, object, thirdParty, receiptNo, executedOn, claims } = disposition;
  const covered = claims.map(({ levyId, amount }) => `${levyId}:${amount}`).toSorted();
  return JSON.stringify([kind, assetClass, object, thirdParty, receiptNo, executedOn, covered]);
}
