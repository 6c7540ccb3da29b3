import type { Logger } from 'pino';
import type { Database, Session } from '../kernel/database/database.js';
import { AUDIT_APPEND_MS_MAX, AUDIT_QUEUE_RECORDS_MAX, AUDIT_QUICK_COMMIT_MS } from '../kernel/limits.js';
import { appendBatch, prepare, type PreparedRecord } from './batch.js';
import { SharedFlush } from './flush.js';
import { Indexer } from './indexer.js';
import { Partitions } from './partitions.js';
import type { Appended, AuditRecord } from './record.js';
import { auditUnavailable } from './unavailable.js';
import { GroupCommitWriter } from './writer.js';

/** 監査ログ: append-only. No answer leaves before its record is in it (design §6, handbook 11 §4.2). */
export interface AuditLog {
  /**
   * Appends by group commit; resolves only when the record is durable.
   * When it rejects, the answer must be withheld. `facts.outcome` tells `notWritten` (surely not in the log) or
   * `unknown` (may be in it: an append that is repeated may then stand in the log twice, under the same
   * `requestId`).
   * @throws KuramoriError AUDIT_UNAVAILABLE after AUDIT_APPEND_MS_MAX, when the queue is full, when the log is
   *   closed, or when the database refuses, as when a table is lost; BAD_INPUT when the record has no entry, a control
   *   character or a text over its limit
   */
  append(record: AuditRecord): Promise<Appended>;
  /**
   * Appends in the transaction of a change, so that both are durable or neither is. Call it last in the
   * transaction, which must be READ COMMITTED: the one lock of the log is held from here to the commit.
   * @throws KuramoriError AUDIT_UNAVAILABLE, with `outcome: notWritten`: the transaction cannot commit any more;
   *   BAD_INPUT
   */
  appendIn(tx: Session, record: AuditRecord): Promise<Appended>;
  /**
   * As `appendIn`, but where the disk is slow the commit does not wait for it, so that the log's lock is soon free
   * again: when the answer says `isAhead`, nobody may be told of the change before `flushed` has resolved after the
   * commit.
   */
  appendAhead(tx: Session, record: AuditRecord): Promise<Appended>;
  /**
   * Resolves when everything that was committed before the call is durable.
   * @throws KuramoriError AUDIT_UNAVAILABLE, with `outcome: unknown`
   */
  flushed(): Promise<void>;
  /**
   * Refuses new records, writes out those that wait, and resolves. The database stays open: it is the caller's.
   * `appendIn` goes on, for changes that are still under way.
   */
  close(): Promise<void>;
}

/** Tighter bounds than those of `limits.ts`; looser ones are cut to them. */
export interface AuditLogOptions {
  /** Milliseconds from `append` to durable; default and ceiling AUDIT_APPEND_MS_MAX. */
  readonly appendMs?: number;
  /** Records that may wait; default and ceiling AUDIT_QUEUE_RECORDS_MAX. */
  readonly queueRecords?: number;
  /** Milliseconds up to which a batch waits for the disk itself; default AUDIT_QUICK_COMMIT_MS, below 0: never. */
  readonly quickCommitMs?: number;
  /** Told when records could not be entered into the tables that searches read (索引). */
  readonly logger?: Pick<Logger, 'warn'>;
}

/**
 * Opens the log. Nothing connects before the first append.
 * @param database a pool of the log's own, so that a flush never waits behind requests; 5 connections: one that
 *   writes, one that flushes, one that enters, one that may hang, one that makes partitions
 * @example
 * const log = openAuditLog(openDatabase({ url, application: 'gateway-audit', connections: 5 }));
 * const { firstSequence } = await log.append(record);
 */
export function openAuditLog(database: Database, options: AuditLogOptions = {}): AuditLog {
  const partitions = new Partitions(database);
  const flush = new SharedFlush(database);
  const indexer = new Indexer(database, options.logger);
  const writer = new GroupCommitWriter(database, partitions, flush, indexer, {
    appendMs: Math.min(options.appendMs ?? AUDIT_APPEND_MS_MAX, AUDIT_APPEND_MS_MAX),
    queueRecords: Math.min(options.queueRecords ?? AUDIT_QUEUE_RECORDS_MAX, AUDIT_QUEUE_RECORDS_MAX),
    quickCommitMs: Math.min(options.quickCommitMs ?? AUDIT_QUICK_COMMIT_MS, AUDIT_QUICK_COMMIT_MS),
  });
  const parts = { partitions, indexer };
  return {
    append: async (record) => writer.append(prepare(record)),
    appendIn: async (tx, record) => appendWith(tx, parts, prepare(record), 'durable'),
    appendAhead: async (tx, record) =>
      appendWith(tx, parts, prepare(record), writer.isDiskQuick ? 'durable' : 'ahead'),
    flushed: () => flushedOr(flush),
    close: async () => {
      await writer.close();
      await indexer.close();
    },
  };
}

async function appendWith(
  tx: Session,
  { partitions, indexer }: { readonly partitions: Partitions; readonly indexer: Indexer },
  record: PreparedRecord,
  commit: 'durable' | 'ahead',
): Promise<Appended> {
  try {
    await partitions.cover();
    const [appended] = (await appendBatch(tx, [record], commit)) as [Appended];
    partitions.reached(appended.recordNo);
    indexer.appended(1);
    return commit === 'ahead' ? { ...appended, isAhead: true } : appended;
  } catch (failure) {
    throw auditUnavailable('database', 'notWritten', failure);
  }
}

async function flushedOr(flush: SharedFlush): Promise<void> {
  try {
    await flush.flushed();
  } catch (failure) {
    throw auditUnavailable('database', 'unknown', failure);
  }
}
