import { serveFloor } from '../support/floorServer.js';

/**
 * The floor of `gateway.list100`: the first hundred people of a reading, with the balances of their levy lines of a
 * year. The index has the byte order of readings, so the order asked for is that one and nothing is sorted.
 */
serveFloor((raw, { kana, fiscalYear }) => {
  const [from, year] = [String(kana), Number(fiscalYear)];
  return raw<{ data: string }[]>`
    select '{"addressees":{"nodes":[' || coalesce(string_agg(row_to_json(a)::text, ','), '') || ']}}' as data from (
      select p.addressee_no as "addresseeNo", p.name, p.kana, (
        select ('{"nodes":[' || coalesce(string_agg(row_to_json(n)::text, ','), '') || ']}')::json from (
          select l.tax_item as "taxItemCode", l.instalment_no as "instalmentNo", l.due_on as "dueOn", b.levied,
            b.received, greatest(b.tax_outstanding, 0) + greatest(b.reminder_fee_outstanding, 0)
              + greatest(b.late_charge_outstanding, 0) + greatest(b.penalty_outstanding, 0)
              + greatest(b.disposition_cost_outstanding, 0) as outstanding, b.settled
          from records.levy_line l join records.levy_balance b on b.levy_id = l.id
          where l.addressee_no = p.addressee_no and l.levy_fiscal_year = ${year}::smallint
          order by l.levy_fiscal_year, l.tax_item, l.instalment_no, l.id limit 8
        ) as n
      ) as levies
      from records.addressee p
      where p.kana_folded collate "C" >= ${from}::text
        and p.kana_folded collate "C" < (${from}::text || chr(1114109))
      order by p.kana_folded collate "C", p.addressee_no limit 100
    ) as a`;
});
