import { INSTALMENTS_APART_DAYS_MIN } from '../../../collection/receipt/matching.js';
import type { Session } from '../../../kernel/database/database.js';

/**
 * Finds the levy line of each staged slip, all at once: the SQL twin of `matchSlip`. The result is the temporary
 * table `slip_match`: a line, or the reason why there is none. Keys of levy lines never change, so no lock is
 * needed.
 */
export async function matchSlips(tx: Session): Promise<void> {
  await tx.run(
    'load.matchTable',
    ({ raw }) => raw`
    create temporary table slip_match (record_no integer, levy_id bigint, reason text) on commit drop`,
  );
  await tx.run('load.analyzeSlips', ({ raw }) => raw`analyze staged_slip`);
  await matchKeys(tx);
  await matchPaymentNos(tx);
  await tx.run(
    'load.contradictory',
    ({ raw }) => raw`
    insert into slip_match select record_no, null, 'keyMismatch' from staged_slip where contradictory`,
  );
  await tx.run(
    'load.proposed',
    ({ raw }) => raw`
    insert into slip_match
    select s.record_no, null, case when s.record_no in (
        select n.record_no from staged_slip n
        join records.levy_line l on l.tax_item = n.tax_item and l.levy_fiscal_year = n.levy_fiscal_year
          and l.instalment_no = n.instalment_no
        join records.levy_balance b on b.levy_id = l.id
        where n.key_read = 'none' and b.tax_outstanding + b.reminder_fee_outstanding + b.late_charge_outstanding
          + b.penalty_outstanding + b.disposition_cost_outstanding
          = coalesce(n.billed_amount, n.tax_amount + n.late_charge)
      ) then 'ambiguous' else 'noMatch' end
    from staged_slip s where s.key_read = 'none' and not s.contradictory`,
  );
  await tx.run('load.matchIndex', ({ raw }) => raw`create index on slip_match (levy_id)`);
  await tx.run('load.analyzeMatches', ({ raw }) => raw`analyze slip_match`);
}

async function matchKeys(tx: Session): Promise<void> {
  await tx.run(
    'load.matchKeys',
    ({ raw }) => raw`
    insert into slip_match
    select s.record_no, case when count(l.id) = 1 then min(l.id) end,
      case when count(l.id) = 0 then 'noMatch' when count(l.id) > 1 then 'ambiguous' end
    from staged_slip s
    left join records.levy_line l on l.notice_no = s.notice_no and l.tax_item = s.tax_item
      and l.instalment_no = s.instalment_no and l.levy_fiscal_year = s.levy_fiscal_year
      and (s.assessment_year is null or l.assessment_year = s.assessment_year)
      and (s.return_no is null or l.return_no = s.return_no)
    where s.key_read in ('levyKey', 'noticeNo') and not s.contradictory
    group by s.record_no`,
  );
}

async function matchPaymentNos(tx: Session): Promise<void> {
  await tx.run(
    'load.matchPaymentNos',
    ({ raw }) => raw`
    insert into slip_match
    select record_no, case when found = 1 and agrees then levy_id end,
      case when found = 0 then 'noMatch' when found > 1 then 'ambiguous' when not agrees then 'keyMismatch' end
    from (
      select s.record_no, count(l.id) as found, min(l.id) as levy_id,
        bool_and(l.tax_item = s.tax_item and l.instalment_no = s.instalment_no
          and l.levy_fiscal_year = s.levy_fiscal_year
          and l.confirmation_no in ('', s.confirmation_no, ltrim(s.confirmation_no, '0'))) as agrees
      from staged_slip s
      left join records.levy_line l on l.payment_no <> '' and l.payment_no in (s.payment_no, ltrim(s.payment_no, '0'))
      where s.key_read = 'paymentNo' and not s.contradictory
      group by s.record_no
    ) as looked_up`,
  );
}

/**
 * Locks every balance that the file touches, then decides the simple slips in SQL: the only slip for its line, only
 * tax, nothing else owed, paid in part or exactly in time; or a line that was settled before. The rest keeps `class`
 * null for the pure rule (`postSlip`); a property test holds the two together.
 * @returns how many slips the pure rule must decide
 */
export async function planSlips(tx: Session): Promise<number> {
  await tx.run(
    'load.lockLevies',
    ({ raw }) => raw`
    select records.lock_levies((select array_agg(distinct levy_id) from slip_match where levy_id is not null))`,
  );
  await tx.run(
    'load.plan',
    ({ raw }) => raw`
    create temporary table slip_plan on commit drop as
    select *, class is not null as fast from (
      select *, case
        when levy_id is null then 'unidentified'
        when slips > 1 or wrong_instalment then null
        when settled then 'doublePayment'
        when late_charge > 0 or owes_more then null
        when tax_amount < tax_outstanding then 'partial'
        when tax_amount = tax_outstanding and in_time then 'settled'
      end as class
      from (
        select s.*, m.levy_id, m.reason, b.addressee_no, b.settled, b.tax_outstanding,
          count(*) over (partition by m.levy_id) as slips,
          b.tax_outstanding <= 0 or b.reminder_fee_outstanding > 0 or b.late_charge_outstanding > 0
            or b.penalty_outstanding > 0 or b.disposition_cost_outstanding > 0 as owes_more,
          b.offset_in = 0 and greatest(s.paid_on, b.last_paid_on) <= l.due_on as in_time,
          case when l.instalment_no > 1 and l.due_on - s.paid_on >= ${INSTALMENTS_APART_DAYS_MIN}::integer then
            exists (
            select from records.levy_line p join records.levy_balance o on o.levy_id = p.id
            where p.notice_no = l.notice_no and p.tax_item = l.tax_item and p.instalment_no = l.instalment_no - 1
              and p.assessment_year = l.assessment_year and p.tax_year = l.tax_year and p.return_no = l.return_no
              and p.levy_fiscal_year = l.levy_fiscal_year and p.due_on >= s.paid_on and p.due_on < l.due_on
              and o.tax_outstanding + o.reminder_fee_outstanding + o.late_charge_outstanding + o.penalty_outstanding
                + o.disposition_cost_outstanding = s.tax_amount + s.late_charge
              and not exists (select from slip_match h where h.levy_id = p.id)
              and not exists (
                select from records.levy_line e
                where e.notice_no = l.notice_no and e.tax_item = l.tax_item and e.instalment_no = l.instalment_no - 2
                  and e.assessment_year = l.assessment_year and e.tax_year = l.tax_year and e.return_no = l.return_no
                  and e.levy_fiscal_year = l.levy_fiscal_year and e.due_on >= s.paid_on)
          ) else false end as wrong_instalment
        from staged_slip s join slip_match m using (record_no)
        left join records.levy_line l on l.id = m.levy_id
        left join records.levy_balance b on b.levy_id = m.levy_id
      ) as looked_up
    ) as decided`,
  );
  await tx.run('load.planIndex', ({ raw }) => raw`create unique index on slip_plan (record_no)`);
  await tx.run(
    'load.hardIndex',
    ({ raw }) => raw`create index on slip_plan (levy_id, record_no) where class is null`,
  );
  await tx.run('load.analyzePlan', ({ raw }) => raw`analyze slip_plan`);
  const [row] = await tx.run(
    'load.hardSlips',
    ({ raw }) => raw<{ hard: number }[]>`
    select count(*)::integer as hard from slip_plan where class is null`,
  );
  return row?.hard ?? 0;
}
