import type { KeyClass } from '../key.js';
import { fileRows } from './file.js';
import { indexRows } from './blindIndex.js';
import { factorRows } from './factor.js';
import { NO_ROWS, type KeyedRows } from './rows.js';
import { spoolRows } from './spool.js';
import { subjectRows } from './subject.js';

/** Of every class: a class that could not be rotated could never be replaced (lessons 53). */
const KEYED_ROWS: Readonly<Record<KeyClass, KeyedRows>> = {
  subject: subjectRows,
  index: indexRows,
  factor: factorRows,
  input: NO_ROWS,
  certificate: NO_ROWS,
  document: NO_ROWS,
  intermediary: NO_ROWS,
  spool: spoolRows,
  file: fileRows,
  transfer: NO_ROWS,
  result: NO_ROWS,
};

/** What lies under the keys of a class. */
export function keyedRows(keyClass: KeyClass): KeyedRows {
  return KEYED_ROWS[keyClass];
}
