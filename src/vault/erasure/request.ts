import type { Session } from '../../kernel/database/database.js';
import { dayInJapan } from '../../kernel/dates.js';
import type { ByAt } from '../../kernel/dualControl.js';
import { KuramoriError } from '../../kernel/errors.js';
import { APPROVAL_SAMPLE_MAX } from '../../kernel/limits.js';
import type { ApprovalId } from '../approval/approval.js';
import { requestApproval } from '../approval/request.js';
import { assertNotHeld } from '../hold/hold.store.js';
import type { OpenWork } from '../retention/candidates.js';
import { assertNotErased, lockNumbers, type LockedNumber } from './erased.js';
import { erasureContent, soundOrder, type ErasureOrder } from './order.js';

/**
 * Asks a second person for an erasure (消去の承認依頼).
 * @returns the approval's number
 * @throws KuramoriError BAD_INPUT, NOT_FOUND, ERASED, RETENTION_HOLD, CONFLICT
 */
export async function requestErasure(
  tx: Session,
  openWork: OpenWork,
  order: ErasureOrder,
  requested: ByAt,
): Promise<ApprovalId> {
  const sound = soundOrder(order);
  await lockErasable(tx, openWork, sound, requested);
  const { refs, purpose, basis, reason } = sound;
  return requestApproval(
    tx,
    {
      kind: 'erase',
      content: erasureContent(sound),
      summary: { count: refs.length, purpose, basis, reason, sample: refs.slice(0, APPROVAL_SAMPLE_MAX) },
    },
    requested,
  );
}

/**
 * Locks the numbers of an order against holds and writes, and refuses what must not be erased: all or nothing.
 * @param order sound
 * @throws KuramoriError NOT_FOUND, ERASED, RETENTION_HOLD, CONFLICT when retention has not ended or work is open
 */
export async function lockErasable(
  tx: Session,
  openWork: OpenWork,
  order: ErasureOrder,
  { at }: ByAt,
): Promise<readonly LockedNumber[]> {
  const numbers = await lockNumbers(tx, order.refs);
  await assertNotErased(tx, order.refs);
  await assertNotHeld(tx, order.refs);
  if (order.retentionClass !== undefined) assertRetentionEnded(numbers, dayInJapan(at).toString());
  if ((await openWork(order.refs)).size > 0) {
    throw new KuramoriError(
      'CONFLICT',
      'A case, transfer, inquiry or push still needs one of the numbers. Let it end first.',
    );
  }
  return numbers;
}

function assertRetentionEnded(numbers: readonly LockedNumber[], today: string): void {
  const ended = ({ retentionEndsOn }: LockedNumber) => retentionEndsOn !== null && retentionEndsOn <= today;
  if (numbers.every(ended)) return;
  throw new KuramoriError(
    'CONFLICT',
    'The retention period of one of the numbers has not ended. Leave it out, or name another basis.',
  );
}
