import { TRANSFER_RESULT_ROWS_MAX } from '../../kernel/limits.js';
import { readCsv } from '../../protocol/transfer/csv.js';
import { RESULT_LAYOUT, type ResultFileName, type ResultRow } from '../../protocol/transfer/result.js';
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

/** A file that a result need not hold; `undefined` when it does not, which is no word about what would be in it. */
export async function readOptionalFile<F extends ResultFileName>(
  vault: TransferVault,
  result: VaultResult,
  file: F,
): Promise<ResultRow[F][] | undefined> {
  const isThere = result.files.some(({ name }) => name === file);
  return isThere ? readResultFile(vault, result, file) : undefined;
}
