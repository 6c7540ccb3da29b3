import { KuramoriError } from '../../kernel/errors.js';
import { FILE_FAULTS_REPORTED_MAX } from '../../kernel/limits.js';

/** Codes of handbook 20 §7 and 21 §3, and those of our own loads. */
export const FAULT_CODES = {
  E_EMPTY_FILE: 'The file holds nothing.',
  E_RECORD_LENGTH: 'A record is not as long as the layout says.',
  E_TRUNCATED: 'The file ends inside a record.',
  E_MIXED_EOL: 'A line end differs from the others or is not of the layout.',
  E_TRAILING_DATA: 'Something follows the end of the file.',
  E_ENCODING: 'A byte is not of the character set.',
  E_SEQUENCE: 'A record kind may not stand at its place.',
  E_NO_HEADER: 'The header is missing.',
  E_NO_TRAILER: 'The trailer is missing.',
  E_NO_END: 'The end record is missing.',
  E_HEADING: 'The headings are not those of the layout.',
  E_COLUMNS: 'A row has more or fewer columns than the layout, or broken quotes.',
  E_NUMERIC: 'A number holds something else than digits.',
  E_FIELD_TYPE: 'A field is not of its type.',
  E_FIELD_REQUIRED: 'A field that must be filled is empty.',
  E_CODE_UNKNOWN: 'A code is not in its list.',
  E_CHECK_DIGIT: 'A check digit does not fit.',
  E_CHECK: 'A check of the layout fails.',
  E_DUPLICATE: 'A record stands in the file twice.',
  E_TRAILER_COUNT: 'The trailer counts differently.',
  E_TOTAL: 'The trailer sums differently.',
  E_UNKNOWN_ADDRESSEE: 'The addressee number is not registered.',
  E_UNKNOWN_LEVY: 'The levy line to adjust is not in the ledger.',
  E_KEY_EXISTS: 'The levy line is in the ledger with other content.',
  E_HOLIDAYS_MISSING: 'No holidays are registered for the year of the due date.',
  E_MUNICIPALITY: 'The record is of another municipality.',
} as const;

export type FaultCode = keyof typeof FAULT_CODES;

/**
 * What is wrong, and where; never the content. Record numbers are 1-based in the file, offsets 1-based in the
 * record.
 */
export interface Fault {
  readonly code: FaultCode;
  readonly recordNo?: number;
  readonly field?: string;
  readonly offset?: number;
  /** Which check of the descriptor. */
  readonly check?: string;
}

/** A fault as one line of a report: `record 12 taxAmount: E_NUMERIC`. */
export function faultLine(fault: Fault): string {
  const place = [
    fault.recordNo === undefined ? '' : `record ${fault.recordNo}`,
    fault.field ?? fault.check ?? '',
    fault.offset === undefined ? '' : `offset ${fault.offset}`,
  ].filter((part) => part !== '');
  return `${place.length === 0 ? 'file' : place.join(' ')}: ${fault.code}`;
}

/**
 * The refusal of a whole file.
 * @param count how many faults there are when not all are kept
 */
export function fileRejected(faults: readonly Fault[], count = faults.length): KuramoriError {
  const first = faults[0];
  const place = first?.recordNo === undefined ? '' : ` First at record ${first.recordNo}.`;
  const meaning = first === undefined ? 'It has errors.' : FAULT_CODES[first.code];
  return new KuramoriError(
    'FILE_REJECTED',
    `Nothing of the file was loaded. ${meaning}${place} Mend the file and load it again.`,
    {
      count,
      faults: faults.slice(0, FILE_FAULTS_REPORTED_MAX).map(faultLine),
    },
  );
}
