import type { Session } from '../../kernel/database/database.js';
import type { ProvisionState } from '../../protocol/provision.js';
import type { VaultRef } from '../number/vaultRef.js';

/** A row of vault.provision_message. Instants are texts in UTC or with their offset. */
export interface MessageRow {
  readonly messageId: string;
  readonly kind: 'copy.register' | 'copy.delete' | 'provision.decide';
  readonly bodyDigest: string;
  readonly personId: string;
  readonly state: ProvisionState;
  readonly reason: string;
  readonly attempt: number;
  readonly nextAttemptAt: string | null;
  readonly envelopeRefs: readonly VaultRef[] | null;
  readonly receiptRefs: readonly VaultRef[] | null;
  readonly receiptDigest: string | null;
  readonly sentAt: string | null;
}

/** Writes a message down under its name, unless there is one. @returns the one that is there, locked */
export async function takeMessage(
  tx: Session,
  message: Pick<MessageRow, 'messageId' | 'kind' | 'bodyDigest' | 'personId'> & {
    readonly subjects: readonly VaultRef[];
    readonly acceptedAt: string;
  },
): Promise<MessageRow> {
  await tx.run(
    'vault.provision.message.insert',
    ({ raw }) => raw`
    insert into vault.provision_message (message_id, kind, body_digest, person_id, subjects, state, reason,
      accepted_at)
    values (${message.messageId}, ${message.kind}, ${message.bodyDigest}, ${message.personId},
      ${[...message.subjects]}::text[], 'ACCEPTED', 'ACCEPTED', ${message.acceptedAt}) on conflict do nothing`,
  );
  return lockMessage(tx, message.messageId);
}

/** Whether a name is a message's already. */
export async function isKnownMessage(session: Session, messageId: string): Promise<boolean> {
  const rows = await session.run(
    'vault.provision.message.known',
    ({ raw }) => raw`select from vault.provision_message where message_id = ${messageId}`,
  );
  return rows.length > 0;
}

/** Those of some references about which a message may have had an effect that is not known yet. */
export async function refsWithMessage(
  session: Session,
  refs: readonly VaultRef[],
): Promise<readonly VaultRef[]> {
  const rows = await session.run(
    'vault.provision.message.open',
    ({ raw }) => raw<{ ref: VaultRef }[]>`
    select distinct subject as ref from vault.provision_message m cross join unnest(m.subjects) as subject
    where m.state in ('SENDING', 'INDETERMINATE') and subject = any (${[...refs]}::text[])`,
  );
  return rows.map(({ ref }) => ref);
}

/** Forgets items of the spool that are erased. */
export async function forgetMessageItems(tx: Session, refs: readonly VaultRef[]): Promise<void> {
  const list = [...refs];
  await tx.run(
    'vault.provision.message.forget',
    ({ raw }) => raw`
    update vault.provision_message set
      envelope_refs = case when envelope_refs && ${list}::text[] then null else envelope_refs end,
      receipt_refs = case when receipt_refs && ${list}::text[] then null else receipt_refs end
    where envelope_refs && ${list}::text[] or receipt_refs && ${list}::text[]`,
  );
}

/** A message that is known to be there, and that nobody else changes before the transaction's end. */
export async function lockMessage(tx: Session, messageId: string): Promise<MessageRow> {
  const [row] = await tx.run(
    'vault.provision.message.lock',
    ({ raw }) => raw<MessageRow[]>`
    select message_id as "messageId", kind, body_digest as "bodyDigest", person_id as "personId", state, reason,
      attempt, next_attempt_at as "nextAttemptAt", envelope_refs as "envelopeRefs", receipt_refs as "receiptRefs",
      receipt_digest as "receiptDigest", sent_at as "sentAt"
    from vault.provision_message where message_id = ${messageId} for update`,
  );
  return row as MessageRow;
}

/** Writes a message as it has become. */
export async function updateMessage(tx: Session, message: MessageRow): Promise<void> {
  const { envelopeRefs, receiptRefs } = message;
  await tx.run(
    'vault.provision.message.change',
    ({ raw }) => raw`
    update vault.provision_message set state = ${message.state}, reason = ${message.reason},
      attempt = ${message.attempt}, next_attempt_at = ${message.nextAttemptAt},
      envelope_refs = ${envelopeRefs && [...envelopeRefs]}::text[],
      receipt_refs = ${receiptRefs && [...receiptRefs]}::text[], receipt_digest = ${message.receiptDigest},
      sent_at = ${message.sentAt}
    where message_id = ${message.messageId}`,
  );
}
