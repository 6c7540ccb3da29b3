import type { Caller } from '../../access/caller.js';
import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import type { Yen } from '../../kernel/yen.js';
import { takeRefundAccountBodyForm } from '../../protocol/refundAccount.js';
import { isWithinScope } from '../scope.graphql.js';

interface PayoutRow {
  readonly addressee_no: string;
  readonly amount: Yen;
  readonly is_due: boolean;
}

/**
 * What is signed to be paid of a refund is what was decided of it: the vault, which knows of a refund its number alone,
 * could not tell. A body that has not its form the vault refuses.
 * @param body of `takeRefundAccount`
 * @throws KuramoriError NOT_FOUND, CONFLICT
 */
export async function assertPaysOut(tx: Session, caller: Caller, body: unknown): Promise<void> {
  const read = takeRefundAccountBodyForm.safeParse(body);
  if (!read.success) return;
  const [row] = await tx.run(
    'refund.payout',
    ({ raw }) => raw<PayoutRow[]>`
    select r.addressee_no, r.amount, coalesce(d.outcome = 'approved', false) and p.refund_id is null as is_due
    from records.refund r
    left join records.refund_decision d on d.refund_id = r.id
    left join records.refund_payment p on p.refund_id = r.id where r.id::text = ${read.data.refundId}`,
  );
  if (row === undefined || !(await isWithinScope(tx, caller, row.addressee_no)))
    throw refuse('NOT_FOUND', 'There is no such refund. Check its number.');
  if (!row.is_due) throw refuse('CONFLICT', 'The refund is not approved, or it is paid. Read it again.');
  if (row.amount !== BigInt(read.data.amount))
    throw refuse('CONFLICT', 'The amount is not the one that was approved. Sign for that.');
}

function refuse(code: 'NOT_FOUND' | 'CONFLICT', sentence: string): KuramoriError {
  return new KuramoriError(code, sentence, { field: 'body' });
}
