import type { Database } from '../kernel/database/database.js';
import {
  AUDIT_BATCH_BYTES_MAX,
  AUDIT_BATCH_ENTRIES_MAX,
  AUDIT_BATCH_RECORDS_MAX,
  AUDIT_BATCH_SUBJECTS_MAX,
  AUDIT_QUEUE_BYTES_MAX,
  AUDIT_UNFLUSHED_BATCHES_MAX,
} from '../kernel/limits.js';
import { appendBatch, type PreparedRecord } from './batch.js';
import { endedOrHangs, type SharedFlush } from './flush.js';
import type { Indexer } from './indexer.js';
import type { Partitions } from './partitions.js';
import { Waiting, WaitingQueue, type BatchMeasures } from './queue.js';
import type { Appended } from './record.js';
import { auditUnavailable, outcomeOf, type AuditOutcome } from './unavailable.js';

/** Batches that a pace is the mean of, more or less. */
const PACE_BATCHES = 8;

const BATCH_MAX: BatchMeasures = {
  records: AUDIT_BATCH_RECORDS_MAX,
  bytes: AUDIT_BATCH_BYTES_MAX,
  entries: AUDIT_BATCH_ENTRIES_MAX,
  subjects: AUDIT_BATCH_SUBJECTS_MAX,
};

/** Bounds of a writer. */
export interface WriterLimits {
  readonly appendMs: number;
  readonly queueRecords: number;
  /** Milliseconds; see AUDIT_QUICK_COMMIT_MS. */
  readonly quickCommitMs: number;
}

/** How long the disk lets a batch wait, the last ones counting most. */
class Pace {
  readonly #quickMs: number;
  #ms = 0;

  constructor(quickMs: number) {
    this.#quickMs = quickMs;
  }

  get isQuick(): boolean {
    return this.#ms <= this.#quickMs;
  }

  took(ms: number): void {
    this.#ms += (ms - this.#ms) / PACE_BATCHES;
  }
}

/**
 * Group commit: while one batch is being written, the next gathers; what a commit and a flush cost is shared by all
 * that came meanwhile. One batch is written at a time, because the sequencer's lock lets only one. On a quick disk, and
 * where nobody else waits, its commit waits for the disk: one way to the database. On a slow one it commits ahead of
 * the disk, so that the next is written while it is flushed, and answers only then. Nothing is ever sent twice.
 */
export class GroupCommitWriter {
  readonly #database: Database;
  readonly #partitions: Partitions;
  readonly #limits: WriterLimits;
  readonly #pace: Pace;
  readonly #queue = new WaitingQueue();
  readonly #flush: SharedFlush;
  readonly #indexer: Indexer;
  readonly #unflushed = new Set<Promise<void>>();
  #pumping: Promise<void> | undefined;
  #closed = false;

  constructor(
    database: Database,
    partitions: Partitions,
    flush: SharedFlush,
    indexer: Indexer,
    limits: WriterLimits,
  ) {
    this.#database = database;
    this.#partitions = partitions;
    this.#flush = flush;
    this.#indexer = indexer;
    this.#limits = limits;
    this.#pace = new Pace(limits.quickCommitMs);
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

  /** Whether a commit may wait for the disk itself. */
  get isDiskQuick(): boolean {
    return this.#pace.isQuick;
  }

  /** Refuses new records and writes out those that wait. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#pumping;
    await Promise.all(this.#unflushed);
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
      if (this.#unflushed.size >= AUDIT_UNFLUSHED_BATCHES_MAX)
        await endedOrHangs(Promise.race(this.#unflushed));
      const batch = this.#queue.take(BATCH_MAX);
      await endedOrHangs(this.#write(batch));
    }
    this.#pumping = undefined;
  }

  /** Settles everyone in the batch, or leaves them to the flush; never rejects. */
  async #write(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#partitions.cover();
      const live = batch.filter((waiting) => !waiting.settled);
      if (live.length > 0) await this.#writeLive(live);
    } catch (failure) {
      rejectAll(batch, failure, outcomeOf(failure));
    }
  }

  async #writeLive(batch: readonly Waiting[]): Promise<void> {
    for (const waiting of batch) waiting.sent();
    const isAlone =
      batch.length === 1 && this.#queue.records === 0 && this.#unflushed.size === 0 && this.#flush.isIdle;
    const commit = isAlone || this.#pace.isQuick ? 'durable' : 'ahead';
    const startedAt = performance.now();
    const appended = await appendBatch(
      this.#database,
      batch.map((waiting) => waiting.record),
      commit,
    );
    this.#partitions.reached((appended.at(-1) as Appended).recordNo);
    this.#indexer.appended(appended.length);
    if (commit === 'durable') {
      this.#pace.took(performance.now() - startedAt);
      resolveAll(batch, appended);
      return;
    }
    const answered = this.#answer(batch, appended).finally(() => this.#unflushed.delete(answered));
    this.#unflushed.add(answered);
  }

  /** Answers once the batch, which has committed, is on the disk; never rejects. */
  async #answer(batch: readonly Waiting[], appended: readonly Appended[]): Promise<void> {
    const startedAt = performance.now();
    try {
      await this.#flush.flushed();
      this.#pace.took(performance.now() - startedAt);
      resolveAll(batch, appended);
    } catch (failure) {
      rejectAll(batch, failure, 'unknown');
    }
  }
}

function resolveAll(batch: readonly Waiting[], appended: readonly Appended[]): void {
  appended.forEach((place, index) => batch[index]?.resolve(place));
}

function rejectAll(batch: readonly Waiting[], failure: unknown, outcome: AuditOutcome): void {
  const reason = auditUnavailable('database', outcome, failure);
  for (const waiting of batch) waiting.reject(reason);
}

/** Resolves once everything that is due in this turn of the event loop has been done. */
function endOfTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
