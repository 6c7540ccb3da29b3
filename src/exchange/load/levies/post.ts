import type { LoadJob } from '../job.js';
import type { CountAndYen } from '../outcome.js';

const POST_RECORDS = 50_000;
/** 更正 without a reason of its own. */
const ADJUSTED = '更正';

interface Counted {
  count: number;
  yen: bigint;
}

/** Creates the new levy lines, some ten thousand per statement, in file order. */
export async function createLevies(job: LoadJob): Promise<void> {
  const [extent] = await job.tx.run(
    'load.extent',
    ({ raw }) => raw<{ last: number }[]>`
    select coalesce(max(record_no), 0)::integer as last from levy_plan where code is null`,
  );
  const last = extent?.last ?? 0;
  for (let after = 0; after < last; after += POST_RECORDS) {
    await job.tx.run(
      'load.createLevies',
      ({ raw }) => raw`
      insert into records.levy_line (municipality_code, former_municipality_code, assessment_year, tax_year,
        levy_fiscal_year,
        notice_no, tax_item, payroll_agent_no, instalment_no, return_no, business_year_no, child_addressee_no,
          addressee_no,
        tax_amount, nominal_due_on, due_on, statutory_due_on, priority_on, decided_on, notified_on, payment_no,
        confirmation_no, change_id)
      select municipality_code, former_municipality_code, assessment_year, tax_year, levy_fiscal_year, notice_no,
        tax_item,
        payroll_agent_no, instalment_no, return_no, business_year_no, child_addressee_no, addressee_no, tax_amount,
        nominal_due_on, due_on, statutory_due_on, priority_on, decided_on, notified_on, payment_no, confirmation_no,
        ${String(job.changeId)}::bigint
      from levy_plan
      where code is null and action = 'create' and record_no > ${after}::integer
        and record_no <= ${after + POST_RECORDS}::integer
      order by record_no`,
    );
    job.progress({ phase: 'posting', done: Math.min(after + POST_RECORDS, last), total: last });
  }
}

/**
 * 更正: enters the difference between the new amount and what the line is levied at now; no difference is no entry.
 * The receipts of the lines are locked with them: what a decrease leaves paid too much is taken from these.
 * @returns how many lines were adjusted, and the sum of the differences
 */
export async function adjustLevies(job: LoadJob): Promise<CountAndYen> {
  const change = String(job.changeId);
  await job.tx.run(
    'load.adjusted',
    ({ raw }) => raw`
    create temporary table levy_adjusted on commit drop as
    select p.record_no, l.id as levy_id, l.addressee_no, p.tax_amount, p.decided_on, p.notified_on, p.reason
    from levy_plan p
    join records.levy_line l on l.notice_no = p.notice_no and l.tax_item = p.tax_item
      and l.instalment_no = p.instalment_no
      and l.assessment_year = p.assessment_year and l.tax_year = p.tax_year
        and l.payroll_agent_no = p.payroll_agent_no
      and l.return_no = p.return_no and l.business_year_no = p.business_year_no
        and l.child_addressee_no = p.child_addressee_no
      and l.municipality_code = p.municipality_code and l.former_municipality_code = p.former_municipality_code
    where p.code is null and p.action = 'adjust'`,
  );
  await job.tx.run(
    'load.lockLevies',
    ({ raw }) => raw`
    select records.lock_levies_with_receipts((select array_agg(levy_id) from levy_adjusted))`,
  );
  const [row] = await job.tx.run(
    'load.adjust',
    ({ raw }) => raw<Counted[]>`
    with entered as (
      insert into records.levy_adjustment (levy_id, tax_delta, reason, decided_on, notified_on, change_id)
      select levy_id, delta, case when reason = '' then ${ADJUSTED} else reason end, decided_on, notified_on,
        ${change}::bigint
      from (
        select d.*, d.tax_amount - l.tax_amount
          - coalesce((select sum(a.tax_delta) from records.levy_adjustment a where a.levy_id = l.id),
            0)::bigint as delta
        from levy_adjusted d join records.levy_line l on l.id = d.levy_id
      ) as compared
      where delta <> 0 order by record_no
      returning tax_delta
    ) select count(*)::integer as count, coalesce(sum(tax_delta), 0)::bigint as yen from entered`,
  );
  return counted(row);
}

/** A row of counts as the outcome keeps it. */
export function counted(row: { count: number; yen: bigint } | undefined): CountAndYen {
  return { count: row?.count ?? 0, yen: String(row?.yen ?? 0n) };
}
