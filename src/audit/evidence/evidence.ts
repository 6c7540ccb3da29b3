import { createHash } from 'node:crypto';
import type { IsoDate } from '../../kernel/dates.js';
import { EVIDENCE_CELL_CHARS_MAX, EVIDENCE_PART_BYTES_MAX } from '../../kernel/limits.js';
import { CSV_BOM, csvLine, safeCell } from './csv.js';

/** A column of an evidence. */
export interface EvidenceColumn {
  /** 見出し, in Japanese: the auditors read it. */
  readonly heading: string;
  /** Its share of the page's width. */
  readonly width: number;
}

/** One line of an evidence. It names people, references and entries; never a number, a part of one, an index value. */
export interface EvidenceLine {
  /** Ascending in the evidence: the next part begins after it. */
  readonly key: bigint;
  /** As many as there are columns. */
  readonly cells: readonly string[];
}

/** Which lines are asked for. */
export interface EvidenceSlice {
  /** First and last day in Japan, both included. */
  readonly from: IsoDate;
  readonly to: IsoDate;
  /** The `key` after which the part begins. */
  readonly after: bigint | undefined;
}

/** Lines of an evidence, in the order of their keys. */
export interface EvidencePage {
  readonly lines: readonly EvidenceLine[];
  /** Where the next part begins; undefined at the end. A page may be short, or empty, and yet not be the last. */
  readonly next: bigint | undefined;
}

/** An evidence (証跡) in words: what it is called, what it comes from, its columns. */
export interface EvidenceForm {
  readonly title: string;
  /** One sentence: where its lines come from. */
  readonly source: string;
  readonly columns: readonly EvidenceColumn[];
}

/** A part of an evidence as it is handed out. */
export interface EvidencePart {
  /** UTF-8 with BOM; the headings stand in every part. */
  readonly csv: string;
  /** `sha256:` and the hexadecimal SHA-256 of the bytes of `csv`, as `sha256sum` prints it. */
  readonly digest: string;
  /** The cells as they stand in `csv`. */
  readonly rows: readonly (readonly string[])[];
  readonly next: bigint | undefined;
}

/** Puts a page into its form for handing out; a part that would be too large ends earlier, and the next goes on. */
export function evidencePart({ columns }: EvidenceForm, { lines, next }: EvidencePage): EvidencePart {
  let csv = CSV_BOM + csvLine(columns.map(({ heading }) => heading));
  let bytes = Buffer.byteLength(csv, 'utf8');
  const rows: string[][] = [];
  for (const [at, { cells }] of lines.entries()) {
    const row = cells.map((cell) => safeCell(shortened(cell)));
    const line = csvLine(row);
    bytes += Buffer.byteLength(line, 'utf8');
    if (bytes > EVIDENCE_PART_BYTES_MAX && at > 0)
      return { csv, digest: digestOf(csv), rows, next: lines[at - 1]?.key };
    csv += line;
    rows.push(row);
  }
  return { csv, digest: digestOf(csv), rows, next };
}

/** `sha256:` and the hexadecimal SHA-256 of a text's UTF-8 bytes. */
export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text, 'utf8').digest('hex')}`;
}

function shortened(cell: string): string {
  return cell.length <= EVIDENCE_CELL_CHARS_MAX ? cell : `${cell.slice(0, EVIDENCE_CELL_CHARS_MAX)}…`;
}
