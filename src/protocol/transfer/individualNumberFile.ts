import { KuramoriError } from '../../kernel/errors.js';
import { INDIVIDUAL_NUMBER_LINE_BYTES_MAX } from '../../kernel/limits.js';
import { heading } from './csv.js';
import { INDIVIDUAL_NUMBER_FILE, INDIVIDUAL_NUMBER_LAYOUT } from './layout.js';

const [LF, COMMA, ZERO, NINE] = [0x0a, 0x2c, 0x30, 0x39] as const;
const NUMBER_DIGITS = 12;
const COLUMNS = INDIVIDUAL_NUMBER_LAYOUT[INDIVIDUAL_NUMBER_FILE];
const HEADING = Buffer.from(heading(COLUMNS), 'ascii');

/**
 * Reads the file of individual numbers (個人番号) as bytes: its digits never become a text, which nobody could wipe.
 * The bytes of a line that the next chunk ends are kept and wiped.
 */
export class IndividualNumberReader {
  readonly #rest = Buffer.alloc(INDIVIDUAL_NUMBER_LINE_BYTES_MAX);
  #kept = 0;
  #rows = -1;

  get rows(): number {
    return Math.max(this.#rows, 0);
  }

  /**
   * The case numbers of the lines that the bytes complete.
   * @throws KuramoriError FILE_REJECTED by place alone
   */
  push(bytes: Uint8Array): { readonly caseNo: string }[] {
    const rows: { readonly caseNo: string }[] = [];
    for (let from = 0; from < bytes.length;) {
      const newline = bytes.indexOf(LF, from);
      const end = newline < 0 ? bytes.length : newline + 1;
      this.#keep(bytes.subarray(from, end));
      from = end;
      if (newline >= 0) this.#line(rows);
    }
    return rows;
  }

  /** @throws KuramoriError FILE_REJECTED when the last line has no end, or there was no heading */
  end(): void {
    if (this.#kept > 0 || this.#rows < 0) throw this.#fault('the end or the heading is missing');
  }

  #keep(part: Uint8Array): void {
    if (this.#kept + part.length > this.#rest.length) throw this.#fault('the line is too long');
    this.#rest.set(part, this.#kept);
    this.#kept += part.length;
  }

  #line(rows: { readonly caseNo: string }[]): void {
    const line = this.#rest.subarray(0, this.#kept);
    const read = this.#rows < 0 ? undefined : this.#row(line.subarray(0, -1));
    if (this.#rows < 0 && !line.equals(HEADING)) throw this.#fault('the heading is not that of the layout');
    if (read !== undefined) rows.push(read);
    this.#rows += 1;
    this.#rest.fill(0);
    this.#kept = 0;
  }

  #row(line: Buffer): { readonly caseNo: string } {
    const first = line.indexOf(COMMA);
    const second = line.indexOf(COMMA, first + 1);
    const number = line.subarray(second + 1);
    if (first < 0 || second < 0 || number.length !== NUMBER_DIGITS || !number.every(isDigit))
      throw this.#fault('it is not a case, an addressee number and twelve digits');
    const [caseNo, addresseeNo] = [
      line.toString('latin1', 0, first),
      line.toString('latin1', first + 1, second),
    ];
    if (!COLUMNS.caseNo.accepts(caseNo) || !COLUMNS.addresseeNo.accepts(addresseeNo))
      throw this.#fault('it is not a case, an addressee number and twelve digits');
    return { caseNo };
  }

  #fault(fault: string): KuramoriError {
    this.#rest.fill(0);
    const row = this.rows + 1;
    return new KuramoriError('FILE_REJECTED', `${INDIVIDUAL_NUMBER_FILE}, row ${row}: ${fault}.`, {
      file: INDIVIDUAL_NUMBER_FILE,
      row,
    });
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}
