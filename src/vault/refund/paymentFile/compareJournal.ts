import { z } from 'zod';
import { instantText, today } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import { dualControlRequired, type ByAt } from '../../../kernel/dualControl.js';
import { KuramoriError } from '../../../kernel/errors.js';
import { APPROVAL_SAMPLE_MAX } from '../../../kernel/limits.js';
import type { ApprovalId } from '../../approval/approval.js';
import { findApproval } from '../../approval/approval.store.js';
import { consumeApproval } from '../../approval/consume.js';
import { comparedJournalContent } from '../../approval/content.js';
import { requestApproval } from '../../approval/request.js';
import { assertOfficer, OFFICERS } from '../../evidence/entering.js';
import { assertBasis } from '../../operation/basis.store.js';
import { readBody } from '../../operation/body.js';
import type { EffectCall } from '../../operation/effects.js';
import { VaultRefusal } from '../../refusal.js';
import { lockPerson } from '../../staff/staff.store.js';
import type { PaymentFileContext } from './make.js';
import { serializeFiles } from './paymentFile.store.js';
import { assertNotRebuilder } from './rebuilt.js';
import { insertJournalCompared, openRebuilds, type Rebuild } from './rebuilt.store.js';

const form = z.strictObject({ reason: z.string() });

/** Who says that two officers have compared with the bank, by which approval. */
export interface JournalComparison {
  /** The officer who asked for the approval. */
  readonly personId: string;
  readonly approvalId: string;
}

/**
 * Asks a second officer to confirm that the bank's list of transfers was compared with the payment files that the vault
 * knows, after its journal was made anew. The approver is shown each rebuilding, when it was and who decided it.
 */
export async function askJournalComparison(
  tx: Session,
  { assertion, body }: EffectCall,
  requested: ByAt,
): Promise<ApprovalId> {
  const { reason } = readBody(form, body);
  const rebuilds = await rebuildsToCompare(tx);
  await assertNotRebuilder(tx, requested.by);
  const { purpose, basis } = assertion;
  const shown = rebuilds.map(
    ({ rebuildId, rebuiltAt, decidedBy }) => `${rebuildId} at:${rebuiltAt} by:${decidedBy}`,
  );
  return requestApproval(
    tx,
    {
      kind: 'paymentJournalCompared',
      content: comparedJournalContent(assertion, namesOf(rebuilds)),
      summary: {
        count: rebuilds.length,
        purpose,
        basis,
        reason,
        sample: shown.slice(0, APPROVAL_SAMPLE_MAX),
      },
    },
    requested,
  );
}

/** An officer asks, not who pays. @throws KuramoriError FORBIDDEN_PURPOSE */
export function assertMayAskJournalComparison({ actor }: Pick<EffectCall, 'actor'>): void {
  if (!OFFICERS.includes(actor.person.role)) throw new VaultRefusal('role');
}

/**
 * 記録簿の再作成後の照合: writes down what two officers have confirmed of the rebuildings there are. One that comes later
 * has another name, so that neither what was asked before it nor what was entered before it says anything of it.
 * @param note writes the entry of the log, in the transaction
 * @throws KuramoriError CLOCK_UNTRUSTED, NOT_FOUND, ACCOUNT_REVOKED, FORBIDDEN_PURPOSE, DUAL_CONTROL_REQUIRED
 */
export function comparePaymentJournal(
  context: PaymentFileContext,
  { personId: by, approvalId }: JournalComparison,
  note: (tx: Session, rebuildIds: readonly string[]) => Promise<unknown>,
): Promise<void> {
  const { database, clock, clockGuard } = context;
  clockGuard.assertTrusted();
  return database.transaction('vault.payment.compareJournal', async (tx) => {
    await serializeFiles(tx);
    const rebuildIds = namesOf(await rebuildsToCompare(tx));
    const day = today(clock);
    await lockPerson(tx, by);
    await assertOfficer(tx, by, day);
    const { summary } = (await findApproval(tx, approvalId)) ?? missingApproval();
    await assertBasis(tx, summary, day);
    const content = comparedJournalContent(summary, rebuildIds);
    const approved = { approvalId, kind: 'paymentJournalCompared', content } as const;
    const { decided } = await consumeApproval(tx, approved, { by, at: clock.now() });
    for (const person of [by, decided.by]) await assertNotRebuilder(tx, person);
    await insertJournalCompared(tx, rebuildIds, { approvalId, by, at: instantText(clock) });
    await note(tx, rebuildIds);
  });
}

async function rebuildsToCompare(session: Session): Promise<readonly Rebuild[]> {
  const rebuilds = await openRebuilds(session);
  if (rebuilds.length > 0) return rebuilds;
  throw new KuramoriError(
    'NOT_FOUND',
    'No journal that was made anew waits to be compared. See kuramori vault payment-files.',
  );
}

function namesOf(rebuilds: readonly Rebuild[]): readonly string[] {
  return rebuilds.map(({ rebuildId }) => rebuildId);
}

function missingApproval(): never {
  throw dualControlRequired('missing');
}
