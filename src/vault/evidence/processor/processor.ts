import { plainDate, type IsoDate } from '../../../kernel/dates.js';
import { PROCESSOR_AUDIT_MONTHS_MAX } from '../../../kernel/limits.js';

/** 委託先: one contract as it was last entered (handbook 11 §7). */
export interface Processor {
  /** Number of its last row. */
  readonly key: bigint;
  readonly processorId: string;
  readonly name: string;
  readonly contractNo: string;
  readonly contractFrom: IsoDate;
  /** Inclusive. */
  readonly contractTo: IsoDate;
  readonly scope: string;
  readonly basis: string;
  /** 取扱責任者. */
  readonly responsible: string;
  /** 取扱者. */
  readonly staff: readonly string[];
  readonly places: readonly string[];
  readonly devices: readonly string[];
  /** 再委託先, with the day of consent. */
  readonly subProcessor: string | null;
  readonly consentedOn: IsoDate | null;
  readonly trainedOn: IsoDate | null;
  /** Days of its audits, oldest first. */
  readonly auditedOn: readonly IsoDate[];
  readonly enteredBy: string;
}

/**
 * The day by which a processor is to be audited next: within a year of the last audit, or of the beginning of the
 * contract (handbook 11 §7: at least once a year).
 * @example nextAuditBy({ contractFrom: '2026-04-01', auditedOn: [] }) // '2027-04-01'
 */
export function nextAuditBy({
  contractFrom,
  auditedOn,
}: Pick<Processor, 'contractFrom' | 'auditedOn'>): IsoDate {
  return plainDate(auditedOn.at(-1) ?? contractFrom)
    .add({ months: PROCESSOR_AUDIT_MONTHS_MAX })
    .toString();
}

/** Whether the audit of a contract in force is overdue on a day. */
export function isAuditOverdue(processor: Processor, day: IsoDate): boolean {
  return day <= processor.contractTo && day > nextAuditBy(processor);
}
