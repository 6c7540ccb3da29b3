import type { AuditEntry, AuditRecord } from '../../../audit/record.js';
import { instantText, type Clock } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import type { Temporal } from '../../../kernel/dates.js';
import { KuramoriError } from '../../../kernel/errors.js';
import type { PushReason } from '../../../protocol/push.js';
import type { VaultRef } from '../../number/vaultRef.js';
import { lockJournal } from '../change.js';
import type { PushContext } from '../context.js';
import { batchMayFollow, isBatchFinal, lineStateIn, type BatchReason, type BatchState } from './batch.js';
import { changeLines, updateBatch, type BatchRow } from './batch.store.js';

/** What a batch becomes. */
export interface BatchChanged {
  readonly state: BatchState;
  readonly reason: BatchReason;
  readonly at: Temporal.Instant;
  /** Missing for a state at which it ends. */
  readonly nextAttemptAt?: Temporal.Instant;
  /** One sending more, with what is sent. */
  readonly sending?: {
    readonly envelopeRefs: readonly VaultRef[];
    readonly sentAt: Temporal.Instant;
    readonly intentEntry: bigint;
  };
  /** The results, as they lie in the spool. */
  readonly receipt?: { readonly receiptRefs: readonly VaultRef[]; readonly receiptDigest: string };
}

/**
 * Changes a batch that is locked, with its open lines and their journal. Call it near the end of the transaction,
 * before the entry of the log.
 * @throws KuramoriError INTERNAL when the state may not follow
 */
async function changeBatch(tx: Session, batch: BatchRow, changed: BatchChanged): Promise<void> {
  const { state, reason, at, nextAttemptAt, sending, receipt } = changed;
  if (!batchMayFollow(batch.state, state) || isBatchFinal(state) !== (nextAttemptAt === undefined)) {
    throw new KuramoriError('INTERNAL', 'A batch was to change into a state that cannot follow.', {
      from: batch.state,
      to: state,
    });
  }
  const sent = sending && { ...sending, sentAt: sending.sentAt.toString(), inquiries: 0 };
  const attempt = batch.attempt + (sending ? 1 : 0);
  const become = { ...batch, ...sent, ...receipt, state, reason, attempt };
  await updateBatch(tx, become, at.toString(), nextAttemptAt?.toString() ?? null);
  const lineState = lineStateIn(state);
  if (lineState === undefined || nextAttemptAt === undefined) return;
  await lockJournal(tx);
  // What the lines share with their batch are reasons of a push.
  const shared = { state: lineState, reason: reason as PushReason, at, nextAttemptAt };
  await changeLines(tx, batch.batchId, { ...shared, ...(sending && { sending }) });
}

/** Changes a batch that is locked, with its entry. @throws KuramoriError INTERNAL when the state may not follow */
export async function become(
  tx: Session,
  { audit, clock }: PushContext,
  batch: BatchRow,
  changed: BatchChanged,
): Promise<void> {
  await changeBatch(tx, batch, changed);
  await audit.appendIn(tx, batchRecord(clock, batch, [batchEntry(changed)]));
}

/** Leaves a batch in its state and looks at it again later. */
export async function postponeBatch(
  tx: Session,
  batch: BatchRow,
  nextAttemptAt: Temporal.Instant,
): Promise<void> {
  const waited = { ...batch, inquiries: batch.inquiries + 1 };
  await updateBatch(tx, waited, batch.changedAt, nextAttemptAt.toString());
}

const VAULT = 'vault';

/** A record of the log about a batch, on behalf of the person who asked for its lines. */
export function batchRecord(clock: Clock, batch: BatchIdentity, entries: readonly AuditEntry[]): AuditRecord {
  return {
    kind: 'push',
    at: instantText(clock),
    requestId: batch.batchId,
    actorId: batch.personId,
    roles: [],
    department: batch.unit,
    terminal: VAULT,
    sessionId: '',
    strength: '',
    clientApp: VAULT,
    purpose: batch.purpose,
    operationName: 'inquiryBatch',
    entries,
  };
}

type BatchIdentity = Pick<BatchRow, 'batchId' | 'personId' | 'unit' | 'purpose'>;

const RAISED: ReadonlySet<BatchState> = new Set<BatchState>(['QUARANTINED', 'FAILED']);

/** The entry of a change; its lines have entries of their own. */
export function batchEntry({ state, reason }: Pick<BatchChanged, 'state' | 'reason'>): AuditEntry {
  const raised = RAISED.has(state) && { raised: true };
  return { coordinate: `InquiryBatch.${state}`, decision: 'allow', reason, rows: 0, subjects: [], ...raised };
}

/** 着手: before a batch leaves, or the other side is asked about one. It names everybody the batch is about. */
export function batchIntent(
  coordinate: 'InquiryBatch.form' | 'InquiryBatch.send' | 'InquiryBatch.ask',
  subjects: readonly VaultRef[],
): AuditEntry {
  return { coordinate, decision: 'allow', reason: 'intent', rows: subjects.length, subjects };
}
