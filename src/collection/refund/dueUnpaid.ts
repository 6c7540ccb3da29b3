import { sql, type SQL } from 'drizzle-orm';
import { outstandingOf } from '../levy/outstanding.graphql.js';

/**
 * 充当すべき未納額: what the person owes on lines whose due date has passed, of the legal family of the overpaid line
 * (17条の2 ①; premiums and taxes never pay each other). An overpayment without a line counts as a tax. Lines that a stay
 * of three years has extinguished owe nothing (15条の7④).
 * @returns yen
 */
export function dueUnpaidOf(addresseeNo: SQL, levyId: SQL, today: SQL): SQL {
  return sql`(select coalesce(sum(${OWED}), 0)::bigint ${dueLines(addresseeNo, levyId, today)})`;
}

/** The same, line by line: `levyId=yen`, with commas between; null for none. */
export function dueLinesOf(addresseeNo: SQL, levyId: SQL, today: SQL): SQL<string | null> {
  return sql<string | null>`(select string_agg(b.levy_id || '=' || ${OWED}, ',')
    ${dueLines(addresseeNo, levyId, today)})`;
}

const OWED = outstandingOf(sql`b`);

function dueLines(addresseeNo: SQL, levyId: SQL, today: SQL): SQL {
  return sql`from records.levy_balance b join records.levy_line l on l.id = b.levy_id
      join records.tax_item i on i.code = l.tax_item
    where b.addressee_no = ${addresseeNo} and not b.settled and l.due_on < ${today}
      and i.legal_family = coalesce((select oi.legal_family from records.levy_line ol
        join records.tax_item oi on oi.code = ol.tax_item where ol.id = ${levyId}), 'tax')
      and not exists (select from records.execution_stay s where s.levy_id = b.levy_id
        and records.stay_in_force(s.id) and records.stay_extinction(s.decided_on) <= ${today})`;
}
