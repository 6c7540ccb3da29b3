import { sql, type SQL } from 'drizzle-orm';

/** What a balance leaves to pay, over all components; one below zero does not pay for another. */
export function outstandingOf(balance: SQL): SQL {
  return sql`(greatest(${balance}.tax_outstanding, 0) + greatest(${balance}.reminder_fee_outstanding, 0)
    + greatest(${balance}.late_charge_outstanding, 0) + greatest(${balance}.penalty_outstanding, 0)
    + greatest(${balance}.disposition_cost_outstanding, 0))`;
}
