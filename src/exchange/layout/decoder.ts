import { LAYOUT_UNIQUE_KEYS_MAX } from '../../kernel/limits.js';
import type { Layout } from './compile.js';
import { csvFraming, splitCsv } from './csv.js';
import type { RecordKind } from './descriptor.js';
import { fileRejected, type Fault } from './faults.js';
import type { DecodedFields } from './field.js';
import { fixedFraming, type FramedRecord, type Framing } from './framing.js';

/** One data record. `record` holds only the fields that could be read when there are faults. */
export interface DecodedRecord {
  readonly recordNo: number;
  /** 0-based byte and length in the file, to find the record's bytes again. */
  readonly offset: number;
  readonly length: number;
  readonly record: DecodedFields;
  readonly faults: readonly Fault[];
}

/** What a whole file said about itself. */
export interface DecodedFile {
  readonly header: DecodedFields;
  readonly trailer: DecodedFields;
  /** Data records, good or bad. */
  readonly dataCount: number;
  /** Data records with faults. */
  readonly badCount: number;
  readonly warnings: number;
  /** Whether the trailer's sums could be compared: not when an amount of a bad record was unreadable. */
  readonly totalsCompared: boolean;
}

/** Reads a file piece by piece; memory does not grow with the file. */
export interface Decoder {
  /** @throws KuramoriError FILE_REJECTED on a fault of framing, structure, header or trailer */
  push(chunk: Buffer): void;
  /** @throws KuramoriError FILE_REJECTED, also when the trailer does not fit the data */
  finish(): DecodedFile;
}

/**
 * Starts reading a file.
 * @param onRecord receives each data record, good or bad, in file order
 */
export function startDecoding(layout: Layout, onRecord: (record: DecodedRecord) => void): Decoder {
  return new FileDecoder(layout, onRecord);
}

class FileDecoder implements Decoder {
  readonly #layout: Layout;
  readonly #onRecord: (record: DecodedRecord) => void;
  readonly #framing: Framing;
  readonly #sums: bigint[];
  readonly #seen = new Set<string>();
  #previous: RecordKind | undefined;
  #header: DecodedFields = {};
  #trailer: DecodedFields = {};
  #dataCount = 0;
  #badCount = 0;
  #warnings = 0;
  #unreadableTotals = false;
  /** Level 3 is only judged when levels 1 and 2 are sound, so faults of header and trailer wait for the end. */
  readonly #frameFaults: Fault[] = [];

  constructor(layout: Layout, onRecord: (record: DecodedRecord) => void) {
    this.#layout = layout;
    this.#onRecord = onRecord;
    this.#sums = layout.totals.map(() => 0n);
    const { physical } = layout.descriptor;
    this.#framing =
      physical.form === 'csv'
        ? csvFraming((framed) => this.#line(framed))
        : fixedFraming({
            ...physical,
            doubleByte: physical.encoding === 'shift_jis',
            onRecord: (framed) => this.#fixed(framed),
          });
  }

  push(chunk: Buffer): void {
    this.#framing.push(chunk);
  }

  finish(): DecodedFile {
    this.#framing.finish();
    this.#assertComplete();
    this.#compareTotals();
    if (this.#frameFaults.length > 0) throw fileRejected(this.#frameFaults);
    return {
      header: this.#header,
      trailer: this.#trailer,
      dataCount: this.#dataCount,
      badCount: this.#badCount,
      warnings: this.#warnings,
      totalsCompared: !this.#unreadableTotals,
    };
  }

  #fixed(framed: FramedRecord): boolean {
    const whole = framed.bytes.toString('latin1');
    const kind = this.#kindOf(whole);
    if (kind === undefined || !mayFollow(this.#previous, kind, this.#layout)) {
      throw fileRejected([{ code: 'E_SEQUENCE', recordNo: framed.recordNo }]);
    }
    this.#previous = kind;
    this.#record(kind, framed, (codec) => codec.cut(whole), whole);
    return kind === 'end';
  }

  #kindOf(whole: string): RecordKind | undefined {
    const rule = this.#layout.descriptor.recordKind;
    return rule === undefined ? 'data' : rule.map[whole.slice(0, rule.length)];
  }

  #line(framed: FramedRecord): boolean {
    const line = framed.bytes.toString('utf8');
    const cells = splitCsv(line);
    const { physical } = this.#layout.descriptor;
    const data = this.#layout.records.data;
    if (this.#previous === undefined) {
      const same =
        cells?.length === data.fields.length && data.fields.every(({ name }, index) => cells[index] === name);
      if (!same) throw fileRejected([{ code: 'E_HEADING', recordNo: framed.recordNo }]);
      this.#previous = 'header';
      return false;
    }
    if (cells !== undefined && physical.form === 'csv' && cells[0] === physical.trailerMark) {
      this.#previous = 'trailer';
      if (cells.length !== this.#layout.records.trailer?.fields.length) {
        throw fileRejected([{ code: 'E_COLUMNS', recordNo: framed.recordNo }]);
      }
      this.#record('trailer', framed, () => cells, line);
      return true;
    }
    this.#previous = 'data';
    if (cells?.length === data.fields.length) this.#record('data', framed, () => cells, line);
    else this.#data(framed, {}, [{ code: 'E_COLUMNS', recordNo: framed.recordNo }]);
    return false;
  }

  #record(
    kind: RecordKind,
    framed: FramedRecord,
    cut: (codec: Layout['records']['data']) => readonly string[],
    whole: string,
  ): void {
    const codec = this.#layout.records[kind];
    if (codec === undefined) return;
    const faults: Fault[] = [];
    const record = codec.decode(cut(codec), whole, framed.recordNo, faults);
    if (kind === 'data') {
      this.#data(framed, record, faults);
      return;
    }
    if (kind === 'header') this.#header = record;
    if (kind === 'trailer') this.#trailer = record;
    this.#frameFaults.push(...faults);
  }

  #data(framed: FramedRecord, record: DecodedFields, faults: Fault[]): void {
    this.#dataCount++;
    if (faults.length === 0) this.#check(framed.recordNo, record, faults);
    if (faults.length > 0) this.#badCount++;
    this.#sum(record, faults);
    this.#onRecord({
      recordNo: framed.recordNo,
      offset: framed.offset,
      length: framed.bytes.length,
      record,
      faults,
    });
  }

  #check(recordNo: number, record: DecodedFields, faults: Fault[]): void {
    for (const check of this.#layout.checks) {
      if (check.holds(record) === true) continue;
      if (check.warning) this.#warnings++;
      else faults.push({ code: 'E_CHECK', recordNo, check: check.id });
    }
    for (const names of this.#layout.descriptor.unique) {
      const key = JSON.stringify(names.map((name) => String(record[name])));
      if (this.#seen.has(key)) faults.push({ code: 'E_DUPLICATE', recordNo, field: names[0] ?? '' });
      if (this.#seen.size < LAYOUT_UNIQUE_KEYS_MAX) this.#seen.add(key);
      else throw fileRejected([{ code: 'E_DUPLICATE', recordNo }]);
    }
  }

  #sum(record: DecodedFields, faults: readonly Fault[]): void {
    if (faults.some(({ code }) => code !== 'E_CHECK' && code !== 'E_DUPLICATE'))
      this.#unreadableTotals ||= this.#lacksTotals(record);
    this.#layout.totals.forEach(({ of }, index) => {
      this.#sums[index] = (this.#sums[index] ?? 0n) + of(record);
    });
  }

  /** An amount that could not be read counts as 0, which `totalsCompared` tells. */
  #lacksTotals(record: DecodedFields): boolean {
    return this.#layout.descriptor.totals.some(({ is }) =>
      (is.match(/[a-z]\w*/gi) ?? []).some((name) => !(name in record) && this.#isAmount(name)),
    );
  }

  #isAmount(name: string): boolean {
    return this.#layout.records.data.fields.some((field) => field.name === name);
  }

  #assertComplete(): void {
    const { records } = this.#layout;
    if (records.header !== undefined && this.#previous === undefined)
      throw fileRejected([{ code: 'E_NO_HEADER' }]);
    if (records.trailer !== undefined && this.#previous !== 'trailer' && this.#previous !== 'end') {
      throw fileRejected([{ code: 'E_NO_TRAILER' }]);
    }
    if (records.end !== undefined && this.#previous !== 'end') throw fileRejected([{ code: 'E_NO_END' }]);
  }

  #compareTotals(): void {
    this.#layout.totals.forEach(({ trailerField }, index) => {
      const said = this.#trailer[trailerField];
      if (said === undefined || said === null) return;
      const counts = this.#layout.descriptor.totals[index]?.is === 'count(data)';
      if (!counts && this.#unreadableTotals) return;
      if (BigInt(said) !== this.#sums[index]) {
        this.#frameFaults.push({ code: counts ? 'E_TRAILER_COUNT' : 'E_TOTAL', field: trailerField });
      }
    });
  }
}

/** Header, data, trailer, end, each once and in this order; data any number of times. */
function mayFollow(previous: RecordKind | undefined, kind: RecordKind, layout: Layout): boolean {
  switch (kind) {
    case 'header':
      return previous === undefined;
    case 'data':
      return previous === 'data' || previous === (layout.records.header === undefined ? undefined : 'header');
    case 'trailer':
      return previous === 'header' || previous === 'data';
    case 'end':
      return previous === 'trailer';
  }
}
