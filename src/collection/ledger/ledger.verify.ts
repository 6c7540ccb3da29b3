import type { Session } from '../../kernel/database/database.js';
import { LEDGER_DIFFERENCES_LISTED_MAX } from '../../kernel/limits.js';
import type { Yen } from '../../kernel/yen.js';

/**
 * Ids of rows that break one rule: how many there are, and the first `LEDGER_DIFFERENCES_LISTED_MAX` of them in
 * order.
 */
export interface Findings<T> {
  readonly count: bigint;
  readonly listed: readonly T[];
}

/** A levy line whose kept balance is not what its journals say. */
export interface BalanceDifference {
  readonly levyId: bigint;
  /** Columns that differ; `missing` when the line has no balance, `surplus` when a balance has no line. */
  readonly columns: readonly string[];
}

/** Yen over the whole ledger, reversals subtracted. */
export interface LedgerTotals {
  readonly received: Yen;
  readonly allocated: Yen;
  readonly overpaid: Yen;
  readonly unidentified: Yen;
  readonly offset: Yen;
  readonly offsetAllocated: Yen;
  /** Refunds proposed and not rejected. */
  readonly refunded: Yen;
}

/** The outcome of `kuramori ledger verify`. */
export interface LedgerVerification {
  /** Whether nothing was found. */
  readonly sound: boolean;
  readonly balances: Findings<BalanceDifference>;
  /** Receipts that are not wholly allocated, overpaid or unidentified. */
  readonly receipts: Findings<bigint>;
  /** Offsets that are not wholly allocated. */
  readonly offsets: Findings<bigint>;
  /**
   * Overpayments of which more was offset and refunded than there is, whose kept balance says something else, or one of
   * whose refunds stands otherwise than is kept.
   */
  readonly overpayments: Findings<bigint>;
  /** Proposals to write off of which something else was booked, or taken back, than was approved. */
  readonly writeOffs: Findings<bigint>;
  /** Rows of each journal that moves money. */
  readonly entries: ReadonlyMap<string, bigint>;
  readonly totals: LedgerTotals;
}

interface FoundRow {
  readonly id: bigint;
  readonly found: bigint;
}

/**
 * Rebuilds every balance from the journals and compares it with the kept one, and proves that each yen received is
 * allocated, overpaid or unidentified exactly once (design §4, handbook 01 §2). Reads only; each statement sees one
 * moment, so it may run while others write. Written apart from the triggers on purpose: an error in them shows here.
 * @param session may read all journals (gateway or owner), without a limit on the time of a statement for a large
 * ledger
 * @throws KuramoriError DATABASE_ERROR, DATABASE_UNAVAILABLE or TIMEOUT
 */
export async function verifyLedger(session: Session): Promise<LedgerVerification> {
  const balances = await compareBalances(session);
  const receipts = await unbalancedReceipts(session);
  const offsets = await unbalancedOffsets(session);
  const overpayments = await wrongOverpayments(session);
  const writeOffs = await wrongWriteOffs(session);
  const entries = await countEntries(session);
  const totals = await sumLedger(session);
  const sound = [balances, receipts, offsets, overpayments, writeOffs].every(({ count }) => count === 0n);
  return { sound, balances, receipts, offsets, overpayments, writeOffs, entries, totals };
}

async function compareBalances(session: Session): Promise<Findings<BalanceDifference>> {
  const rows = await session.run(
    'ledger.verify.balances',
    ({ raw }) => raw<(FoundRow & { columns: string[] })[]>`
    with adjustment as (
      select levy_id, sum(tax_delta) as delta, count(*) as n from records.levy_adjustment group by 1
    ), charge as (
      select levy_id, component, sum(amount) as yen, count(*) as n from records.levy_charge group by 1, 2
    ), allocated as (
      select levy_id, component, sum(amount) as yen, count(*) as n,
        sum(amount) filter (where offset_id is null) as received,
          sum(amount) filter (where receipt_id is null) as offset_in,
        max(effective_on) filter (where offset_id is null) as paid_on
      from records.allocation group by 1, 2
    ), written as (
      select levy_id, component, sum(amount) as yen, count(*) as n from records.write_off group by 1, 2
    ), movement as (
      select levy_id, 'tax' as component, delta as levied, 0 as paid, null::numeric as received,
        null::numeric as offset_in,
        0 as written_off, null::date as paid_on, n from adjustment
      union all select levy_id, component, yen, 0, null, null, 0, null, n from charge
      union all select levy_id, component, 0, yen, received, offset_in, 0, paid_on, n from allocated
      union all select levy_id, component, 0, 0, null, null, yen, null, n from written
    ), rebuilt as (
      select l.id as levy_id, l.addressee_no, l.tax_amount + coalesce(sum(m.levied), 0) as levied,
        coalesce(sum(m.received), 0) as received, coalesce(sum(m.offset_in), 0) as offset_in,
        coalesce(sum(m.written_off), 0) as written_off,
        l.tax_amount + coalesce(sum(levied - paid - written_off) filter (where component = 'tax'), 0) as tax,
        coalesce(sum(levied - paid - written_off) filter (where component = 'reminderFee'), 0) as reminder_fee,
        coalesce(sum(levied - paid - written_off) filter (where component = 'lateCharge'), 0) as late_charge,
        coalesce(sum(levied - paid - written_off) filter (where component = 'penalty'), 0) as penalty,
        coalesce(sum(levied - paid - written_off) filter (where component = 'dispositionCost'), 0) as disposition_cost,
        max(m.paid_on) as last_paid_on, 1 + coalesce(sum(m.n), 0) as entries
      from records.levy_line as l left join movement as m on m.levy_id = l.id group by l.id
    ), compared as (
      select coalesce(r.levy_id, b.levy_id) as id, case
        when b.levy_id is null then array['missing']
        when r.levy_id is null then array['surplus']
        else array_remove(array[
          case when b.addressee_no <> r.addressee_no then 'addressee_no' end,
          case when b.levied <> r.levied then 'levied' end,
          case when b.received <> r.received then 'received' end,
          case when b.offset_in <> r.offset_in then 'offset_in' end,
          case when b.written_off <> r.written_off then 'written_off' end,
          case when b.tax_outstanding <> r.tax then 'tax_outstanding' end,
          case when b.reminder_fee_outstanding <> r.reminder_fee then 'reminder_fee_outstanding' end,
          case when b.late_charge_outstanding <> r.late_charge then 'late_charge_outstanding' end,
          case when b.penalty_outstanding <> r.penalty then 'penalty_outstanding' end,
          case when b.disposition_cost_outstanding <> r.disposition_cost then 'disposition_cost_outstanding' end,
          case when b.last_paid_on is distinct from r.last_paid_on then 'last_paid_on' end,
          case when b.entries <> r.entries then 'entries' end
        ], null) end as columns
      from rebuilt as r full outer join records.levy_balance as b on b.levy_id = r.levy_id
    )
    select id, columns, count(*) over () as found from compared where cardinality(columns) > 0
    order by id limit ${LEDGER_DIFFERENCES_LISTED_MAX}`,
  );
  return { count: rows[0]?.found ?? 0n, listed: rows.map(({ id, columns }) => ({ levyId: id, columns })) };
}

async function unbalancedReceipts(session: Session): Promise<Findings<bigint>> {
  return findings(
    await session.run(
      'ledger.verify.receipts',
      ({ raw }) => raw<FoundRow[]>`
    with explained as (
      select receipt_id as id, amount, 0 as unidentified from records.allocation where receipt_id is not null
      union all select receipt_id, amount, 0 from records.overpayment
      union all select receipt_id, amount, amount from records.unidentified_entry
    ), per_receipt as (
      select id, sum(amount) as yen, sum(unidentified) as unidentified from explained group by id
    )
    select id, count(*) over () as found
    from records.receipt as r full outer join per_receipt as e using (id)
    where coalesce(r.amount, 0) <> coalesce(e.yen, 0)
      or coalesce(e.unidentified, 0) not between least(r.amount, 0) and greatest(r.amount, 0)
    order by id limit ${LEDGER_DIFFERENCES_LISTED_MAX}`,
    ),
  );
}

async function unbalancedOffsets(session: Session): Promise<Findings<bigint>> {
  return findings(
    await session.run(
      'ledger.verify.offsets',
      ({ raw }) => raw<FoundRow[]>`
    with per_offset as (
      select offset_id as id, sum(amount) as yen from records.allocation where offset_id is not null group by 1
    )
    select id, count(*) over () as found
    from records.offset_entry as o full outer join per_offset as a using (id)
    where coalesce(o.amount, 0) <> coalesce(a.yen, 0)
    order by id limit ${LEDGER_DIFFERENCES_LISTED_MAX}`,
    ),
  );
}

async function wrongOverpayments(session: Session): Promise<Findings<bigint>> {
  return findings(
    await session.run(
      'ledger.verify.overpayments',
      ({ raw }) => raw<FoundRow[]>`
    with moved_out as (
      select overpayment_id as id, sum(amount) as yen from records.offset_entry group by 1
    ), refunded as (
      select f.overpayment_id as id, sum(f.amount) filter (where d.refund_id is null) as proposed,
        sum(f.amount) filter (where d.outcome = 'approved') as approved,
        sum(f.amount) filter (where y.refund_id is not null) as paid,
        bool_or(s.state is distinct from case when y.refund_id is not null then 'paid'
          else coalesce(d.outcome, 'proposed') end) as misstated
      from records.refund as f left join records.refund_decision as d on d.refund_id = f.id
        left join records.refund_payment as y on y.refund_id = f.id
        left join records.refund_standing as s on s.refund_id = f.id
      group by 1
    ), given_back as (
      select p.id, p.amount, coalesce(r.reverses_id, r.id) as root, coalesce(o.yen, 0) as offset_out,
        coalesce(f.proposed, 0) as proposed, coalesce(f.approved, 0) as approved, coalesce(f.paid, 0) as paid,
        coalesce(f.misstated, false) as misstated,
        coalesce(o.yen, 0) + coalesce(f.proposed, 0) + coalesce(f.approved, 0) as used
      from records.overpayment as p join records.receipt as r on r.id = p.receipt_id
        left join moved_out as o on o.id = p.id left join refunded as f on f.id = p.id
    ), of_payment as (
      select *, sum(amount) over same_payment as there_is, sum(used) over same_payment as all_used
      from given_back window same_payment as (partition by root)
    )
    select coalesce(g.id, b.overpayment_id) as id, count(*) over () as found
    from of_payment as g full outer join records.overpayment_balance as b on b.overpayment_id = g.id
    where g.used > greatest(g.amount, 0) or g.all_used > g.there_is or g.misstated
      or (b.root_receipt_id, b.offset_out, b.refund_proposed, b.refund_approved, b.refund_paid, b.remaining)
        is distinct from (g.root, g.offset_out, g.proposed, g.approved, g.paid,
          greatest(0, least(g.amount - g.used, g.there_is - g.all_used)))
    order by id limit ${LEDGER_DIFFERENCES_LISTED_MAX}`,
    ),
  );
}

async function wrongWriteOffs(session: Session): Promise<Findings<bigint>> {
  return findings(
    await session.run(
      'ledger.verify.writeOffs',
      ({ raw }) => raw<FoundRow[]>`
    with approved as (
      select c.proposal_id as id, c.levy_id, c.component, p.cause, d.decided_on, c.amount
      from records.write_off_decision as d join records.write_off_proposal as p on p.id = d.proposal_id
        join records.write_off_claim as c on c.proposal_id = p.id
      where d.outcome = 'approved'
    ), booked as (
      select proposal_id as id, levy_id, component, cause, written_off_on as decided_on, sum(amount) as amount
      from records.write_off where proposal_id is not null and reversal_id is null group by 1, 2, 3, 4, 5
    ), taken_back as (
      select r.proposal_id as id, l.levy_id, r.id as reversal_id
      from records.write_off_reversal_decision as d join records.write_off_reversal as r on r.id = d.reversal_id
        join records.write_off_reversal_line as l on l.reversal_id = r.id
      where d.outcome = 'approved'
    ), booked_back as (
      select proposal_id as id, levy_id, reversal_id, sum(amount) as yen
      from records.write_off where reversal_id is not null group by 1, 2, 3
    ), wrong as (
      select distinct id from approved as a full outer join booked as b
        using (id, levy_id, component, cause, decided_on)
      where a.amount is distinct from b.amount
      union
      select id from taken_back full outer join booked_back as v using (id, levy_id, reversal_id)
        left join (select id, levy_id, sum(amount) as yen from booked group by 1, 2) as w using (id, levy_id)
      where v.yen is distinct from -w.yen
      union
      select id from booked_back left join taken_back as t using (id, levy_id, reversal_id) where t.id is null
    )
    select id, count(*) over () as found from wrong order by id limit ${LEDGER_DIFFERENCES_LISTED_MAX}`,
    ),
  );
}

async function countEntries(session: Session): Promise<ReadonlyMap<string, bigint>> {
  const rows = await session.run(
    'ledger.verify.entries',
    ({ raw }) => raw<{ journal: string; rows: bigint }[]>`
    select 'levy_line' as journal, count(*) as rows from records.levy_line
    union all select 'levy_adjustment', count(*) from records.levy_adjustment
    union all select 'levy_charge', count(*) from records.levy_charge
    union all select 'write_off', count(*) from records.write_off
    union all select 'receipt', count(*) from records.receipt
    union all select 'allocation', count(*) from records.allocation
    union all select 'unidentified_entry', count(*) from records.unidentified_entry
    union all select 'overpayment', count(*) from records.overpayment
    union all select 'offset_entry', count(*) from records.offset_entry
    union all select 'refund', count(*) from records.refund`,
  );
  return new Map(rows.map(({ journal, rows: count }) => [journal, count]));
}

async function sumLedger(session: Session): Promise<LedgerTotals> {
  const [row] = await session.run(
    'ledger.verify.totals',
    ({ raw }) => raw<[LedgerTotals]>`
    select
      (select coalesce(sum(amount), 0) from records.receipt) as received,
      (select coalesce(sum(amount), 0) from records.allocation where receipt_id is not null) as allocated,
      (select coalesce(sum(amount), 0) from records.overpayment) as overpaid,
      (select coalesce(sum(amount), 0) from records.unidentified_entry) as unidentified,
      (select coalesce(sum(amount), 0) from records.offset_entry) as offset,
      (select coalesce(sum(amount), 0) from records.allocation where offset_id is not null) as "offsetAllocated",
      (select coalesce(sum(f.amount), 0) from records.refund as f
       where not exists (select from records.refund_decision as d where d.refund_id = f.id and d.outcome = 'rejected')
      ) as refunded`,
  );
  return { ...row };
}

function findings(rows: readonly FoundRow[]): Findings<bigint> {
  return { count: rows[0]?.found ?? 0n, listed: rows.map(({ id }) => id) };
}
