import type { Session } from '../../kernel/database/database.js';
import { violates } from '../../kernel/database/errors.js';
import { arrayText } from './line.store.js';
import { conflict, lockLevies, lockReceipt, missing } from './lock.store.js';
import { LATE_CHARGE_WITHDRAWN } from './posting.store.js';

/** A reversal. */
export interface ReversedReceipt {
  readonly receiptId: bigint;
  readonly reversalId: bigint;
}

/**
 * 収納取消: undoes a whole receipt by a receipt of the opposite sign that names it. A late charge that was fixed because
 * this receipt paid the tax in full, and is unpaid again, is withdrawn (handbook 02 §8).
 * @throws KuramoriError NOT_FOUND; CONFLICT when it is or has a reversal, or its overpayment was given back already
 */
export async function reverseReceipt(
  tx: Session,
  receiptId: bigint,
  changeId: bigint,
): Promise<ReversedReceipt> {
  const receipt = await lockReceipt(tx, receiptId);
  const levyIds = await allocatedLevies(tx, receiptId);
  await lockLevies(tx, levyIds);
  const reversalId = await insertReversal(tx, receipt.id, changeId);
  await reverseAllocations(tx, receipt.id, reversalId, changeId);
  await reverseOverpayments(tx, receipt.id, reversalId, changeId);
  await tx.run(
    'receipt.reverseUnidentified',
    ({ raw }) => raw`
    insert into records.unidentified_entry (receipt_id, amount, reason, change_id)
    select ${String(reversalId)}::bigint, -sum(amount), 'reversed', ${String(changeId)}::bigint
      from records.unidentified_entry
    where receipt_id = ${String(receiptId)}::bigint having sum(amount) <> 0`,
  );
  await withdrawLateCharges(tx, levyIds, reversalId, changeId);
  return { receiptId, reversalId };
}

async function allocatedLevies(tx: Session, receiptId: bigint): Promise<bigint[]> {
  const rows = await tx.run(
    'receipt.allocatedLevies',
    ({ raw }) =>
      raw<
        { levy_id: bigint }[]
      >`select distinct levy_id from records.allocation where receipt_id = ${String(receiptId)}::bigint`,
  );
  return rows.map(({ levy_id }) => levy_id);
}

/**
 * Booked on the day of the change; 領収日 stays that of the original, so that the late charge reads as if never
 * paid.
 */
async function insertReversal(tx: Session, receiptId: bigint, changeId: bigint): Promise<bigint> {
  const rows = await tx.run(
    'receipt.reverse',
    ({ raw }) => raw<{ id: bigint }[]>`
    insert into records.receipt (source, tax_item, levy_fiscal_year, instalment_no, notice_no, tax_amount,
      late_charge_amount, collecting_bank, channel, paid_on, received_on, booked_on, addressee_no, levy_id,
        match_rule,
      reverses_id, change_id)
    select source, tax_item, levy_fiscal_year, instalment_no, notice_no, -tax_amount, -late_charge_amount,
      collecting_bank,
      channel, paid_on, (c.at at time zone 'Asia/Tokyo')::date, (c.at at time zone 'Asia/Tokyo')::date,
        addressee_no, levy_id,
      match_rule, r.id, c.id
    from records.receipt r, records.change c where r.id = ${String(receiptId)}::bigint
      and c.id = ${String(changeId)}::bigint
    returning id`,
  );
  return rows[0]?.id ?? missing('receipt.reverse');
}

async function reverseAllocations(
  tx: Session,
  receiptId: bigint,
  reversalId: bigint,
  changeId: bigint,
): Promise<void> {
  await tx.run(
    'receipt.reverseAllocations',
    ({ raw }) => raw`
    insert into records.allocation (levy_id, component, amount, receipt_id, effective_on, change_id)
    select levy_id, component, -sum(amount), ${String(reversalId)}::bigint, effective_on, ${String(changeId)}::bigint
    from records.allocation where receipt_id = ${String(receiptId)}::bigint
    group by levy_id, component, effective_on having sum(amount) <> 0`,
  );
}

async function reverseOverpayments(
  tx: Session,
  receiptId: bigint,
  reversalId: bigint,
  changeId: bigint,
): Promise<void> {
  try {
    await tx.run(
      'receipt.reverseOverpayments',
      ({ raw }) => raw`
      insert into records.overpayment (addressee_no, levy_id, receipt_id, cause, amount, arose_on, change_id)
      select o.addressee_no, o.levy_id, ${String(reversalId)}::bigint, 'reversed', -sum(o.amount),
        (select (at at time zone 'Asia/Tokyo')::date from records.change where id = ${String(changeId)}::bigint),
          ${String(changeId)}::bigint
      from records.overpayment o where o.receipt_id = ${String(receiptId)}::bigint
      group by o.addressee_no, o.levy_id having sum(o.amount) <> 0`,
    );
  } catch (error) {
    if (violates(error, 'overpayment_room')) {
      throw conflict('The overpayment of the receipt is being refunded or was offset. Undo that first.');
    }
    throw error;
  }
}

/** Only where this reversal opened a tax that was paid in full. */
async function withdrawLateCharges(
  tx: Session,
  levyIds: readonly bigint[],
  reversalId: bigint,
  changeId: bigint,
): Promise<void> {
  await tx.run(
    'receipt.withdrawCharge',
    ({ raw }) => raw`
    insert into records.levy_charge (levy_id, component, amount, decided_on, reason, change_id)
    select b.levy_id, 'lateCharge', -b.late_charge_outstanding,
      (select (at at time zone 'Asia/Tokyo')::date from records.change where id = ${String(changeId)}::bigint),
      ${LATE_CHARGE_WITHDRAWN}, ${String(changeId)}::bigint
    from records.levy_balance b
    where b.levy_id = any (${arrayText(levyIds)}::text::bigint[]) 
      and b.tax_outstanding > 0 and b.late_charge_outstanding > 0
      and b.tax_outstanding <= (select -sum(a.amount) from records.allocation a
        where a.receipt_id = ${String(reversalId)}::bigint and a.levy_id = b.levy_id and a.component = 'tax')`,
  );
}
