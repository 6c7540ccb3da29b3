import type { Session } from '../../kernel/database/database.js';
import { Temporal } from '../../kernel/dates.js';
import type { PushProcedure, PushReason, PushState } from '../../protocol/push.js';
import type { VaultRef } from '../number/vaultRef.js';

/** A row of vault.push. Instants are texts in UTC or with their offset. */
export interface PushRow {
  readonly pushRequestId: string;
  readonly procedure: PushProcedure;
  readonly vaultRef: VaultRef;
  readonly bodyDigest: string;
  readonly refundId: string | null;
  readonly consentId: string | null;
  readonly personId: string;
  readonly unit: string;
  readonly assertedAt: string;
  readonly purpose: string;
  readonly basis: string;
  readonly caseId: string;
  readonly messageId: string;
  readonly state: PushState;
  readonly reason: PushReason;
  readonly attempt: number;
  readonly inquiries: number;
  readonly acceptedAt: string;
  readonly deadline: string;
  readonly requestRef: VaultRef;
  readonly envelopeRef: VaultRef | null;
  readonly sentAt: string | null;
  readonly intentEntry: bigint | null;
  /** 一括照会: it is sent as a line of a batch alone. */
  readonly batched: boolean;
  readonly batchId: string | null;
  /** From 1. */
  readonly lineNo: number | null;
}

/** What a push begins with. */
export type NewPush = Omit<
  PushRow,
  | 'state'
  | 'reason'
  | 'attempt'
  | 'inquiries'
  | 'envelopeRef'
  | 'sentAt'
  | 'intentEntry'
  | 'batchId'
  | 'lineNo'
> & { readonly firstAttemptAt: string };

/** Keeps a name from whoever else accepts a push under it, until the transaction ends. */
export async function lockPushName(tx: Session, pushRequestId: string): Promise<void> {
  await tx.run(
    'vault.push.name',
    ({ raw }) => raw`select pg_advisory_xact_lock(hashtextextended(${`push:${pushRequestId}`}, 0))`,
  );
}

export async function insertPush(tx: Session, push: NewPush): Promise<void> {
  await tx.run(
    'vault.push.insert',
    ({ raw }) => raw`
    insert into vault.push (push_request_id, procedure, vault_ref, body_digest, refund_id, consent_id, person_id, unit,
      asserted_at, purpose, basis, case_id, message_id, state, reason, accepted_at, deadline, next_attempt_at,
      request_ref, batched)
    values (${push.pushRequestId}, ${push.procedure}, ${push.vaultRef}, ${push.bodyDigest}, ${push.refundId},
      ${push.consentId}, ${push.personId}, ${push.unit}, ${push.assertedAt}, ${push.purpose}, ${push.basis},
      ${push.caseId}, ${push.messageId}, 'ACCEPTED', 'ACCEPTED', ${push.acceptedAt}, ${push.deadline},
      ${push.firstAttemptAt}, ${push.requestRef}, ${push.batched})`,
  );
}

/** A push, or nothing when there is none of that name. */
export function readPush(session: Session, pushRequestId: string): Promise<PushRow | undefined> {
  return readWith(session, pushRequestId, false);
}

/** A push that nobody else changes before the transaction's end. */
export function lockPush(tx: Session, pushRequestId: string): Promise<PushRow | undefined> {
  return readWith(tx, pushRequestId, true);
}

async function readWith(
  session: Session,
  pushRequestId: string,
  locked: boolean,
): Promise<PushRow | undefined> {
  const [row] = await session.run(
    'vault.push.read',
    ({ raw }) => raw<PushRow[]>`
    select push_request_id as "pushRequestId", procedure, vault_ref as "vaultRef", body_digest as "bodyDigest",
      refund_id as "refundId", consent_id as "consentId", person_id as "personId", unit,
      asserted_at as "assertedAt", purpose, basis, case_id as "caseId", message_id as "messageId", state, reason,
      attempt, inquiries, accepted_at as "acceptedAt", deadline, request_ref as "requestRef",
      envelope_ref as "envelopeRef", sent_at as "sentAt", intent_entry as "intentEntry",
      batched, batch_id as "batchId", line_no as "lineNo"
    from vault.push where push_request_id = ${pushRequestId} ${locked ? raw`for update` : raw``}`,
  );
  return row;
}

/** Names of pushes that are due and travel by themselves, without those that are being worked on. */
export async function duePushes(
  session: Session,
  now: Temporal.Instant,
  underWay: readonly string[],
  pushesMax: number,
): Promise<readonly string[]> {
  const rows = await session.run(
    'vault.push.due',
    ({ raw }) => raw<{ id: string }[]>`
    select push_request_id as id from vault.push
    where next_attempt_at <= ${now.toString()} and not batched and push_request_id <> all (${[...underWay]}::text[])
    order by next_attempt_at limit ${pushesMax}`,
  );
  return rows.map(({ id }) => id);
}

/** Whether another inquiry for the same refund is under way or has been answered. */
export async function isInquired(tx: Session, refundId: string): Promise<boolean> {
  const rows = await tx.run(
    'vault.push.refund',
    ({ raw }) => raw`
    select from vault.push where refund_id = ${refundId}
      and state not in ('REFUSED', 'FAILED', 'CANCELLED', 'EXPIRED')`,
  );
  return rows.length > 0;
}

/** Those of the references about which a push is under way: their numbers are not erased. */
export async function refsWithPush(
  session: Session,
  refs: readonly VaultRef[],
): Promise<ReadonlySet<VaultRef>> {
  const rows = await session.run(
    'vault.push.open',
    ({ raw }) => raw<{ ref: VaultRef }[]>`
    select distinct vault_ref as ref from vault.push
    where vault_ref = any (${[...refs]}::text[]) and next_attempt_at is not null`,
  );
  return new Set(rows.map(({ ref }) => ref));
}

/** An instant of a row. */
export function instantOf(text: string): Temporal.Instant {
  return Temporal.Instant.from(text);
}
