import type { Session } from '../../kernel/database/database.js';
import { PUSH_CHANGES_MAX } from '../../kernel/limits.js';
import type { PushChange, PushChanges } from '../../protocol/push.js';
import { instantOf } from './push.store.js';

interface ChangeRow extends Omit<PushChange, 'receiptDigest' | 'nextAttemptAt' | 'cancelReason'> {
  readonly receiptDigest: string | null;
  readonly cancelReason: string | null;
  readonly nextAttemptAt: string | null;
}

/**
 * The journal of pushes after a sequence. Sequences grow in the order of commits, so that nothing appears before what
 * was read.
 * @param limit default and ceiling PUSH_CHANGES_MAX
 */
export async function readChanges(session: Session, after: string, limit: number): Promise<PushChanges> {
  const rows = await session.run(
    'vault.push.changes',
    ({ raw }) => raw<ChangeRow[]>`
    select c.sequence::text as sequence, push_request_id as "pushRequestId", state, reason, at, attempt,
      receipt_digest as "receiptDigest", next_attempt_at as "nextAttemptAt",
      cancel_reason as "cancelReason"
    from vault.push_change c where c.sequence > ${after}::bigint
    order by c.sequence limit ${Math.min(limit, PUSH_CHANGES_MAX)}`,
  );
  return { changes: rows.map(changeOf), last: rows.at(-1)?.sequence ?? after };
}

function changeOf({ receiptDigest, cancelReason, nextAttemptAt, at, ...row }: ChangeRow): PushChange {
  return {
    ...row,
    at: inUtc(at),
    ...(receiptDigest !== null && { receiptDigest }),
    ...(cancelReason !== null && { cancelReason }),
    ...(nextAttemptAt !== null && { nextAttemptAt: inUtc(nextAttemptAt) }),
  };
}

function inUtc(text: string): string {
  return new Date(instantOf(text).epochMilliseconds).toISOString();
}
