import { z } from 'zod';
import { instantText } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import type { ByAt } from '../../../kernel/dualControl.js';
import { KuramoriError } from '../../../kernel/errors.js';
import type { ApprovalId } from '../../approval/approval.js';
import { comparedFileContent } from '../../approval/content.js';
import { requestApproval } from '../../approval/request.js';
import { consumeApproval } from '../../approval/consume.js';
import { readBody } from '../../operation/body.js';
import type { EffectCall } from '../../operation/effects.js';
import { insertCompared, LOST_FILE_OUTCOMES, lostFiles, type LostFile } from './lost.store.js';
import { permitPayment, type PaymentFileContext } from './make.js';
import { serializeFiles } from './paymentFile.store.js';

const form = z.strictObject({
  fileNo: z.int32().min(1),
  outcome: z.enum(LOST_FILE_OUTCOMES),
  reason: z.string(),
});

/** What two people found at the bank of a lost file. */
export interface Comparison {
  readonly fileNo: number;
  readonly outcome: (typeof LOST_FILE_OUTCOMES)[number];
  /** Who asked for the approval. */
  readonly personId: string;
  readonly approvalId: string;
}

/**
 * Asks a second person to confirm what the bank says of a payment file that a restore has lost. The approver is shown
 * file, day, how many, how much and the outcome.
 */
export async function askComparison(
  tx: Session,
  { assertion, body }: EffectCall,
  requested: ByAt,
): Promise<ApprovalId> {
  const { fileNo, outcome, reason } = readBody(form, body);
  const { sha256, payOn, count, totalYen } = await openLostFile(tx, fileNo);
  const { purpose, basis } = assertion;
  const sample = [`file:${fileNo}`, `payOn:${payOn}`, `totalYen:${totalYen}`, `outcome:${outcome}`, sha256];
  return requestApproval(
    tx,
    {
      kind: 'paymentCompared',
      content: comparedFileContent(assertion, { fileNo, sha256, outcome }),
      summary: { count, purpose, basis, reason, sample },
    },
    requested,
  );
}

/**
 * 銀行との照合: writes down what was approved. A file that was `paid` pays its refunds for good; those of one that was
 * `notPaid` wait for a file again.
 * @param note writes the entry of the log, in the transaction
 * @throws KuramoriError CLOCK_UNTRUSTED, NOT_FOUND, CONFLICT, ACCOUNT_REVOKED, FORBIDDEN_PURPOSE, DUAL_CONTROL_REQUIRED
 */
export function comparePaymentFile(
  context: PaymentFileContext,
  { fileNo, outcome, ...order }: Comparison,
  note: (tx: Session, file: LostFile) => Promise<unknown>,
): Promise<void> {
  const { database, clock, clockGuard } = context;
  clockGuard.assertTrusted();
  return database.transaction('vault.payment.compare', async (tx) => {
    await serializeFiles(tx);
    const file = await openLostFile(tx, fileNo);
    const { summary } = await permitPayment(context, tx, order);
    const { personId: by, approvalId } = order;
    const content = comparedFileContent(summary, { fileNo, sha256: file.sha256, outcome });
    await consumeApproval(tx, { approvalId, kind: 'paymentCompared', content }, { by, at: clock.now() });
    await insertCompared(tx, file, { outcome, approvalId, by, at: instantText(clock) });
    await note(tx, file);
  });
}

async function openLostFile(session: Session, fileNo: number): Promise<LostFile> {
  const file = (await lostFiles(session)).find((each) => each.fileNo === fileNo && each.outcome === null);
  if (file !== undefined) return file;
  throw new KuramoriError(
    'NOT_FOUND',
    'No lost payment file of that number waits to be compared. See kuramori vault payment-files.',
  );
}
