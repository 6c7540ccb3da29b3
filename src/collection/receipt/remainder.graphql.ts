import { sql, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

/** What of a receipt no levy explains, yen. */
export function unidentifiedRemainder(receiptId: PgColumn): SQL {
  return sql`(select coalesce(sum(u.amount), 0)::bigint from records.unidentified_entry u where
    u.receipt_id = ${receiptId})`;
}
