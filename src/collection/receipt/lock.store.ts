import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { arrayText } from './line.store.js';

/** In the order of their keys, before anything is read of them. */
export async function lockLevies(tx: Session, levyIds: readonly bigint[]): Promise<void> {
  await tx.run(
    'receipt.lockLevies',
    ({ raw }) => raw`select records.lock_levies(${arrayText(levyIds)}::text::bigint[])`,
  );
}

/** A receipt that nobody else can change until the transaction ends. */
export interface LockedReceipt {
  id: bigint;
  tax_amount: bigint;
  paid_on: IsoDate;
  reverses: boolean;
  reversed: boolean;
  unidentified: bigint;
}

/**
 * Locks a receipt that may still be acted upon.
 * @throws KuramoriError NOT_FOUND; CONFLICT when it is or has a reversal
 */
export async function lockReceipt(tx: Session, receiptId: bigint): Promise<LockedReceipt> {
  await tx.run(
    'receipt.lock',
    ({ raw }) => raw`select records.lock_receipts(${arrayText([receiptId])}::text::bigint[])`,
  );
  const [receipt] = await tx.run(
    'receipt.read',
    ({ raw }) => raw<LockedReceipt[]>`
    select r.id, r.tax_amount, r.paid_on, r.reverses_id is not null as reverses,
      exists (select from records.receipt v where v.reverses_id = r.id) as reversed,
      coalesce((select sum(u.amount) from records.unidentified_entry u where u.receipt_id = r.id),
        0)::bigint as unidentified
    from records.receipt r where r.id = ${String(receiptId)}::bigint`,
  );
  if (receipt === undefined)
    throw new KuramoriError('NOT_FOUND', 'There is no such receipt.', { field: 'receiptId' });
  if (receipt.reverses) throw conflict('The receipt is itself a reversal. Enter the payment anew instead.');
  if (receipt.reversed) throw conflict('The receipt has been reversed already.');
  return receipt;
}

/** The state of a record forbids what is asked. */
export function conflict(sentence: string): KuramoriError {
  return new KuramoriError('CONFLICT', sentence);
}

/** For an insert that did not answer its row. */
export function missing(statement: string): never {
  throw new KuramoriError('INTERNAL', `The statement ${statement} answered no row.`);
}
