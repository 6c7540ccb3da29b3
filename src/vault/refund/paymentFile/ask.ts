import { z } from 'zod';
import type { Session } from '../../../kernel/database/database.js';
import type { ByAt } from '../../../kernel/dualControl.js';
import type { ApprovalId } from '../../approval/approval.js';
import { paymentFileContent } from '../../approval/content.js';
import { requestApproval } from '../../approval/request.js';
import { wipe } from '../../cipher/wipe.js';
import { readBody } from '../../operation/body.js';
import type { EffectCall } from '../../operation/effects.js';
import { selectPayments } from './selection.js';

const form = z.strictObject({ payOn: z.iso.date(), reason: z.string() });

/**
 * Asks a second person for a payment file (振込データ), which is then made on the vault's host. It carries what was taken
 * until now; the approver is shown the day, how many, how much in all, and which by their digest.
 */
export async function askPaymentFile(
  tx: Session,
  { context, assertion, body }: EffectCall,
  requested: ByAt,
): Promise<ApprovalId> {
  const { payOn, reason } = readBody(form, body);
  const { content, records } = await selectPayments(context, tx, { payOn, takenUntil: requested.at });
  wipe(...records);
  const { purpose, basis } = assertion;
  const sample = [
    `payOn:${content.payOn}`,
    `totalYen:${content.totalYen}`,
    `refunds:${content.refundsDigest}`,
  ];
  return requestApproval(
    tx,
    {
      kind: 'paymentFile',
      content: paymentFileContent(assertion, content),
      summary: { count: content.count, purpose, basis, reason, sample },
    },
    requested,
  );
}
