import { createHash } from 'node:crypto';
import { KuramoriError } from '../../kernel/errors.js';
import { FILE_BYTES_MAX } from '../../kernel/limits.js';
import type { Column, Columns } from './column.js';
import { CsvReader } from './csv.js';
import { IndividualNumberReader } from './individualNumberFile.js';
import {
  INDIVIDUAL_NUMBER_FILE,
  LEDGER_FILE,
  TAXPAYER_FILE,
  TRANSFER_LAYOUT,
  type TransferRow,
} from './layout.js';
import type { Manifest, ManifestFile } from './manifest.js';
import { DispositionForms } from './disposition.js';
import {
  COLLECTIONS_FILE,
  CollectionTotals,
  DISPOSITIONS_FILE,
  RESULT_LAYOUT,
  STATES_FILE,
  type ResultRow,
} from './result.js';
import { LedgerTotals, PackageCases, sameTotals } from './totals.js';

/** Cases and totals of a whole package, as its manifest holds them. */
export type ContentTotals = Pick<Manifest, 'content' | 'cases' | 'totals'>;

/** What kind of package it is: handed over, or reported back. */
export type PackageContent = Manifest['content'];

/** Every file begins with the case. */
type CaseColumns = Columns & { readonly caseNo: Column<string> };
interface CaseRow {
  readonly caseNo: string;
}

/** Every file that a kind of package may hold, but that of individual numbers. */
const LAYOUTS: Readonly<Record<PackageContent, Readonly<Record<string, CaseColumns>>>> = {
  TRANSFER: TRANSFER_LAYOUT,
  RESULT: RESULT_LAYOUT,
};

/** The file that lists the cases, each once, and the file whose amounts are totalled. No package is without them. */
const CASES_FILE = { TRANSFER: TAXPAYER_FILE, RESULT: STATES_FILE } as const;
const AMOUNTS_FILE = { TRANSFER: LEDGER_FILE, RESULT: COLLECTIONS_FILE } as const;

/** Files under this folder are copies (写し): their bytes are digested and not read. */
const ATTACHMENTS = 'attachments/';

/** Digest and size of bytes as they pass. */
export class BytesDigest {
  readonly #sha256 = createHash('sha256');
  #bytes = 0;

  push(bytes: Uint8Array): void {
    this.#sha256.update(bytes);
    this.#bytes += bytes.length;
  }

  end(): { readonly bytes: number; readonly sha256: string } {
    return { bytes: this.#bytes, sha256: this.#sha256.digest('hex') };
  }

  get bytes(): number {
    return this.#bytes;
  }
}

/** What reads the rows of a file out of its bytes. */
interface RowReader<R> {
  readonly rows: number;
  push(bytes: Uint8Array): R[];
  end(): void;
}

/** One file of a layout as its bytes pass: every cell, the order of cases, size and digest. */
export class LayoutFile<R extends CaseRow> {
  readonly #name: string;
  readonly #reader: RowReader<R>;
  readonly #digest = new BytesDigest();
  #caseNo = '';

  constructor(name: string, reader: RowReader<R>) {
    this.#name = name;
    this.#reader = reader;
  }

  /**
   * The rows that the bytes complete.
   * @throws KuramoriError FILE_REJECTED naming file and row
   */
  push(bytes: Uint8Array): R[] {
    this.#digest.push(bytes);
    if (this.#digest.bytes > FILE_BYTES_MAX)
      throw new KuramoriError(
        'FILE_REJECTED',
        `${this.#name} is larger than a file may be. Split the package.`,
      );
    const rows = this.#reader.push(bytes);
    for (const { caseNo } of rows) this.#follow(caseNo);
    return rows;
  }

  /** What a manifest says of the file. */
  end(): ManifestFile {
    this.#reader.end();
    return { name: this.#name, rows: this.#reader.rows, ...this.#digest.end() };
  }

  #follow(caseNo: string): void {
    if (caseNo < this.#caseNo)
      throw new KuramoriError(
        'FILE_REJECTED',
        `${this.#name}: rows must stand in the order of their case numbers.`,
        {
          file: this.#name,
        },
      );
    this.#caseNo = caseNo;
  }
}

/** Any data file of a package as its bytes pass. */
export interface PassingFile {
  /** @throws KuramoriError FILE_REJECTED */
  push(bytes: Uint8Array): void;
  /** What the manifest must say of it. */
  end(): ManifestFile;
}

/**
 * The whole content of a package, file after file in the order of their names: rows, cases and totals. The memory it
 * takes is that of the case numbers.
 */
export class ContentCheck {
  readonly #content: PackageContent;
  readonly #cases = new PackageCases();
  readonly #ledger = new LedgerTotals();
  readonly #collections = new CollectionTotals();
  readonly #dispositions = new DispositionForms(DISPOSITIONS_FILE);
  readonly #seen = new Set<string>();

  constructor(content: PackageContent) {
    this.#content = content;
  }

  /**
   * Begins the next file.
   * @throws KuramoriError FILE_REJECTED when no such file belongs to the package, or the file of cases has not passed
   */
  begin(name: string): PassingFile {
    this.#seen.add(name);
    if (name.startsWith(ATTACHMENTS)) return attachment(name);
    const reader = readerOf(this.#content, name);
    if (reader === undefined) throw refused('A file is of no layout of the package. Leave it out.');
    if (!this.#seen.has(CASES_FILE[this.#content]))
      throw refused('The file of the cases must come first. Sort the files by name.');
    const file = new LayoutFile(name, reader);
    return {
      push: (bytes) => this.#take(name, file.push(bytes)),
      end: () => file.end(),
    };
  }

  /**
   * The number of cases and the totals of all that has passed.
   * @throws KuramoriError FILE_REJECTED when a file is missing without which there is no package, or cases differ
   */
  end(): ContentTotals {
    const content = this.#content;
    if (!this.#seen.has(CASES_FILE[content]) || !this.#seen.has(AMOUNTS_FILE[content]))
      throw refused('The file of the cases or the file of the amounts is missing.');
    const cases = this.#cases.count;
    if (content === 'RESULT') return { content, cases, totals: this.#collections.end() };
    const totals = this.#ledger.end();
    // Each case of the ledger is one of the list, so that equal numbers are equal sets.
    if (totals.cases !== cases) throw refused(`A case of ${TAXPAYER_FILE} has no line in ${LEDGER_FILE}.`);
    return { content, cases, totals };
  }

  #take(name: string, rows: readonly CaseRow[]): void {
    for (const row of rows) {
      if (name === CASES_FILE[this.#content]) this.#cases.add(row.caseNo);
      else if (!this.#cases.has(row.caseNo))
        throw refused(`${name} names a case that the package does not hold.`);
      if (name === LEDGER_FILE) this.#ledger.add(row as TransferRow['03_ledger.csv']);
      if (name === COLLECTIONS_FILE) this.#collections.add(row as ResultRow['22_collections.csv']);
      if (name === DISPOSITIONS_FILE) this.#dispositions.add(row as ResultRow['23_dispositions.csv']);
    }
  }
}

/** Whether two contents are of one kind, of as many cases and of the same totals. */
export function sameContent(one: ContentTotals, other: ContentTotals): boolean {
  return one.content === other.content && one.cases === other.cases && sameTotals(one.totals, other.totals);
}

function readerOf(content: PackageContent, name: string): RowReader<CaseRow> | undefined {
  if (content === 'TRANSFER' && name === INDIVIDUAL_NUMBER_FILE) return new IndividualNumberReader();
  const columns = LAYOUTS[content][name];
  return columns && new CsvReader(name, columns);
}

function attachment(name: string): PassingFile {
  const digest = new BytesDigest();
  return { push: (bytes) => digest.push(bytes), end: () => ({ name, rows: 0, ...digest.end() }) };
}

function refused(sentence: string): KuramoriError {
  return new KuramoriError('FILE_REJECTED', sentence);
}
