import { isKuramoriError } from '../../kernel/errors.js';
import { sumYen, type Yen } from '../../kernel/yen.js';
import {
  COLLECTIONS_FILE,
  CONTACTS_FILE,
  DISPOSITIONS_FILE,
  RENEWALS_FILE,
  STATES_FILE,
  type ResultFileName,
  type ResultRow,
} from '../../protocol/transfer/result.js';
import type { ReportedActs } from './acts/acts.js';
import { rejectedRow, ROW_FAULTS, type RowFault } from './rejected.js';

/** The rows of a result. */
export interface ReportedFiles extends ReportedActs {
  readonly states: readonly ResultRow[typeof STATES_FILE][];
  readonly collections: readonly ResultRow[typeof COLLECTIONS_FILE][];
}

/** Why a portion is held: a row that cannot be so, files that cannot be read, an earlier result that is held. */
export type HoldCode = RowFault | 'malformed' | 'unreadable' | 'earlierHeld';

/** Where and why. */
export interface Held {
  /** None: of the whole result. */
  readonly caseNo: string | null;
  readonly code: HoldCode;
  readonly file: string | null;
  readonly row: number | null;
  /** What the result says was collected of the case. */
  readonly collected: Yen;
}

/** What a result says of one case, with the place of each row in its file. */
export interface Portion {
  readonly caseNo: string;
  readonly files: ReportedFiles;
  readonly places: Readonly<Record<ResultFileName, readonly number[]>>;
}

/** Parts the rows of a result by case: what is refused of one says nothing of the others. */
export function portionsOf(files: ReportedFiles): readonly Portion[] {
  const { dispositions, renewals, contacts } = files;
  const parted = {
    [STATES_FILE]: byCase(files.states),
    [COLLECTIONS_FILE]: byCase(files.collections),
    [DISPOSITIONS_FILE]: byCase(dispositions ?? []),
    [RENEWALS_FILE]: byCase(renewals ?? []),
    [CONTACTS_FILE]: byCase(contacts ?? []),
  };
  const caseNos = new Set(Object.values(parted).flatMap((cases) => [...cases.keys()]));
  return [...caseNos].toSorted().map((caseNo) => {
    const rows = <R>(cases: ReadonlyMap<string, Placed<R>>): readonly R[] => cases.get(caseNo)?.rows ?? [];
    const places = (cases: ReadonlyMap<string, Placed<unknown>>) => cases.get(caseNo)?.places ?? [];
    return {
      caseNo,
      files: {
        states: rows(parted[STATES_FILE]),
        collections: rows(parted[COLLECTIONS_FILE]),
        dispositions: rows(parted[DISPOSITIONS_FILE]),
        renewals: rows(parted[RENEWALS_FILE]),
        contacts: rows(parted[CONTACTS_FILE]),
      },
      places: {
        [STATES_FILE]: places(parted[STATES_FILE]),
        [COLLECTIONS_FILE]: places(parted[COLLECTIONS_FILE]),
        [DISPOSITIONS_FILE]: places(parted[DISPOSITIONS_FILE]),
        [RENEWALS_FILE]: places(parted[RENEWALS_FILE]),
        [CONTACTS_FILE]: places(parted[CONTACTS_FILE]),
      },
    };
  });
}

/** What a portion is held for, by the refusal of a row of it. @throws whatever is no refusal of a row */
export function heldFor({ caseNo, files, places }: Portion, error: unknown): Held {
  if (!isKuramoriError(error, 'FILE_REJECTED')) throw error;
  const { file, row, fault } = error.facts;
  const place = typeof file === 'string' ? places[file as ResultFileName][Number(row) - 1] : undefined;
  const code = isRowFault(fault) ? fault : 'malformed';
  const at = { file: typeof file === 'string' ? file : null, row: place ?? null };
  return { caseNo, code, ...at, collected: collectedIn(files) };
}

/** A result whose files cannot be read: which cases it is about, nobody knows. */
export function heldWhole(error: unknown): Held {
  if (!isKuramoriError(error, 'FILE_REJECTED')) throw error;
  const { file, row } = error.facts;
  const at = { file: typeof file === 'string' ? file : null, row: typeof row === 'number' ? row : null };
  return { caseNo: null, code: 'unreadable', ...at, collected: 0n };
}

/** A portion that waits for an earlier one of its case: what came first is entered first. */
export function heldBehind({ caseNo, files }: Portion): Held {
  return { caseNo, code: 'earlierHeld', file: null, row: null, collected: collectedIn(files) };
}

/** @throws KuramoriError FILE_REJECTED for a case that is reported on twice in one result */
export function assertOnce({ files: { states } }: Portion): void {
  if (states.length < 2) return;
  throw rejectedRow(STATES_FILE, 2, 'reportedTwice');
}

function collectedIn({ collections }: ReportedFiles): Yen {
  return sumYen(collections.map(({ amount }) => amount));
}

function isRowFault(fault: unknown): fault is RowFault {
  return typeof fault === 'string' && Object.hasOwn(ROW_FAULTS, fault);
}

interface Placed<R> {
  readonly rows: R[];
  readonly places: number[];
}

function byCase<R extends { readonly caseNo: string }>(rows: readonly R[]): ReadonlyMap<string, Placed<R>> {
  const cases = new Map<string, Placed<R>>();
  for (const [at, row] of rows.entries()) {
    const of = cases.get(row.caseNo) ?? { rows: [], places: [] };
    of.rows.push(row);
    of.places.push(at + 1);
    cases.set(row.caseNo, of);
  }
  return cases;
}
