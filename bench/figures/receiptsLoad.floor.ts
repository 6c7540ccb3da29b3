import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FileSlip } from '../../src/demonstration/files/slips.js';
import type { Database, Session } from '../../src/kernel/database/database.js';

/** A COPY that fails never settles in the driver (lessons 39): after this the measurement gives up. */
const COPY_MS_MAX = 30_000;
const COPY_CHUNK_ROWS = 2_000;

/** The rows as COPY takes them, in pieces, made beforehand. */
export function copyRows(slips: readonly FileSlip[]): readonly Buffer[] {
  const lines = slips.map(({ fields, line }, index) => {
    const columns = [
      index + 1,
      fields['taxItemCode'],
      fields['levyFiscalYear'],
      fields['instalmentNo'],
      line === undefined ? null : fields['noticeNo'],
      line?.assessmentYear ?? null,
      fields['billedAmount'],
      fields['taxAmount'],
      fields['lateCharge'],
      fields['collectingBank'],
      fields['channel'],
      fields['paidOn'],
    ];
    return `${columns.map((value) => (value === null || value === undefined ? '\\N' : String(value))).join('\t')}\n`;
  });
  const pieces: Buffer[] = [];
  for (let from = 0; from < lines.length; from += COPY_CHUNK_ROWS) {
    pieces.push(Buffer.from(lines.slice(from, from + COPY_CHUNK_ROWS).join('')));
  }
  return pieces;
}

/**
 * The least that enters the rows into the ledger: COPY, then one statement that finds the lines by their keys and
 * books every yen on the tax or as unidentified. No rules, no classes, no outcome, no audit record.
 */
export async function loadPlainly(
  database: Database,
  rows: readonly Buffer[],
  bookedOn: string,
): Promise<void> {
  await database.transaction('floor.load', async (tx) => {
    await tx.run('floor.memory', ({ raw }) => raw`select set_config('work_mem', '128MB', true)`);
    await tx.run(
      'floor.table',
      ({ raw }) => raw`
      create temporary table staged (record_no integer, tax_item text, levy_fiscal_year smallint,
        instalment_no smallint, notice_no text, assessment_year smallint, billed_amount bigint, tax_amount bigint,
        late_charge bigint, collecting_bank text, channel text, paid_on date) on commit drop`,
    );
    await copyIn(tx, rows);
    await tx.run('floor.analyze', ({ raw }) => raw`analyze staged`);
    await enter(tx, bookedOn);
  });
}

async function copyIn(tx: Session, rows: readonly Buffer[]): Promise<void> {
  const stream = await tx.run('floor.copy', ({ raw }) => raw`copy staged from stdin`.writable());
  await pipeline(Readable.from(rows), stream, { signal: AbortSignal.timeout(COPY_MS_MAX) });
}

async function enter(tx: Session, bookedOn: string): Promise<void> {
  await tx.run(
    'floor.enter',
    ({ raw }) => raw`
    with made as (
      insert into records.change (actor_id, purpose, request_id, action)
      values ('W1101', 'COLLECTION', ${randomUUID()}::uuid, 'floor') returning id
    ), matched as (
      select s.*, l.id as levy_id, l.addressee_no, made.id as change_id
      from staged s cross join made
      left join records.levy_line l on l.notice_no = s.notice_no and l.tax_item = s.tax_item
        and l.instalment_no = s.instalment_no and l.levy_fiscal_year = s.levy_fiscal_year
        and l.assessment_year = s.assessment_year and l.return_no = 0
    ), entered as (
      insert into records.receipt (source, record_no, tax_item, levy_fiscal_year, instalment_no, notice_no,
        billed_amount, tax_amount, late_charge_amount, collecting_bank, channel, paid_on, received_on, booked_on,
        addressee_no, levy_id, match_rule, change_id)
      select 'receiptPlain', record_no, tax_item, levy_fiscal_year, instalment_no, notice_no, billed_amount,
        tax_amount, late_charge, collecting_bank, channel, paid_on, ${bookedOn}::date, ${bookedOn}::date,
        addressee_no, levy_id, case when levy_id is null then 'none' else 'levyKey' end, change_id from matched
      returning id, levy_id, amount, paid_on, change_id
    ), applied as (
      insert into records.allocation (levy_id, component, amount, receipt_id, effective_on, change_id)
      select levy_id, 'tax', amount, id, paid_on, change_id from entered where levy_id is not null
    )
    insert into records.unidentified_entry (receipt_id, amount, reason, change_id)
    select id, amount, 'noMatch', change_id from entered where levy_id is null`,
  );
}
