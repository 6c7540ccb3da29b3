import type { Session } from '../../kernel/database/database.js';
import { FILE_FAULTS_REPORTED_MAX, SET_ASIDE_RECORDS_MAX } from '../../kernel/limits.js';
import { sumYen, type Yen } from '../../kernel/yen.js';
import { fileRejected, type Fault, type FaultCode } from '../layout/faults.js';
import { plainArray } from './arrays.js';
import type { SourceFile } from './file.js';
import type { LoadOutcome } from './outcome.js';

/** What happens to a file with bad records: refuse it whole, or set those records aside and load the rest. */
export type OnBadLine = 'reject' | 'setAside';

/** A bad record and where its bytes are. */
export interface BadRecord {
  readonly recordNo: number;
  readonly offset: number;
  readonly length: number;
  readonly faults: readonly Fault[];
  /** Its yen towards the trailer, as far as they could be read. */
  readonly yen: Yen;
}

/** Collects bad records, not more than a person can mend. */
export class BadRecords {
  readonly #policy: OnBadLine;
  readonly #records: BadRecord[] = [];
  #count = 0;

  constructor(policy: OnBadLine) {
    this.#policy = policy;
  }

  get count(): number {
    return this.#count;
  }

  /** @throws KuramoriError FILE_REJECTED when there are more than SET_ASIDE_RECORDS_MAX */
  add(record: BadRecord): void {
    this.#count++;
    const kept = this.#policy === 'setAside' ? SET_ASIDE_RECORDS_MAX : FILE_FAULTS_REPORTED_MAX;
    if (this.#records.length < kept) this.#records.push(record);
    else if (this.#policy === 'setAside') this.#reject();
  }

  /** @throws KuramoriError FILE_REJECTED when there are bad records and the policy is `reject` */
  judge(): void {
    if (this.#count > 0 && this.#policy === 'reject') this.#reject();
  }

  /** Their yen and codes for the outcome. */
  summary(): LoadOutcome['setAside'] {
    const codes: Partial<Record<FaultCode, number>> = {};
    for (const { faults } of this.#records) {
      const code = faults[0]?.code ?? 'E_CHECK';
      codes[code] = (codes[code] ?? 0) + 1;
    }
    return { count: this.#count, yen: String(sumYen(this.#records.map(({ yen }) => yen))), codes };
  }

  /** Keeps number, first fault and bytes of each, for mending. */
  async store(tx: Session, file: SourceFile, fileId: bigint): Promise<void> {
    const records = this.#records;
    if (records.length === 0) return;
    const bytes: string[] = [];
    for (const { offset, length } of records)
      bytes.push(`"\\\\x${(await file.slice(offset, length)).toString('hex')}"`);
    const first = records.map(({ faults }) => faults[0]);
    await tx.run(
      'load.setAside',
      ({ raw }) => raw`
      insert into records.set_aside_record (file_id, record_no, code, field, content)
      select ${String(fileId)}::bigint, record_no, code, field, content
      from unnest(${plainArray(records.map(({ recordNo }) => recordNo))}::text::integer[],
        ${plainArray(first.map((fault) => fault?.code ?? 'E_CHECK'))}::text::text[],
        ${plainArray(first.map((fault) => fault?.field ?? fault?.check ?? null))}::text::text[],
        ${`{${bytes.join(',')}}`}::text::bytea[]) as bad (record_no, code, field, content)`,
    );
  }

  #reject(): never {
    throw fileRejected(
      this.#records.flatMap(({ faults }) => faults),
      this.#count,
    );
  }
}
