import type { AuditDecision, AuditEntry, AuditKind, AuditRecord } from './record.js';

/** What an auditor looks for; what is given must all hold of one entry. */
export interface AuditFilter {
  readonly actorId?: string;
  /** Addressee number (宛名番号). */
  readonly subject?: string;
  /** `Type.field`, or `Type.*` for all of a type. */
  readonly coordinate?: string;
  readonly purpose?: string;
  readonly decision?: AuditDecision;
  readonly kind?: AuditKind;
  readonly raised?: boolean;
  readonly caseRef?: string;
  /** ISO instants: `from` belongs to the period, `to` does not. */
  readonly from?: string;
  readonly to?: string;
}

/** Which part of what is found, newest first. */
export interface AuditPage {
  /** Entries, 1 to AUDIT_PAGE_SIZE_MAX. */
  readonly size: number;
  /** Only entries with a lower number (通番): the `nextCursor` of the page before. */
  readonly before?: bigint;
}

/** One entry with the context of its record. */
export interface FoundAuditEntry extends Omit<AuditRecord, 'entries'>, AuditEntry {
  readonly sequence: bigint;
  readonly recordNo: bigint;
  readonly raised: boolean;
}
