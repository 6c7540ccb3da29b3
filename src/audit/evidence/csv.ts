/**
 * U+FEFF: without it, the spreadsheet program on a Japanese desk takes UTF-8 for Shift_JIS.
 */
export const CSV_BOM = '\uFEFF';

const RFC4180_LINE_END = '\r\n';

/**
 * What a spreadsheet program might take for a formula, full width too: a cell may hold what somebody wrote in order to
 * have it run at the auditor's desk (lessons 12).
 */
const FORMULA = /^[\s\u3000]*[=+\-@＝＋－＠]/u;
const TO_BE_QUOTED = /[",\r\n]/;
/** Never printed, and a way to hide what is. Tabs and line ends become spaces. */
const SPACE = /[\t\r\n\u2028\u2029]+/gu;
const INVISIBLE = /[\p{Cc}\p{Cs}\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

/** A cell as it may be shown anywhere: one line, nothing invisible, no formula. */
export function safeCell(text: string): string {
  const plain = text.replaceAll(SPACE, ' ').replaceAll(INVISIBLE, '');
  return FORMULA.test(plain) ? `'${plain}` : plain;
}

/**
 * One line of a CSV file (RFC 4180, CRLF). Cells come from {@link safeCell}.
 * @example csvLine(['1', 'a,b']) // '1,"a,b"\r\n'
 */
export function csvLine(cells: readonly string[]): string {
  return cells.map(quoted).join(',') + RFC4180_LINE_END;
}

function quoted(cell: string): string {
  return TO_BE_QUOTED.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
