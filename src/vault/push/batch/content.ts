import type { Session } from '../../../kernel/database/database.js';
import { answerForm, type Answer } from '../../../protocol/intermediary/answer.js';
import { envelopeForm } from '../../../protocol/intermediary/message.js';
import { pushBodyForm } from '../../../protocol/push.js';
import { integrityFailure } from '../../cipher/integrity.js';
import { wipe } from '../../cipher/wipe.js';
import type { BatchLine } from '../../intermediary/compose.js';
import type { BatchEnvelope } from '../../intermediary/intermediary.js';
import { openItems } from '../../spool/spool.js';
import { openParts } from '../../spool/parts.js';
import type { PushContext } from '../context.js';
import { receiptDigestOf } from '../request.js';
import type { BatchRow } from './batch.store.js';
import type { BatchedPush } from './line.store.js';

/** What was asked on each line. @throws KuramoriError INTEGRITY_FAILURE */
export async function readLines(
  context: PushContext,
  session: Session,
  lines: readonly BatchedPush[],
): Promise<readonly BatchLine[]> {
  const requests = await openItems(
    context,
    session,
    lines.map(({ requestRef }) => requestRef),
    'request',
  );
  try {
    return lines.map(({ lineNo, messageId }, at) => {
      const read = pushBodyForm.safeParse(parsed(requests[at] as Uint8Array));
      if (!read.success || read.data.procedure !== 'inquireRefundAccount') throw integrityFailure();
      return { lineNo, messageId, body: read.data };
    });
  } finally {
    wipe(...requests);
  }
}

/** The envelope as it was written down before it was sent last, with its very bytes. */
export async function readBatchEnvelope(
  context: PushContext,
  { envelopeRefs }: BatchRow,
): Promise<{ readonly envelope: BatchEnvelope; readonly bytes: Uint8Array }> {
  const bytes = await openParts(context, context.database, envelopeRefs ?? [], 'envelope');
  const read = envelopeForm.safeParse(parsed(bytes));
  if (!read.success || read.data.kind !== 'inquiry.batch') throw integrityFailure();
  return { envelope: read.data, bytes };
}

/** The answer that a batch came to, as it was signed. @throws KuramoriError INTEGRITY_FAILURE */
export async function readReceipt(
  context: PushContext,
  { receiptRefs, receiptDigest }: BatchRow,
): Promise<Answer> {
  const bytes = await openParts(context, context.database, receiptRefs ?? [], 'receipt');
  const read = answerForm.safeParse(parsed(bytes));
  if (!read.success || receiptDigestOf(bytes) !== receiptDigest) throw integrityFailure();
  return read.data;
}

function parsed(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString('utf8'));
}
