import { serveFloor } from '../support/floorServer.js';

/** The floor of `gateway.ledger`: one person's levy lines of a year with what was applied to them. */
serveFloor((raw, { addresseeNo, fiscalYear }) => {
  const [no, year] = [String(addresseeNo), Number(fiscalYear)];
  return raw<{ data: string }[]>`
    select '{"addressee":' || row_to_json(a)::text || '}' as data from (
      select p.addressee_no as "addresseeNo", p.name, (
        select ('{"nodes":[' || coalesce(string_agg(row_to_json(n)::text, ','), '') || ']}')::json from (
          select l.id::text as id, l.notice_no as "noticeNo", item.item as "taxItem",
            l.instalment_no as "instalmentNo", l.due_on as "dueOn", b.levied, b.received,
            b.tax_outstanding as "taxOutstanding", b.late_charge_outstanding as "lateChargeOutstanding", b.settled, (
              select ('{"nodes":[' || coalesce(string_agg(row_to_json(m)::text, ','), '') || ']}')::json from (
                select c.amount, c.effective_on as "effectiveOn", (
                    select row_to_json(s) from (
                      select r.id::text as id, r.channel, r.paid_on as "paidOn", r.booked_on as "bookedOn", r.amount
                      from records.receipt r where r.id = c.receipt_id
                    ) as s
                  ) as receipt
                from records.allocation c where c.levy_id = l.id order by c.effective_on, c.id limit 8
              ) as m
            ) as allocations
          from records.levy_line l
          join records.levy_balance b on b.levy_id = l.id
          cross join lateral (
            select row_to_json(t) as item from (
              select name from records.tax_item where code = l.tax_item
            ) as t
          ) as item
          where l.addressee_no = p.addressee_no and l.levy_fiscal_year = ${year}::smallint
          order by l.levy_fiscal_year, l.tax_item, l.instalment_no, l.id limit 40
        ) as n
      ) as levies
      from records.addressee p where p.addressee_no = ${no}::text
    ) as a`;
});
