import { KuramoriError } from '../../kernel/errors.js';

/** A row of a file of the organization that cannot be so, by place: never what stands there. */
export function rejectedRow(file: string, row: number, fault: string): KuramoriError {
  return new KuramoriError('FILE_REJECTED', `${file}, row ${row}: ${fault}.`, { file, row });
}
