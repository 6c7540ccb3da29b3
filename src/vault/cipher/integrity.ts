import { KuramoriError } from '../../kernel/errors.js';

/**
 * The one answer to a wrong tag, associated data, version, key or length (handbook 15 §10). It says nothing of which,
 * and carries no cause: an adversary who moves rows about must not learn how near he came.
 */
export function integrityFailure(): KuramoriError {
  return new KuramoriError(
    'INTEGRITY_FAILURE',
    'Protected data was altered, moved or sealed under another key. Stop the work and tell the audit officer.',
  );
}
