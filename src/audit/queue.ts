import type { PreparedRecord } from './batch.js';
import type { Appended } from './record.js';

/** What a batch is measured in. */
export interface BatchMeasures {
  readonly records: number;
  readonly bytes: number;
  readonly entries: number;
  readonly subjects: number;
}

/** A record that waits, and whoever waits for it. */
export class Waiting {
  readonly record: PreparedRecord;
  readonly answer: Promise<Appended>;
  #resolve!: (appended: Appended) => void;
  #reject!: (reason: Error) => void;
  #timer: NodeJS.Timeout;
  #sent = false;
  #settled = false;

  /** @param expire gives the reason when the deadline passes; called with whether the record was sent */
  constructor(record: PreparedRecord, deadlineMs: number, expire: (sent: boolean) => Error) {
    this.record = record;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(() => this.reject(expire(this.#sent)), deadlineMs);
  }

  get settled(): boolean {
    return this.#settled;
  }

  sent(): void {
    this.#sent = true;
  }

  resolve(appended: Appended): void {
    this.#settle();
    this.#resolve(appended);
  }

  reject(reason: Error): void {
    this.#settle();
    this.#reject(reason);
  }

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#timer);
  }
}

/** First in, first out, counted in records and bytes. */
export class WaitingQueue {
  #items: Waiting[] = [];
  #bytes = 0;

  get records(): number {
    return this.#items.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(waiting: Waiting): void {
    this.#items.push(waiting);
    this.#bytes += waiting.record.bodyBytes;
  }

  /** Forgets those at the front whose deadline has passed; all deadlines are equally long, so they pass in order. */
  dropSettled(): void {
    let settled = 0;
    while (this.#items[settled]?.settled === true) settled++;
    this.#remove(settled);
  }

  /** Takes what one batch may hold, at least one record. */
  take(most: BatchMeasures): Waiting[] {
    const held = { records: 0, bytes: 0, entries: 0, subjects: 0 };
    for (const { record } of this.#items) {
      held.bytes += record.bodyBytes;
      held.entries += record.entryCount;
      held.subjects += record.subjectCount;
      const fits =
        held.records < most.records &&
        held.bytes <= most.bytes &&
        held.entries <= most.entries &&
        held.subjects <= most.subjects;
      if (held.records > 0 && !fits) break;
      held.records += 1;
    }
    return this.#remove(held.records);
  }

  #remove(count: number): Waiting[] {
    const removed = this.#items.splice(0, count);
    for (const { record } of removed) this.#bytes -= record.bodyBytes;
    return removed;
  }
}
