import type { Session } from '../../../kernel/database/database.js';
import { dualControlRequired } from '../../../kernel/dualControl.js';
import { KuramoriError } from '../../../kernel/errors.js';
import { openRebuilds } from './rebuilt.store.js';

/**
 * A journal that was made anew from a restored database has none of the files since the backup, and nothing in the
 * vault knows them: a refund in one of them would be paid twice (handbook 12 §7).
 * @throws KuramoriError CONFLICT, rule `rebuiltJournal`, until two officers have compared with the bank since
 */
export async function assertJournalCompared(session: Session): Promise<void> {
  if ((await openRebuilds(session)).length === 0) return;
  throw new KuramoriError(
    'CONFLICT',
    'The erasure journal was made anew, and may lack payment files which the bank has paid. Two officers compare the ' +
      'bank’s list of transfers with kuramori vault payment-files first, and enter that by kuramori vault ' +
      'payment-journal-compared.',
    { rule: 'rebuiltJournal' },
  );
}

/**
 * Whoever decided that the journal is made anew does not confirm what it lacks.
 * @throws KuramoriError DUAL_CONTROL_REQUIRED
 */
export async function assertNotRebuilder(session: Session, personId: string): Promise<void> {
  const rebuilds = await openRebuilds(session);
  if (rebuilds.some(({ decidedBy }) => decidedBy === personId)) throw dualControlRequired('involved');
}
