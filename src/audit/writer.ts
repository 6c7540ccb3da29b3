import type { Database } from '../kernel/database/database.js';
import {
  AUDIT_BATCH_BYTES_MAX,
  AUDIT_BATCH_RECORDS_MAX,
  AUDIT_FLUSH_MS_MAX,
  AUDIT_QUEUE_BYTES_MAX,
} from '../kernel/limits.js';
import { appendBatch, type PreparedRecord } from './batch.js';
import type { Partitions } from './partitions.js';
import { Waiting, WaitingQueue } from './queue.js';
import type { Appended } from './record.js';
import { auditUnavailable, outcomeOf } from './unavailable.js';

/** Bounds of a writer. */
export interface WriterLimits {
  readonly appendMs: number;
  readonly queueRecords: number;
}

/**
 * Group commit: while one batch is being committed, the next gathers; a commit's cost is shared by all that came
 * meanwhile. One flush at a time, because the sequencer's lock lets only one commit anyway. Nothing is ever sent
 * twice.
 */
export class GroupCommitWriter {
  readonly #database: Database;
  readonly #partitions: Partitions;
  readonly #limits: WriterLimits;
  readonly #queue = new WaitingQueue();
  #pumping: Promise<void> | undefined;
  #closed = false;

  constructor(database: Database, partitions: Partitions, limits: WriterLimits) {
    this.#database = database;
    this.#partitions = partitions;
    this.#limits = limits;
  }

  /**
   * Resolves when the record is durable.
   * @throws KuramoriError AUDIT_UNAVAILABLE
   */
  append(record: PreparedRecord): Promise<Appended> {
    if (this.#closed) return Promise.reject(auditUnavailable('closed', 'notWritten'));
    if (this.#isFull(record.bodyBytes)) {
      return Promise.reject(auditUnavailable('queueFull', 'notWritten'));
    }
    const waiting = new Waiting(record, this.#limits.appendMs, (sent) => this.#expired(sent));
    this.#queue.add(waiting);
    this.#pumping ??= this.#pump();
    return waiting.answer;
  }

  /** Refuses new records and writes out those that wait. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#pumping;
  }

  #isFull(bytes: number): boolean {
    const { records, bytes: waiting } = this.#queue;
    return records >= this.#limits.queueRecords || waiting + bytes > AUDIT_QUEUE_BYTES_MAX;
  }

  #expired(sent: boolean): Error {
    // The record that expires is settled right after this; the queue forgets it before it takes the next batch or
    // record.
    queueMicrotask(() => this.#queue.dropSettled());
    return auditUnavailable('deadline', sent ? 'unknown' : 'notWritten');
  }

  async #pump(): Promise<void> {
    while (this.#queue.records > 0) {
      // Answers that were read together come to their records together: the first must not go without the others.
      await endOfTurn();
      const batch = this.#queue.take(AUDIT_BATCH_RECORDS_MAX, AUDIT_BATCH_BYTES_MAX);
      await withinFlushLimit(this.#flush(batch));
    }
    this.#pumping = undefined;
  }

  /** Settles everyone in the batch; never rejects. */
  async #flush(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#partitions.cover();
      const live = batch.filter((waiting) => !waiting.settled);
      if (live.length > 0) await this.#write(live);
    } catch (failure) {
      const reason = auditUnavailable('database', outcomeOf(failure), failure);
      for (const waiting of batch) waiting.reject(reason);
    }
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    for (const waiting of batch) waiting.sent();
    const appended = await appendBatch(
      this.#database,
      batch.map((waiting) => waiting.record),
    );
    appended.forEach((place, index) => {
      this.#partitions.reached(place.recordNo);
      batch[index]?.resolve(place);
    });
  }
}

/** Resolves once everything that is due in this turn of the event loop has been done. */
function endOfTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** A connection that neither answers nor breaks must not hold up the batches after it, which go over another one. */
async function withinFlushLimit(flush: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, AUDIT_FLUSH_MS_MAX);
  });
  await Promise.race([flush, limit]);
  clearTimeout(timer);
}
