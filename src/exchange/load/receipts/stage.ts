import type { Session } from '../../../kernel/database/database.js';
import type { IsoDate } from '../../../kernel/dates.js';
import { RECEIPT_YEN_MAX } from '../../../kernel/limits.js';
import type { Yen } from '../../../kernel/yen.js';
import type { DecodedRecord } from '../../layout/decoder.js';
import { plainArray } from '../arrays.js';
import type { Stage } from '../decode.js';
import type { LoadJob } from '../job.js';
import type { Slip, SlipReader } from './slip.js';

const BATCH_RECORDS = 5_000;

/** Slips of the file in a temporary table `staged_slip`, in batches. */
export class SlipStage implements Stage {
  readonly #job: LoadJob;
  readonly #reader: SlipReader;
  #numbers: number[] = [];
  #slips: Slip[] = [];

  constructor(job: LoadJob, reader: SlipReader) {
    this.#job = job;
    this.#reader = reader;
  }

  static async create(tx: Session): Promise<void> {
    await tx.run(
      'load.slipTable',
      ({ raw }) => raw`
      create temporary table staged_slip (
        record_no integer, tax_item text, levy_fiscal_year smallint, instalment_no smallint, key_read text,
          notice_no text,
        assessment_year smallint, return_no smallint, payment_no text, confirmation_no text, contradictory boolean,
        billed_amount bigint, tax_amount bigint, late_charge bigint, collecting_bank text, channel text, paid_on date
      ) on commit drop`,
    );
  }

  take(decoded: DecodedRecord): void {
    const { recordNo, offset, length, record, faults } = decoded;
    if (faults.length > 0) {
      this.#job.bad.add({ recordNo, offset, length, faults, yen: readableYen(record) });
      return;
    }
    const slip = this.#reader(record);
    const yen = slip.taxAmount + slip.lateCharge;
    const check = this.#failedCheck(slip.paidOn, yen);
    if (check !== undefined) {
      this.#job.bad.add({ recordNo, offset, length, faults: [{ code: 'E_CHECK', recordNo, check }], yen });
      return;
    }
    this.#numbers.push(recordNo);
    this.#slips.push(slip);
  }

  #failedCheck(paidOn: IsoDate, amount: Yen): 'R_FUTURE' | 'R_AMOUNT' | undefined {
    // A day to come would be a late charge to come: the day was typed wrong.
    if (paidOn > this.#job.today) return 'R_FUTURE';
    return amount > RECEIPT_YEN_MAX ? 'R_AMOUNT' : undefined;
  }

  full(): boolean {
    return this.#slips.length >= BATCH_RECORDS;
  }

  async flush(): Promise<void> {
    const slips = this.#slips;
    const numbers = this.#numbers;
    this.#slips = [];
    this.#numbers = [];
    if (slips.length === 0) return;
    const column = (pick: (slip: Slip) => string | number | bigint | boolean | null) =>
      plainArray(slips.map(pick));
    await this.#job.tx.run(
      'load.stageSlips',
      ({ raw }) => raw`
      insert into staged_slip select * from unnest(
        ${plainArray(numbers)}::text::integer[], ${column(({ taxItem }) => taxItem)}::text::text[],
        ${column(({ levyFiscalYear }) => levyFiscalYear)}::text::smallint[],
        ${column(({ instalmentNo }) => instalmentNo)}::text::smallint[], ${column(({ read }) => read)}::text::text[],
        ${column(({ noticeNo }) => noticeNo)}::text::text[],
          ${column(({ assessmentYear }) => assessmentYear)}::text::smallint[],
        ${column(({ returnNo }) => returnNo)}::text::smallint[],
          ${column(({ paymentNo }) => paymentNo)}::text::text[],
        ${column(({ confirmationNo }) => confirmationNo)}::text::text[],
        ${column(({ contradictory }) => contradictory)}::text::boolean[],
        ${column(({ billedAmount }) => billedAmount)}::text::bigint[],
          ${column(({ taxAmount }) => taxAmount)}::text::bigint[],
        ${column(({ lateCharge }) => lateCharge)}::text::bigint[],
          ${column(({ collectingBank }) => collectingBank)}::text::text[],
        ${column(({ channel }) => channel)}::text::text[], ${column(({ paidOn }) => paidOn)}::text::date[])`,
    );
  }
}

/** The latest 領収日 among the slips of the file; null when there are none. */
export async function lastPaidOn(tx: Session): Promise<IsoDate | null> {
  const [row] = await tx.run(
    'load.lastPaidOn',
    ({ raw }) => raw<{ day: IsoDate | null }[]>`select max(paid_on) as day from staged_slip`,
  );
  return row?.day ?? null;
}

function readableYen(record: DecodedRecord['record']): bigint {
  const amounts =
    'taxAmount' in record || 'lateCharge' in record ? ['taxAmount', 'lateCharge'] : ['billedAmount'];
  return amounts
    .map((name) => record[name])
    .reduce<bigint>((sum, value) => (typeof value === 'bigint' ? sum + value : sum), 0n);
}
