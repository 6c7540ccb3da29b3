import { KuramoriError } from '../../kernel/errors.js';
import { TRANSFER_RESULT_ROWS_MAX } from '../../kernel/limits.js';
import { YEN_MAX, type Yen } from '../../kernel/yen.js';
import { readCsv } from '../../protocol/transfer/csv.js';
import {
  COLLECTIONS_FILE,
  RESULT_LAYOUT,
  type ResultFileName,
  type ResultRow,
} from '../../protocol/transfer/result.js';
import { rejectedRow } from './rejected.js';
import type { TransferVault, VaultResult } from './vault.js';

/** A file of a result, whole, within its limit. @throws KuramoriError FILE_REJECTED; what the vault answers */
export async function readResultFile<F extends ResultFileName>(
  vault: TransferVault,
  { resultId }: Pick<VaultResult, 'resultId'>,
  file: F,
): Promise<ResultRow[F][]> {
  const rows: ResultRow[F][] = [];
  for await (const row of readCsv(file, RESULT_LAYOUT[file], vault.resultFile(resultId, file))) {
    if (rows.length >= TRANSFER_RESULT_ROWS_MAX) throw rejectedRow(file, rows.length + 1, 'tooManyRows');
    rows.push(row as ResultRow[F]);
  }
  return rows;
}

/**
 * Yen of a result are counted together, in columns that hold YEN_MAX at most: a result over it is held like one that
 * cannot be read, and does not fail every run.
 * @param amounts of the collections, in the order of their rows
 * @throws KuramoriError FILE_REJECTED
 */
export function assertSumExact(amounts: readonly Yen[]): void {
  let sum = 0n;
  for (const [place, amount] of amounts.entries()) {
    sum += amount;
    if (sum <= YEN_MAX) continue;
    const row = place + 1;
    const sentence = `${COLLECTIONS_FILE}, row ${row}: the amounts up to here are over ${YEN_MAX} yen.`;
    throw new KuramoriError('FILE_REJECTED', sentence, { file: COLLECTIONS_FILE, row });
  }
}

/** A file that a result need not hold; `undefined` when it does not, which is no word about what would be in it. */
export async function readOptionalFile<F extends ResultFileName>(
  vault: TransferVault,
  result: VaultResult,
  file: F,
): Promise<ResultRow[F][] | undefined> {
  const isThere = result.files.some(({ name }) => name === file);
  return isThere ? readResultFile(vault, result, file) : undefined;
}
