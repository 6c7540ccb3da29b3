import { today } from '../../kernel/clock.js';
import type { Session } from '../../kernel/database/database.js';
import { destructionContent } from '../approval/content.js';
import { consumeApproval } from '../approval/consume.js';
import type { VaultContext } from '../context.js';
import { VaultRefusal } from '../refusal.js';
import { assertEmployed } from '../staff/person.js';
import { lockPerson, personNotFound } from '../staff/staff.store.js';
import type { KeyClass } from './key.js';

/** Which key, by whom, by which approval. */
export interface Destruction {
  readonly keyClass: KeyClass;
  readonly version: number;
  readonly personId: string;
  readonly approvalId: string;
}

/**
 * Uses up the approval of a second person for the destruction of a key (鍵破棄; handbook 15 §6.3), in the transaction
 * that destroys it. The person is a 鍵管理者 who is employed now, and is locked before the approval, as a withdrawal does.
 * @throws KuramoriError CLOCK_UNTRUSTED, NOT_FOUND, ACCOUNT_REVOKED, FORBIDDEN_PURPOSE, DUAL_CONTROL_REQUIRED
 */
export async function approvedDestruction(
  tx: Session,
  { clock, clockGuard }: Pick<VaultContext, 'clock' | 'clockGuard'>,
  { keyClass, version, personId, approvalId }: Destruction,
): Promise<void> {
  clockGuard.assertTrusted();
  const person = (await lockPerson(tx, personId)) ?? personNotFound();
  assertEmployed(person, today(clock));
  if (person.role !== 'keyCustodian') throw new VaultRefusal('role');
  const content = destructionContent(keyClass, version);
  await consumeApproval(tx, { approvalId, kind: 'destroyKey', content }, { by: personId, at: clock.now() });
}
