import type { VaultContext } from '../context.js';
import { replayJournal } from '../erasure/replay.js';
import { resumeErasures } from '../erasure/resume.js';
import { erasureContextOf } from '../erasure/running.js';
import { replayPaymentFiles } from '../refund/paymentFile/replay.js';
import { installRetentionRules } from '../retention/rule.store.js';

/**
 * What must be done between the opening of the vault and its first operation: whatever a restore brought back is
 * erased again, erasures that a crash interrupted are finished (handbook 11 §6 point 5), payment files that a restore
 * lost are found, and the retention periods that a vault starts with are there. A failure leaves the vault sealed.
 * @throws KuramoriError CONFIGURATION_INVALID, INTEGRITY_FAILURE: the erasure journal is missing, damaged, another's or
 *   older than the database
 */
export async function beforeService(context: VaultContext): Promise<void> {
  const journal = await context.erasureJournal.reopen();
  await replayJournal(context, journal);
  await replayPaymentFiles(context, journal);
  await resumeErasures(erasureContextOf(context));
  await installRetentionRules(context.database);
}
