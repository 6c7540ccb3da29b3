import { KuramoriError } from '../kernel/errors.js';

/** The one row a statement that inserts or returns must give. @throws KuramoriError INTERNAL when there is none */
export function onlyRow<T>(rows: readonly (T | undefined)[]): T {
  const [row] = rows;
  if (row === undefined) throw new KuramoriError('INTERNAL', 'A statement that must give a row gave none.');
  return row;
}
