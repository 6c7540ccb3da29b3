import { LATE_CHARGE_FIXED } from '../../../collection/receipt/posting.store.js';
import type { IsoDate } from '../../../kernel/dates.js';
import { KuramoriError } from '../../../kernel/errors.js';
import { sumYen } from '../../../kernel/yen.js';
import type { LoadJob } from '../job.js';
import type { ReceiptsOutcome } from '../outcome.js';

const POST_RECORDS = 50_000;

interface Written {
  received: bigint;
  allocated: bigint;
  overpaid: bigint;
  unidentified: bigint;
}

/**
 * Enters the plan into the ledger, some ten thousand records per statement, in file order.
 * @throws KuramoriError INTERNAL when what was written is not, to the yen, what the outcome says
 */
export async function postSlips(
  job: LoadJob,
  fileId: bigint,
  bookedOn: IsoDate,
  outcome: ReceiptsOutcome,
): Promise<void> {
  const { last, slips } = await extent(job);
  const written: Written[] = [];
  for (let from = 0; from < last; from += POST_RECORDS) {
    written.push(await postRange(job, fileId, bookedOn, from, from + POST_RECORDS));
    job.progress({ phase: 'posting', done: Math.min(from + POST_RECORDS, slips), total: slips });
  }
  assertWritten(written, outcome);
}

async function extent(job: LoadJob): Promise<{ last: number; slips: number }> {
  const [row] = await job.tx.run(
    'load.extent',
    ({ raw }) => raw<{ last: number; slips: number }[]>`
    select coalesce(max(record_no), 0)::integer as last, count(*)::integer as slips from slip_plan`,
  );
  return row ?? { last: 0, slips: 0 };
}

async function postRange(
  job: LoadJob,
  fileId: bigint,
  bookedOn: IsoDate,
  after: number,
  to: number,
): Promise<Written> {
  const change = String(job.changeId);
  const [row] = await job.tx.run(
    'load.post',
    ({ raw }) => raw<Written[]>`
    with slip as materialized (
      select * from slip_plan where record_no > ${after}::integer and record_no <= ${to}::integer
    ), entered as (
      insert into records.receipt (source, file_id, record_no, tax_item, levy_fiscal_year, instalment_no, notice_no,
        billed_amount, tax_amount, late_charge_amount, collecting_bank, channel, paid_on, received_on, booked_on,
          addressee_no,
        levy_id, match_rule, change_id)
      select ${job.layout.descriptor.kind}, ${String(fileId)}::bigint, record_no, tax_item, levy_fiscal_year,
        instalment_no,
        notice_no, billed_amount, tax_amount, late_charge, collecting_bank, channel, paid_on, ${job.today}::date,
        ${bookedOn}::date, addressee_no, levy_id, case when levy_id is null then 'none' else key_read end,
          ${change}::bigint
      from slip order by record_no
      returning id, record_no, amount
    ), posted as materialized (
      select e.id, e.amount, s.record_no, s.levy_id, s.addressee_no, s.paid_on, s.class, s.fast, s.reason
      from entered e join slip s using (record_no)
    ), charged as (
      insert into records.levy_charge (levy_id, component, amount, decided_on, reason, change_id)
      select e.levy_id, 'lateCharge', e.amount, p.paid_on, ${LATE_CHARGE_FIXED}, ${change}::bigint
      from posted p join slip_entry e using (record_no) where e.kind = 'charge' order by e.levy_id
    ), applied as (
      insert into records.allocation (levy_id, component, amount, receipt_id, effective_on, change_id)
      select levy_id, 'tax', amount, id, paid_on, ${change}::bigint from posted
      where fast and class in ('settled', 'partial')
      union all
      select e.levy_id, e.word, e.amount, p.id, p.paid_on, ${change}::bigint
      from posted p join slip_entry e using (record_no) where e.kind = 'applied'
      returning amount
    ), overpaid as (
      insert into records.overpayment (addressee_no, levy_id, receipt_id, cause, amount, arose_on, change_id)
      select addressee_no, levy_id, id, class, amount, paid_on, ${change}::bigint from posted
      where fast and class = 'doublePayment'
      union all
      select p.addressee_no, e.levy_id, p.id, e.word, e.amount, p.paid_on, ${change}::bigint
      from posted p join slip_entry e using (record_no) where e.kind = 'overpaid'
      returning amount
    ), unidentified as (
      insert into records.unidentified_entry (receipt_id, amount, reason, change_id)
      select id, amount, reason, ${change}::bigint from posted where class = 'unidentified'
      returning amount
    )
    select (select coalesce(sum(amount), 0)::bigint from entered) as received,
      (select coalesce(sum(amount), 0)::bigint from applied) as allocated,
      (select coalesce(sum(amount), 0)::bigint from overpaid) as overpaid,
      (select coalesce(sum(amount), 0)::bigint from unidentified) as unidentified`,
  );
  return row ?? { received: 0n, allocated: 0n, overpaid: 0n, unidentified: 0n };
}

/** Planned and written are compared where they are written: the outcome is what people will believe. */
function assertWritten(written: readonly Written[], outcome: ReceiptsOutcome): void {
  const sum = (pick: (row: Written) => bigint) => sumYen(written.map(pick));
  const said = (pick: (item: ReceiptsOutcome['items'][number]) => string) =>
    sumYen(outcome.items.map((item) => BigInt(pick(item))));
  const agrees =
    sum(({ received }) => received) === said(({ yen }) => yen) &&
    sum(({ allocated }) => allocated) === said(({ allocated }) => allocated) &&
    sum(({ overpaid }) => overpaid) === said(({ overpaid }) => overpaid) &&
    sum(({ unidentified }) => unidentified) === said(({ unidentified }) => unidentified) &&
    BigInt(outcome.trailer.yen) === said(({ yen }) => yen) + BigInt(outcome.setAside.yen);
  if (!agrees)
    throw new KuramoriError(
      'INTERNAL',
      'The receipts written do not add up to the plan. Nothing was loaded.',
    );
}
