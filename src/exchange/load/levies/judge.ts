import type { Session } from '../../../kernel/database/database.js';
import type { FaultCode } from '../../layout/faults.js';
import type { LoadJob } from '../job.js';

interface BadRow {
  record_no: number;
  file_offset: bigint;
  byte_length: number;
  code: FaultCode;
  field: string;
  tax_amount: bigint;
}

/**
 * Compares the staged records with the ledger, all at once. What is wrong goes to the bad records; the rest stays,
 * each with its `action`: create, adjust or unchanged, and the levy line it means.
 * @throws KuramoriError FILE_REJECTED when there are bad records and the policy is `reject`
 */
export async function judgeLevies(job: LoadJob): Promise<void> {
  const { tx } = job;
  await tx.run('load.analyzeLevies', ({ raw }) => raw`analyze staged_levy`);
  await judge(tx);
  const bad = await tx.run(
    'load.badLevies',
    ({ raw }) => raw<BadRow[]>`
    select record_no, file_offset, byte_length, code, field, tax_amount from levy_plan
      where code is not null order by record_no`,
  );
  for (const row of bad) {
    const { record_no: recordNo, code, field } = row;
    const faults = [{ code, recordNo, field }];
    job.bad.add({
      recordNo,
      offset: Number(row.file_offset),
      length: row.byte_length,
      faults,
      yen: row.tax_amount,
    });
  }
  job.bad.judge();
  await tx.run('load.planIndex', ({ raw }) => raw`create index on levy_plan (record_no) where code is null`);
}

/**
 * Same key, same kind twice in one file: which one holds cannot be known. A levy and its adjustment may come
 * together.
 */
async function judge(tx: Session): Promise<void> {
  await tx.run(
    'load.judgeLevies',
    ({ raw }) => raw`
    create temporary table levy_plan on commit drop as
    select *, coalesce(own_code, case when record_kind = 'adjustment' and levy_id is null
        and not bool_or(record_kind = 'levy' and own_code is null) over (partition by notice_no, tax_item,
          instalment_no,
          assessment_year, tax_year, payroll_agent_no, return_no, business_year_no, child_addressee_no,
            former_municipality_code)
        then 'E_UNKNOWN_LEVY' end) as code
    from (
    select *, case
        when twins > 1 then 'E_DUPLICATE'
        when not known_addressee then 'E_UNKNOWN_ADDRESSEE'
        when record_kind = 'levy' and levy_id is not null and not same then 'E_KEY_EXISTS'
      end as own_code,
      case when twins = 1 and not known_addressee then 'addresseeNo' else 'noticeNo' end as field,
      case when record_kind = 'adjustment' then 'adjust' when levy_id is null then 'create' else 'unchanged' end
        as action
    from (
      select s.*, l.id as levy_id,
        l.addressee_no = s.addressee_no and l.tax_amount = s.tax_amount and l.nominal_due_on = s.nominal_due_on
          and l.statutory_due_on = s.statutory_due_on and l.priority_on = s.priority_on
            and l.decided_on = s.decided_on
          and l.notified_on = s.notified_on and l.payment_no = s.payment_no and l.confirmation_no = s.confirmation_no
          and l.levy_fiscal_year = s.levy_fiscal_year as same,
        a.addressee_no is not null as known_addressee,
        count(*) over (partition by s.notice_no, s.tax_item, s.instalment_no, s.assessment_year, s.tax_year,
          s.payroll_agent_no, s.return_no, s.business_year_no, s.child_addressee_no, s.former_municipality_code,
          s.record_kind) as twins
      from staged_levy s
      left join records.levy_line l on l.notice_no = s.notice_no and l.tax_item = s.tax_item
        and l.instalment_no = s.instalment_no and l.assessment_year = s.assessment_year and l.tax_year = s.tax_year
        and l.payroll_agent_no = s.payroll_agent_no and l.return_no = s.return_no
          and l.business_year_no = s.business_year_no
        and l.child_addressee_no = s.child_addressee_no and l.municipality_code = s.municipality_code
        and l.former_municipality_code = s.former_municipality_code
      left join records.addressee a on a.addressee_no = s.addressee_no
    ) as compared
    ) as judged`,
  );
}
