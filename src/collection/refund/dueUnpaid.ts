import { sql, type SQL } from 'drizzle-orm';
import { outstandingOf } from '../levy/outstanding.graphql.js';

/**
 * 充当すべき未納額: what the person owes on lines whose due date has passed, of the legal family of the overpaid line
 * (17条の2 ①; premiums and taxes never pay each other). An overpayment without a line counts as a tax. Lines that a stay
 * of three years (15条の7④) or limitation (18条②) has extinguished owe nothing: nobody can pay them, nor be held to. A
 * stay that still runs, or a promise, takes no line out: it is due all the same. So is what the collection organization
 * has had, as long as not all is known that it did, which may have renewed the limitation.
 * @returns yen
 */
export function dueUnpaidOf(addresseeNo: SQL, levyId: SQL, today: SQL): SQL {
  // The server would ask for the limitation of every line first, due or not: it is the costly part.
  return sql`(select coalesce(sum(${outstandingOf(sql`b`)}), 0)::bigint
    from records.levy_balance b join records.levy_line l on l.id = b.levy_id
      join records.tax_item i on i.code = l.tax_item
    where b.addressee_no = ${addresseeNo} and not b.settled and l.due_on < ${today}
      and i.legal_family = coalesce((select oi.legal_family from records.levy_line ol
        join records.tax_item oi on oi.code = ol.tax_item where ol.id = ${levyId}), 'tax')
      and not exists (select from records.execution_stay s where s.levy_id = b.levy_id
        and records.stay_in_force(s.id) and records.stay_extinction(s.decided_on) <= ${today})
      and case when l.due_on < ${today} then not records.limitation_complete(b.levy_id, ${today}) end)`;
}
