import { sql } from './pool.js';

export interface CaseRow {
  readonly caseNo: string;
  readonly addresseeNo: string;
  readonly state: string;
  readonly officerId: string;
  readonly district: string;
  readonly openedOn: string;
}

/** What a person owes: past the due date, and in all. */
export interface OwedRow {
  readonly addresseeNo: string;
  readonly overdue: number;
  readonly outstanding: number;
}

export interface CasesAsked {
  readonly officerId: string;
  readonly openOnly: boolean;
  /** The id of the case that the page before ended with. */
  readonly after: string;
  readonly first: number;
}

/** Cases of one officer, newest first. */
export function findCases({ officerId, openOnly, after, first }: CasesAsked): Promise<CaseRow[]> {
  return sql<CaseRow[]>`
    select c.case_no as "caseNo", c.addressee_no as "addresseeNo", c.officer_id as "officerId", c.district,
      c.opened_on as "openedOn", case when k.case_id is null then 'OPEN' else 'CLOSED' end as state
    from records.delinquency_case c left join records.case_closing k on k.case_id = c.id
    where c.officer_id = ${officerId}::text and c.id < ${after}::bigint
      and (not ${openOnly}::boolean or k.case_id is null)
    order by c.id desc limit ${first}::integer`;
}

/** One row for each person who owes something. */
export function findOwed(addresseeNos: readonly string[]): Promise<OwedRow[]> {
  return sql<OwedRow[]>`
    select b.addressee_no as "addresseeNo",
      coalesce(sum(o.owed) filter (where l.due_on < (now() at time zone 'Asia/Tokyo')::date), 0)::bigint as overdue,
      sum(o.owed)::bigint as outstanding
    from records.levy_balance b
    join records.levy_line l on l.id = b.levy_id
    cross join lateral (
      select greatest(b.tax_outstanding, 0) + greatest(b.reminder_fee_outstanding, 0)
        + greatest(b.late_charge_outstanding, 0) + greatest(b.penalty_outstanding, 0)
        + greatest(b.disposition_cost_outstanding, 0) as owed
    ) as o
    where b.addressee_no = any(${addresseeNos as string[]}::text[]) and not b.settled
    group by b.addressee_no`;
}
