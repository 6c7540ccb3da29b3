import type { Session } from '../../../kernel/database/database.js';
import { handoverLines, type Handover } from '../case.store.js';
import { frozenCases, type SnapshotScope } from './rows.store.js';

/**
 * 滞納明細 as of the freeze, into the journal that everything later is measured by. What was paid and reduced is summed
 * from the journals, what is unpaid is the ledger's: the table's own check compares them line by line.
 * @returns how many lines
 */
export async function freezeLines(
  tx: Session,
  roundId: bigint,
  handover: Handover,
  changeId: bigint,
): Promise<number> {
  const [row] = await tx.run(
    'transfer.freezeLines',
    ({ raw }) => raw<{ lines: number }[]>`
    with frozen as materialized (
      insert into records.transfer_line (transfer_id, line_no, levy_id, assessed, paid, reduced, unpaid,
        late_charge_fixed, late_charge_from, reminder_fee, disposition_cost, change_id)
      select f.transfer_id, row_number() over (partition by f.transfer_id order by h.due_on, h.levy_id), h.levy_id,
        l.tax_amount + coalesce(raised.yen, 0) + coalesce(penalty.yen, 0), coalesce(paid.yen, 0),
        coalesce(lowered.yen, 0) + coalesce(written_off.yen, 0), h.unpaid, h.late_charge_fixed,
        case when h.unpaid > 0 then h.due_on + 1 end, h.reminder_fee, h.disposition_cost, ${String(changeId)}::bigint
      from (${frozenCases(raw, roundId)}) as f
      join (${handoverLines(raw, handover)}) as h on h.case_id = f.case_id
      join records.levy_line l on l.id = h.levy_id
      left join lateral (select sum(a.tax_delta)::bigint as yen from records.levy_adjustment a
        where a.levy_id = h.levy_id and a.tax_delta > 0) as raised on true
      left join lateral (select -sum(a.tax_delta)::bigint as yen from records.levy_adjustment a
        where a.levy_id = h.levy_id and a.tax_delta < 0) as lowered on true
      left join lateral (select sum(c.amount)::bigint as yen from records.levy_charge c
        where c.levy_id = h.levy_id and c.component = 'penalty') as penalty on true
      left join lateral (select sum(a.amount)::bigint as yen from records.allocation a
        where a.levy_id = h.levy_id and a.component in ('tax', 'penalty')) as paid on true
      left join lateral (select sum(w.amount)::bigint as yen from records.write_off w
        where w.levy_id = h.levy_id and w.component in ('tax', 'penalty')) as written_off on true
      returning id
    )
    select count(*)::integer as lines from frozen`,
  );
  return row?.lines ?? 0;
}

/** The same lines as rows of the file. */
export async function freezeLedger(tx: Session, { roundId }: SnapshotScope): Promise<void> {
  await tx.run(
    'transfer.freezeLedger',
    ({ raw }) => raw`
    insert into records.transfer_snapshot_row (round_id, file, row_no, content)
    select ${String(roundId)}::bigint, '03_ledger.csv',
      row_number() over (order by f.case_no collate "C", t.line_no),
      jsonb_build_object('caseNo', f.case_no, 'lineNo', t.line_no, 'taxItem', l.tax_item,
        'levyFiscalYear', l.levy_fiscal_year, 'taxYear', l.tax_year, 'instalmentNo', l.instalment_no,
        'dueOn', l.due_on, 'assessed', t.assessed, 'paid', t.paid, 'reduced', t.reduced, 'unpaid', t.unpaid,
        'lateChargeFixed', t.late_charge_fixed, 'lateChargeFrom', t.late_charge_from,
        'reminderFee', t.reminder_fee, 'dispositionCost', t.disposition_cost, 'notes', null)
    from (${frozenCases(raw, roundId)}) as f
    join records.transfer_line t on t.transfer_id = f.transfer_id
    join records.levy_line l on l.id = t.levy_id`,
  );
}

/** 督促・移管最終催告: what was sent. The record of sending stands for the service (handbook 03 §1, 20条). */
export async function freezeNotices(tx: Session, { roundId }: SnapshotScope): Promise<void> {
  await tx.run(
    'transfer.freezeNotices',
    ({ raw }) => raw`
    insert into records.transfer_snapshot_row (round_id, file, row_no, content)
    select ${String(roundId)}::bigint, '04_notices.csv',
      row_number() over (order by n.case_no collate "C", n.line_no nulls last, n.issued_on),
      jsonb_build_object('caseNo', n.case_no, 'lineNo', n.line_no, 'kind', n.kind, 'issuedOn', n.issued_on,
        'servedOn', null, 'method', 'POST', 'returned', n.returned)
    from (
      select f.case_no, t.line_no, 'REMINDER' as kind, m.sent_on as issued_on, m.returned_on is not null as returned
      from (${frozenCases(raw, roundId)}) as f
      join records.transfer_line t on t.transfer_id = f.transfer_id
      join records.reminder m on m.levy_id = t.levy_id
      union all
      select f.case_no, null, 'FINAL_NOTICE', n.issued_on, false
      from (${frozenCases(raw, roundId)}) as f join records.transfer_notice n on n.transfer_id = f.transfer_id
    ) as n`,
  );
}

/**
 * 執行停止・不納欠損: of any line of the person; stays in force or cancelled, and what was written off of each line and not
 * taken back. Lines under a stay in force, or that owe nothing any more, are not handed over. A cancellation on the day
 * on which the stay extinguished its line, or later, took nothing back (15条の7④): the stay has not ended.
 */
export async function freezeSuspensions(tx: Session, { roundId }: SnapshotScope): Promise<void> {
  await tx.run(
    'transfer.freezeSuspensions',
    ({ raw }) => raw`
    insert into records.transfer_snapshot_row (round_id, file, row_no, content)
    select ${String(roundId)}::bigint, '09_suspension.csv',
      row_number() over (order by f.case_no collate "C", e.kind, e.begins, e.id),
      jsonb_build_object('caseNo', f.case_no, 'kind', e.kind, 'ground', e.ground, 'from', e.begins,
        'until', e.ends, 'amount', e.amount)
    from (${frozenCases(raw, roundId)}) as f
    cross join lateral (
      select s.id, 'SUSPENSION' as kind,
        case s.ground when 'noProperty' then '1' when 'livingInDistress' then '2' else '3' end as ground,
        s.decided_on as begins, x.cancelled_on as ends, null::bigint as amount
      from records.execution_stay s
      left join records.stay_cancellation x on x.stay_id = s.id and not records.stay_in_force(s.id)
      where s.addressee_no = f.addressee_no
      union all
      select min(w.id), 'WRITE_OFF',
        case w.cause when 'limitation' then 'LIMITATION' when 'immediate' then 'IMMEDIATE'
          else 'STAY_THREE_YEARS' end,
        coalesce(min(c.extinguished_on), w.written_off_on), null, sum(w.amount)::bigint
      from records.levy_balance b
      join records.write_off w on w.levy_id = b.levy_id
      left join records.write_off_claim c on c.proposal_id = w.proposal_id and c.levy_id = w.levy_id
        and c.component = w.component
      where b.addressee_no = f.addressee_no and w.reversal_id is null
        and not exists (select from records.write_off v
          where v.reversal_id is not null and v.proposal_id = w.proposal_id and v.levy_id = w.levy_id)
      group by w.levy_id, w.proposal_id, w.cause, w.written_off_on
    ) as e`,
  );
}
