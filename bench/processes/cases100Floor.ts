import { serveFloor } from '../support/floorServer.js';

/** The floor of `gateway.cases100`: the next hundred open cases of an officer, with what each person owes. */
serveFloor((raw, { officerId, beforeId }) => {
  const [officer, before] = [String(officerId), String(beforeId)];
  return raw<{ data: string }[]>`
    select '{"delinquencyCases":{"nodes":[' || coalesce(string_agg(row_to_json(n)::text, ','), '') || ']}}' as data
    from (
      select c.case_no as "caseNo", 'OPEN' as state, c.officer_id as "officerId", c.district,
        c.opened_on as "openedOn", o.overdue, o.outstanding, (
          select row_to_json(a) from (
            select p.addressee_no as "addresseeNo", p.name, p.kana
            from records.addressee p where p.addressee_no = c.addressee_no
          ) as a
        ) as addressee
      from (
        select * from records.delinquency_case c
        where c.officer_id = ${officer}::text and c.id < ${before}::bigint
          and not exists (select from records.case_closing k where k.case_id = c.id)
        order by c.id desc limit 100
      ) as c
      cross join lateral (
        select
          coalesce(sum(s.owed) filter (where s.due_on < (now() at time zone 'Asia/Tokyo')::date), 0)::bigint as overdue,
          coalesce(sum(s.owed), 0)::bigint as outstanding
        from (
          select l.due_on, greatest(b.tax_outstanding, 0) + greatest(b.reminder_fee_outstanding, 0)
            + greatest(b.late_charge_outstanding, 0) + greatest(b.penalty_outstanding, 0)
            + greatest(b.disposition_cost_outstanding, 0) as owed
          from records.levy_balance b join records.levy_line l on l.id = b.levy_id
          where b.addressee_no = c.addressee_no and not b.settled
        ) as s
      ) as o
      order by c.id desc
    ) as n`;
});
