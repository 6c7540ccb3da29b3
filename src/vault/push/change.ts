import type { AuditEntry, AuditRecord } from '../../audit/record.js';
import { instantText, type Clock } from '../../kernel/clock.js';
import type { Session } from '../../kernel/database/database.js';
import type { Temporal } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { isFinal, mayFollow, type PushReason, type PushState } from '../../protocol/push.js';
import type { VaultRef } from '../number/vaultRef.js';
import type { PushRow } from './push.store.js';

/** What a push becomes. */
export interface PushChanged {
  readonly state: PushState;
  readonly reason: PushReason;
  readonly at: Temporal.Instant;
  /** Missing for a state at which it ends. */
  readonly nextAttemptAt?: Temporal.Instant;
  /** One sending more, with what is sent. */
  readonly sending?: {
    readonly envelopeRef: VaultRef;
    readonly sentAt: Temporal.Instant;
    readonly intentEntry: bigint;
  };
  /** `sha256:…` over the answer. */
  readonly receiptDigest?: string;
  /** 取消理由, in the words of the person who cancelled it. */
  readonly cancelReason?: string;
}

/** First half of the name of the lock below; any constant serves. */
const JOURNAL_LOCK_KEY = 7_270_012;

/**
 * Changes a push that is locked, and writes the change down. Call it near the end of the transaction, before the
 * entry of the log: sequences are given out under a lock that is held to the commit, so that whoever reads the journal
 * never finds a smaller one later.
 * @throws KuramoriError INTERNAL when the state may not follow
 */
export async function changePush(tx: Session, push: PushRow, changed: PushChanged): Promise<void> {
  const { state, reason, sending } = changed;
  if (!mayFollow(push.state, state) || isFinal(state) !== (changed.nextAttemptAt === undefined)) {
    throw new KuramoriError('INTERNAL', 'A push was to change into a state that cannot follow.', {
      from: push.state,
      to: state,
    });
  }
  const attempt = push.attempt + (sending ? 1 : 0);
  const next = changed.nextAttemptAt?.toString() ?? null;
  const intent = sending?.intentEntry ?? push.intentEntry;
  await tx.run(
    'vault.push.change',
    ({ raw }) => raw`
    update vault.push set state = ${state}, reason = ${reason}, attempt = ${attempt}, inquiries = 0,
      next_attempt_at = ${next}, envelope_ref = ${sending?.envelopeRef ?? push.envelopeRef},
      sent_at = ${sending?.sentAt.toString() ?? push.sentAt},
      intent_entry = ${intent === null ? null : String(intent)}
    where push_request_id = ${push.pushRequestId}`,
  );
  await writeChange(tx, { pushRequestId: push.pushRequestId, attempt, next, ...changed });
}

/** The first line of a push's history. */
export function writeAccepted(
  tx: Session,
  pushRequestId: string,
  at: Temporal.Instant,
  firstAttemptAt: Temporal.Instant,
): Promise<void> {
  const next = firstAttemptAt.toString();
  const line = { state: 'ACCEPTED', reason: 'ACCEPTED', at, attempt: 0, next } as const;
  return writeChange(tx, { pushRequestId, ...line });
}

interface JournalLine extends Pick<
  PushChanged,
  'state' | 'reason' | 'at' | 'receiptDigest' | 'cancelReason'
> {
  readonly pushRequestId: string;
  readonly attempt: number;
  readonly next: string | null;
}

async function writeChange(tx: Session, line: JournalLine): Promise<void> {
  await lockJournal(tx);
  await tx.run(
    'vault.push.line',
    ({ raw }) => raw`
    insert into vault.push_change (push_request_id, state, reason, at, attempt, receipt_digest, next_attempt_at,
      cancel_reason)
    values (${line.pushRequestId}, ${line.state}, ${line.reason}, ${line.at.toString()}, ${line.attempt},
      ${line.receiptDigest ?? null}, ${line.next}, ${line.cancelReason ?? null})`,
  );
}

/** Keeps everybody else from the journal to the end of the transaction. Take it late. */
export async function lockJournal(tx: Session): Promise<void> {
  await tx.run('vault.push.journal', ({ raw }) => raw`select pg_advisory_xact_lock(${JOURNAL_LOCK_KEY}, 0)`);
}

/** Leaves a push in its state and looks at it again later. */
export async function postpone(tx: Session, push: PushRow, nextAttemptAt: Temporal.Instant): Promise<void> {
  await tx.run(
    'vault.push.postpone',
    ({ raw }) => raw`
    update vault.push set inquiries = inquiries + 1, next_attempt_at = ${nextAttemptAt.toString()}
    where push_request_id = ${push.pushRequestId} and state = ${push.state}`,
  );
}

/** Who acts when the vault does so by itself. */
const VAULT = 'vault';

/** A record of the log about a push, on behalf of the person who asked for it. */
export function pushRecord(clock: Clock, push: PushRow, entries: AuditRecord['entries']): AuditRecord {
  return {
    kind: 'push',
    at: instantText(clock),
    requestId: push.pushRequestId,
    actorId: push.personId,
    roles: [],
    department: push.unit,
    terminal: VAULT,
    sessionId: '',
    strength: '',
    clientApp: VAULT,
    purpose: push.purpose,
    caseRef: push.caseId,
    operationName: push.procedure,
    entries,
  };
}

/** The entry of a change: what it became, and why. A push that failed is shown to the auditors. */
export function changeEntry(
  push: PushRow,
  { state, reason }: Pick<PushChanged, 'state' | 'reason'>,
): AuditEntry {
  return {
    coordinate: `Push.${state}`,
    decision: 'allow',
    reason,
    rows: state === 'DONE' ? 1 : 0,
    subjects: [push.vaultRef],
    ...(state === 'FAILED' && { raised: true }),
  };
}

/** 着手: before a message leaves, or the other side is asked about one. */
export function intentEntry(push: PushRow, coordinate: 'Push.send' | 'Push.ask'): AuditEntry {
  return { coordinate, decision: 'allow', reason: 'intent', rows: 0, subjects: [push.vaultRef] };
}
