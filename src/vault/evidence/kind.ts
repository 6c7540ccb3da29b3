import type { EvidenceForm, EvidencePage, EvidenceSlice } from '../../audit/evidence/evidence.js';
import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { EVIDENCE_LINES_MAX } from '../../kernel/limits.js';

/** One kind of evidence (証跡): what it is in words, and how its lines are read. A new kind is one of these. */
export interface EvidenceKind extends EvidenceForm {
  /**
   * Lines in ascending order of their keys, at most EVIDENCE_LINES_MAX.
   * @param today in Japan
   */
  readonly read: (session: Session, slice: EvidenceSlice, today: IsoDate) => Promise<EvidencePage>;
}

/** A column of a table with what it shows of a row. */
export interface RowColumn<Row> {
  readonly heading: string;
  readonly width: number;
  readonly cell: (row: Row) => string;
}

interface TableKind<Row> {
  readonly title: string;
  readonly source: string;
  readonly columns: readonly RowColumn<Row>[];
  readonly key: (row: Row) => bigint;
  /** Rows after the slice's key in ascending order of theirs, at most `limit`. */
  readonly rows: (
    session: Session,
    slice: EvidenceSlice,
    limit: number,
    today: IsoDate,
  ) => Promise<readonly Row[]>;
}

/**
 * An evidence of rows that have an ascending key: a statement and a cell per column.
 * @example
 * export const carries = tableEvidence<Carry>({ title: '持ち運びの記録', source: '…', columns, key, rows });
 */
export function tableEvidence<Row>({
  title,
  source,
  columns,
  key,
  rows: readRows,
}: TableKind<Row>): EvidenceKind {
  return {
    title,
    source,
    columns: columns.map(({ heading, width }) => ({ heading, width })),
    read: async (session, slice, today) => {
      const rows = await readRows(session, slice, EVIDENCE_LINES_MAX + 1, today);
      const lines = rows.slice(0, EVIDENCE_LINES_MAX).map((row) => ({
        key: key(row),
        cells: columns.map(({ cell }) => cell(row)),
      }));
      return { lines, next: rows.length > EVIDENCE_LINES_MAX ? lines.at(-1)?.key : undefined };
    },
  };
}

/** The key after which rows are read, for a statement. */
export function afterText({ after }: EvidenceSlice): string {
  return String(after ?? 0n);
}
