import { sql, type Column, type SQL } from 'drizzle-orm';
import type { levyBalances } from '../../../schema/records/index.js';
import type { Columns } from '../../access/schema/entity.js';

/** What a balance leaves to pay, over all components; one below zero does not pay for another. */
export function outstandingOf(balance: SQL): SQL {
  return sql`(greatest(${balance}.tax_outstanding, 0) + greatest(${balance}.reminder_fee_outstanding, 0)
    + greatest(${balance}.late_charge_outstanding, 0) + greatest(${balance}.penalty_outstanding, 0)
    + greatest(${balance}.disposition_cost_outstanding, 0))`;
}

/** 未納額（計）: the same, of a balance that is joined. @returns yen */
export function outstandingIn(balance: Columns<typeof levyBalances>): SQL {
  const { taxOutstanding, reminderFeeOutstanding, lateChargeOutstanding } = balance;
  const { penaltyOutstanding, dispositionCostOutstanding } = balance;
  return sql`(greatest(${taxOutstanding}, 0) + greatest(${reminderFeeOutstanding}, 0)
    + greatest(${lateChargeOutstanding}, 0) + greatest(${penaltyOutstanding}, 0)
    + greatest(${dispositionCostOutstanding}, 0))`;
}

/** 未納額（計）: what a person owes on all lines. Settled lines owe nothing, and are not read. @returns yen */
export function owedBy(addresseeNo: Column): SQL {
  return sql`(select coalesce(sum(${outstandingOf(sql`b`)}), 0)::bigint from records.levy_balance b
    where b.addressee_no = ${addresseeNo} and not b.settled)`;
}

/** 滞納額（納期限経過分）: what a person owes on lines whose due date has passed. @returns yen */
export function overdueOf(addresseeNo: Column, today: SQL): SQL {
  return sql`(select coalesce(sum(${outstandingOf(sql`b`)}), 0)::bigint
    from records.levy_balance b join records.levy_line l on l.id = b.levy_id
    where b.addressee_no = ${addresseeNo} and not b.settled and l.due_on < ${today})`;
}
