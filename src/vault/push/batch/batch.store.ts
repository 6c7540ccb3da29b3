import type { Session } from '../../../kernel/database/database.js';
import type { Temporal } from '../../../kernel/dates.js';
import type { PushReason, PushState } from '../../../protocol/push.js';
import type { VaultRef } from '../../number/vaultRef.js';
import type { BatchReason, BatchState } from './batch.js';

/** A row of vault.inquiry_batch. Instants are texts in UTC or with their offset. */
export interface BatchRow {
  readonly batchId: string;
  readonly personId: string;
  readonly unit: string;
  readonly purpose: string;
  readonly basis: string;
  readonly assertedAt: string;
  readonly lineCount: number;
  readonly state: BatchState;
  readonly reason: BatchReason;
  readonly attempt: number;
  readonly inquiries: number;
  readonly formedAt: string;
  readonly changedAt: string;
  readonly nextAttemptAt: string | null;
  readonly envelopeRefs: readonly VaultRef[] | null;
  readonly receiptRefs: readonly VaultRef[] | null;
  readonly receiptDigest: string | null;
  readonly sentAt: string | null;
  readonly intentEntry: bigint | null;
}

/** What a batch begins with. */
export type NewBatch = Pick<
  BatchRow,
  'batchId' | 'personId' | 'unit' | 'purpose' | 'basis' | 'assertedAt' | 'lineCount' | 'formedAt'
>;

export async function insertBatch(tx: Session, batch: NewBatch): Promise<void> {
  await tx.run(
    'vault.batch.insert',
    ({ raw }) => raw`
    insert into vault.inquiry_batch (batch_id, person_id, unit, purpose, basis, asserted_at, line_count, state, reason,
      formed_at, changed_at, next_attempt_at)
    values (${batch.batchId}, ${batch.personId}, ${batch.unit}, ${batch.purpose}, ${batch.basis}, ${batch.assertedAt},
      ${batch.lineCount}, 'FORMED', 'FORMED', ${batch.formedAt}, ${batch.formedAt}, ${batch.formedAt})`,
  );
}

/** A batch, or nothing when there is none of that name. */
export function readBatch(session: Session, batchId: string): Promise<BatchRow | undefined> {
  return readWith(session, batchId, false);
}

/** A batch that nobody else changes before the transaction's end. */
export function lockBatch(tx: Session, batchId: string): Promise<BatchRow | undefined> {
  return readWith(tx, batchId, true);
}

async function readWith(session: Session, batchId: string, locked: boolean): Promise<BatchRow | undefined> {
  const [row] = await session.run(
    'vault.batch.read',
    ({ raw }) => raw<BatchRow[]>`
    select ${columns(raw)} from vault.inquiry_batch where batch_id = ${batchId} ${locked ? raw`for update` : raw``}`,
  );
  return row;
}

/** The newest batches. */
export async function listBatches(session: Session, batchesMax: number): Promise<readonly BatchRow[]> {
  const rows = await session.run(
    'vault.batch.list',
    ({ raw }) => raw<BatchRow[]>`
    select ${columns(raw)} from vault.inquiry_batch order by formed_at desc, batch_id desc limit ${batchesMax}`,
  );
  return [...rows];
}

type Raw = Parameters<Parameters<Session['run']>[1]>[0]['raw'];

function columns(raw: Raw) {
  return raw`batch_id as "batchId", person_id as "personId", unit, purpose, basis, asserted_at as "assertedAt",
    line_count as "lineCount", state, reason, attempt, inquiries, formed_at as "formedAt", changed_at as "changedAt",
    next_attempt_at as "nextAttemptAt", envelope_refs as "envelopeRefs", receipt_refs as "receiptRefs",
    receipt_digest as "receiptDigest", sent_at as "sentAt", intent_entry as "intentEntry"`;
}

/** Names of batches that are due, without those that are being worked on. */
export async function dueBatches(
  session: Session,
  now: Temporal.Instant,
  underWay: readonly string[],
  batchesMax: number,
): Promise<readonly string[]> {
  const rows = await session.run(
    'vault.batch.due',
    ({ raw }) => raw<{ id: string }[]>`
    select batch_id as id from vault.inquiry_batch
    where next_attempt_at <= ${now.toString()} and batch_id <> all (${[...underWay]}::text[])
    order by next_attempt_at limit ${batchesMax}`,
  );
  return rows.map(({ id }) => id);
}

/** Writes a batch as it has become; when it becomes nothing else, `next` is null. */
export async function updateBatch(
  tx: Session,
  batch: BatchRow,
  changedAt: string,
  next: string | null,
): Promise<void> {
  const { envelopeRefs, receiptRefs, intentEntry } = batch;
  await tx.run(
    'vault.batch.change',
    ({ raw }) => raw`
    update vault.inquiry_batch set state = ${batch.state}, reason = ${batch.reason}, attempt = ${batch.attempt},
      inquiries = ${batch.inquiries}, changed_at = ${changedAt}, next_attempt_at = ${next},
      envelope_refs = ${envelopeRefs && [...envelopeRefs]}::text[],
      receipt_refs = ${receiptRefs && [...receiptRefs]}::text[], receipt_digest = ${batch.receiptDigest},
      sent_at = ${batch.sentAt}, intent_entry = ${intentEntry === null ? null : String(intentEntry)}
    where batch_id = ${batch.batchId}`,
  );
}

/** What the lines of a batch become with it. */
export interface LinesChanged {
  readonly state: PushState;
  readonly reason: PushReason;
  readonly at: Temporal.Instant;
  readonly nextAttemptAt: Temporal.Instant;
  readonly sending?: { readonly sentAt: Temporal.Instant; readonly intentEntry: bigint };
}

/** Changes the open lines of a batch, and writes it into the journal. Under the lock of the journal. */
export async function changeLines(tx: Session, batchId: string, changed: LinesChanged): Promise<void> {
  const { state, reason, sending } = changed;
  const [at, next] = [changed.at.toString(), changed.nextAttemptAt.toString()];
  await tx.run(
    'vault.batch.lines.change',
    ({ raw }) => raw`
    with changed as (
      update vault.push set state = ${state}, reason = ${reason}, attempt = attempt + ${sending ? 1 : 0}, inquiries = 0,
        next_attempt_at = ${next}, sent_at = coalesce(${sending?.sentAt.toString() ?? null}, sent_at),
        intent_entry = coalesce(${sending ? String(sending.intentEntry) : null}::bigint, intent_entry)
      where batch_id = ${batchId} and next_attempt_at is not null and state <> ${state}
      returning push_request_id, attempt, line_no)
    insert into vault.push_change (push_request_id, state, reason, at, attempt, next_attempt_at)
    select push_request_id, ${state}, ${reason}, ${at}, attempt, ${next} from changed order by line_no`,
  );
}
