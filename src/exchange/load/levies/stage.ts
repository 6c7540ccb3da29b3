import { effectiveDueDate } from '../../../collection/levy/dueDate.js';
import type { Session } from '../../../kernel/database/database.js';
import { plainDate, type IsoDate } from '../../../kernel/dates.js';
import type { DecodedRecord } from '../../layout/decoder.js';
import type { FaultCode } from '../../layout/faults.js';
import type { DecodedFields, FieldValue } from '../../layout/field.js';
import { plainArray, textArray } from '../arrays.js';
import type { Stage } from '../decode.js';
import type { LoadJob } from '../job.js';

const BATCH_RECORDS = 5_000;

interface StagedLevy {
  readonly recordNo: number;
  readonly offset: number;
  readonly length: number;
  readonly dueOn: IsoDate;
  readonly record: DecodedFields;
}

/** Public holidays by day; a year without any is not registered and says nothing about its days. */
export class HolidayTable {
  readonly #days: ReadonlySet<IsoDate>;
  readonly #years: ReadonlySet<string>;
  readonly #known = new Map<IsoDate, IsoDate | undefined>();

  constructor(days: readonly IsoDate[]) {
    this.#days = new Set(days);
    this.#years = new Set(days.map((day) => day.slice(0, 4)));
  }

  /** The effective due date, or undefined when the year of the nominal or the effective day is not registered. */
  dueOn(nominal: IsoDate): IsoDate | undefined {
    if (!this.#known.has(nominal)) {
      const due = effectiveDueDate(plainDate(nominal), this.#days).toString();
      const registered = [nominal, due].every((day) => this.#years.has(day.slice(0, 4)));
      this.#known.set(nominal, registered ? due : undefined);
    }
    return this.#known.get(nominal);
  }
}

export async function readHolidays(tx: Session): Promise<HolidayTable> {
  const rows = await tx.run(
    'load.holidays',
    ({ raw }) => raw<{ on_day: IsoDate }[]>`select on_day from records.holiday`,
  );
  return new HolidayTable(rows.map(({ on_day }) => on_day));
}

/** Levy records of the file in a temporary table `staged_levy`, in batches, with their effective due dates. */
export class LevyStage implements Stage {
  readonly #job: LoadJob;
  readonly #holidays: HolidayTable;
  #rows: StagedLevy[] = [];
  /** Due dates that closed days moved (handbook 01 §3.1). */
  shifted = 0;

  constructor(job: LoadJob, holidays: HolidayTable) {
    this.#job = job;
    this.#holidays = holidays;
  }

  static async create(tx: Session): Promise<void> {
    await tx.run(
      'load.levyTable',
      ({ raw }) => raw`
      create temporary table staged_levy (
        record_no integer, file_offset bigint, byte_length integer, record_kind text, municipality_code text,
        former_municipality_code text, assessment_year smallint, tax_year smallint, levy_fiscal_year smallint,
          notice_no text,
        tax_item text, payroll_agent_no text, instalment_no smallint, return_no smallint, business_year_no smallint,
        child_addressee_no text, addressee_no text, tax_amount bigint, nominal_due_on date, due_on date,
          statutory_due_on date,
        priority_on date, decided_on date, notified_on date, payment_no text, confirmation_no text, reason text
      ) on commit drop`,
    );
  }

  take(decoded: DecodedRecord): void {
    const { recordNo, offset, length, record } = decoded;
    const nominal = record['nominalDueOn'];
    const dueOn =
      decoded.faults.length === 0 && typeof nominal === 'string' ? this.#holidays.dueOn(nominal) : undefined;
    const faults = decoded.faults.length > 0 ? decoded.faults : this.#faults(recordNo, record, dueOn);
    if (faults.length > 0 || dueOn === undefined) {
      const amount = record['taxAmount'];
      this.#job.bad.add({ recordNo, offset, length, faults, yen: typeof amount === 'bigint' ? amount : 0n });
      return;
    }
    if (dueOn !== nominal) this.shifted++;
    this.#rows.push({ recordNo, offset, length, dueOn, record });
  }

  full(): boolean {
    return this.#rows.length >= BATCH_RECORDS;
  }

  async flush(): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    if (rows.length === 0) return;
    const field = (name: string) => plainArray(rows.map(({ record }) => quotedWhenEmpty(record[name])));
    const own = (pick: (row: StagedLevy) => string | number) => plainArray(rows.map(pick));
    await this.#job.tx.run(
      'load.stageLevies',
      ({ raw }) => raw`
      insert into staged_levy select * from unnest(
        ${own(({ recordNo }) => recordNo)}::text::integer[], ${own(({ offset }) => offset)}::text::bigint[],
        ${own(({ length }) => length)}::text::integer[], ${field('recordKind')}::text::text[],
        ${field('municipalityCode')}::text::text[], ${field('formerMunicipalityCode')}::text::text[],
        ${field('assessmentYear')}::text::smallint[], ${field('taxYear')}::text::smallint[],
        ${field('levyFiscalYear')}::text::smallint[], ${field('noticeNo')}::text::text[],
          ${field('taxItemCode')}::text::text[],
        ${field('payrollAgentNo')}::text::text[], ${field('instalmentNo')}::text::smallint[],
        ${field('returnNo')}::text::smallint[], ${field('businessYearNo')}::text::smallint[],
        ${field('childAddresseeNo')}::text::text[], ${field('addresseeNo')}::text::text[],
          ${field('taxAmount')}::text::bigint[],
        ${field('nominalDueOn')}::text::date[], ${own(({ dueOn }) => dueOn)}::text::date[],
        ${field('statutoryDueOn')}::text::date[], ${field('priorityOn')}::text::date[],
          ${field('decidedOn')}::text::date[],
        ${field('notifiedOn')}::text::date[], ${field('paymentNo')}::text::text[],
          ${field('confirmationNo')}::text::text[],
        ${textArray(rows.map(({ record }) => String(record['reason'] ?? '')))}::text::text[])`,
    );
  }

  #faults(recordNo: number, record: DecodedFields, dueOn: IsoDate | undefined) {
    const fault = (code: FaultCode, field: string) => [{ code, recordNo, field }];
    if (record['municipalityCode'] !== this.#job.municipalityCode)
      return fault('E_MUNICIPALITY', 'municipalityCode');
    return dueOn === undefined ? fault('E_HOLIDAYS_MISSING', 'nominalDueOn') : [];
  }
}

function quotedWhenEmpty(value: FieldValue | undefined): string | number | bigint | null {
  return value === '' ? '""' : (value ?? null);
}
