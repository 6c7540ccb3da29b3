import { decodeBody } from '../../../../src/audit/body.js';
import type { AuditEntry, AuditRecord } from '../../../../src/audit/record.js';
import type { Session } from '../../../../src/kernel/database/database.js';
import { AUDIT_SCAN_RECORDS_MAX, AUDIT_SEARCH_ROUNDS_MAX } from '../../../../src/kernel/limits.js';

/** One record of the log with its place. */
export interface LoggedRecord {
  readonly recordNo: bigint;
  readonly firstSequence: bigint;
  readonly record: AuditRecord;
}

/** One entry as an auditor sees it, in stored words. */
export type LoggedEntry = Omit<AuditRecord, 'entries'> & AuditEntry & { sequence: bigint; recordNo: bigint };

/** What an auditor may ask of the log, in stored words. */
export type EntryFilter = Readonly<Record<string, unknown>>;

/** What was found. */
export interface FoundEntries {
  readonly entries: readonly LoggedEntry[];
  /**
   * Whether the search must find as much. It looks at a bounded number of records and then ends its page, full or not:
   * records that meet every condition, but in no one entry, use that up.
   */
  readonly isSure: boolean;
}

/** The audit log as it stands in the database, read once and then only what was added. */
export class Log {
  readonly #session: Session;
  readonly #records: LoggedRecord[] = [];

  constructor(session: Session) {
    this.#session = session;
  }

  /** Reads what was added since. */
  async readOn(): Promise<LoggedRecord[]> {
    const last = String(this.#records.at(-1)?.recordNo ?? 0n);
    const rows = await this.#session.run(
      'oracle.log',
      ({ raw }) => raw<{ record_no: bigint; first_sequence: bigint; body: string }[]>`
        select record_no, first_sequence, convert_from(body, 'UTF8') as body from audit.written
        where record_no > ${last}::bigint order by record_no`,
    );
    const added = rows.map(({ record_no: recordNo, first_sequence: firstSequence, body }) => {
      const record = decodeBody(body);
      if (!record) throw new Error('A record of the log cannot be read.');
      return { recordNo, firstSequence, record };
    });
    this.#records.push(...added);
    return added;
  }

  /** Entries below a number that a filter lets through, newest first, at most so many. */
  found(filter: EntryFilter, below: bigint, atMost: number): FoundEntries {
    const entries: LoggedEntry[] = [];
    const conditions = Object.entries(filter);
    // Nearly every record has an entry that was not raised, so that nobody looks for one.
    const sought = conditions.filter(([name, value]) => name !== 'raised' || value === true);
    let misled = 0;
    for (let at = this.#records.length - 1; at >= 0 && entries.length < atMost; at -= 1) {
      const own = entriesOf(this.#records[at]).filter(({ sequence }) => sequence < below);
      // A condition each may be met by another entry of the record.
      if (!sought.every(([n, v]) => own.some((entry) => holds(entry, n, v)))) continue;
      const meet = own.filter((entry) => conditions.every(([n, v]) => holds(entry, n, v)));
      if (meet.length === 0) misled += 1;
      entries.push(...meet.toReversed());
    }
    const rounds = misled + growingRounds(this.#records.length);
    return { entries: entries.slice(0, atMost), isSure: rounds < AUDIT_SEARCH_ROUNDS_MAX };
  }
}

/** The first two rounds of a search are short. */
function growingRounds(records: number): number {
  return Math.ceil(records / AUDIT_SCAN_RECORDS_MAX) + 2;
}

function entriesOf(logged: LoggedRecord | undefined): LoggedEntry[] {
  if (!logged) return [];
  const { recordNo, firstSequence, record } = logged;
  const { entries, ...context } = record;
  return entries.map((entry, at) => ({
    ...context,
    ...entry,
    sequence: firstSequence + BigInt(at),
    recordNo,
  }));
}

function holds(entry: LoggedEntry, name: string, value: unknown): boolean {
  if (value === null || value === undefined) return true;
  const text = typeof value === 'string' ? value : '';
  switch (name) {
    case 'subject':
      return entry.subjects.includes(text);
    case 'coordinate':
      return text.endsWith('.*') ? entry.coordinate.startsWith(text.slice(0, -1)) : entry.coordinate === text;
    case 'raised':
      return (entry.raised ?? false) === value;
    case 'from':
      return Date.parse(entry.at) >= Date.parse(text);
    case 'to':
      return Date.parse(entry.at) < Date.parse(text);
    default:
      return entry[name as 'actorId'] === value;
  }
}
