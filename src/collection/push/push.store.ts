import type { Session } from '../../kernel/database/database.js';
import { violates } from '../../kernel/database/errors.js';
import { KuramoriError } from '../../kernel/errors.js';
import type { PushProcedure } from '../../protocol/push.js';
import type { PushStanding, RefundToPay, StandingPush } from './push.js';
import type { SignedPush } from './signed.js';

/** A person as far as a push names him. */
export interface PushSubject {
  readonly addresseeNo: string;
  readonly vaultRef: string | null;
  /** 団体内統合宛名番号, where the records have it. */
  readonly unifiedAddresseeNo: string | null;
  /** カナ, with which the holder of an account is compared. */
  readonly kana: string;
}

interface SubjectRow {
  readonly vault_ref: string | null;
  readonly unified_addressee_no: string | null;
  readonly kana: string;
}

/** The person with a number; whether the caller may know of him is asked apart. */
export async function findSubject(tx: Session, addresseeNo: string): Promise<PushSubject | undefined> {
  const [row] = await tx.run(
    'push.subject',
    ({ raw }) => raw<SubjectRow[]>`
    select vault_ref, unified_addressee_no, kana from records.addressee where addressee_no = ${addresseeNo}`,
  );
  if (row === undefined) return undefined;
  return {
    addresseeNo,
    vaultRef: row.vault_ref,
    unifiedAddresseeNo: row.unified_addressee_no,
    kana: row.kana,
  };
}

interface RefundRow {
  readonly addressee_no: string;
  readonly outcome: 'approved' | 'rejected' | null;
  readonly paid: boolean;
}

/**
 * The refund with what was inquired for it. Two clerks who inquire for one refund wait for each other here, so that
 * the later one reads what the earlier one asked for.
 */
export async function lockRefundToPay(tx: Session, refundId: bigint): Promise<RefundToPay | undefined> {
  const id = String(refundId);
  await tx.run(
    'push.lockRefund',
    ({ raw }) => raw`select pg_advisory_xact_lock(hashtext('push.refund'), hashtext(${id}))`,
  );
  const [row] = await tx.run(
    'push.refund',
    ({ raw }) => raw<RefundRow[]>`
    select r.addressee_no, d.outcome, p.refund_id is not null as paid from records.refund r
    left join records.refund_decision d on d.refund_id = r.id
    left join records.refund_payment p on p.refund_id = r.id where r.id = ${id}::bigint`,
  );
  if (row === undefined) return undefined;
  const inquiries = await tx.run(
    'push.inquiries',
    ({ raw }) => raw<{ state: PushStanding }[]>`
    select s.state from records.push_request p join records.push_standing s using (push_request_id)
    where p.refund_id = ${id}::bigint`,
  );
  return {
    addresseeNo: row.addressee_no,
    outcome: row.outcome,
    isPaid: row.paid,
    inquiries: inquiries.map(({ state }) => state),
  };
}

/** A push that is asked for. */
export interface NewPush {
  readonly pushRequestId: string;
  readonly procedure: PushProcedure;
  readonly addresseeNo: string;
  readonly refundId: bigint | null;
  readonly consentId: string | null;
}

/** What a terminal signed, as it came, with where it is noted. */
export interface SignedText {
  readonly signed: SignedPush;
  readonly assertion: string;
  readonly body: string;
  readonly changeId: bigint;
  /** ISO instant of the request. */
  readonly at: string;
}

/**
 * Writes a push down and puts what was signed into the outbox.
 * @throws KuramoriError CONFLICT when there is a push with this id already
 */
export async function insertPush(tx: Session, push: NewPush, text: SignedText): Promise<void> {
  const { pushRequestId, procedure, addresseeNo, refundId, consentId } = push;
  const written = await tx.run(
    'push.insert',
    ({ raw }) => raw`
    insert into records.push_request
      (push_request_id, procedure, addressee_no, refund_id, consent_id, body_digest, change_id)
    values (${pushRequestId}::uuid, ${procedure}, ${addresseeNo}, ${refundId?.toString() ?? null}::bigint,
      ${consentId}, ${text.signed.bodyDigest}, ${String(text.changeId)}::bigint)
    on conflict (push_request_id) do nothing returning push_request_id`,
  );
  if (written.length === 0) {
    throw new KuramoriError(
      'CONFLICT',
      'There is a push with this pushRequestId. To sign it anew use signPushAgain.',
      {
        field: 'body',
      },
    );
  }
  await insertSigned(tx, pushRequestId, text);
}

/**
 * Notes a signature and puts what was signed into the outbox: the push waits for the worker.
 * @throws KuramoriError CONFLICT when something signed of it waits there already
 */
export async function insertSigned(tx: Session, pushRequestId: string, text: SignedText): Promise<void> {
  const { signed, assertion, body, at } = text;
  const changeId = String(text.changeId);
  const validUntil = new Date(signed.validUntil).toISOString();
  try {
    await tx.run(
      'push.sign',
      ({ raw }) => raw`
      with signature as (
        insert into records.push_signature (push_request_id, valid_until, change_id)
        values (${pushRequestId}::uuid, ${validUntil}::timestamptz, ${changeId}::bigint)
      ), state as (
        insert into records.push_state (push_request_id, state, at, change_id)
        values (${pushRequestId}::uuid, 'WAITING', ${at}::timestamptz, ${changeId}::bigint)
      )
      insert into records.push_outbox (push_request_id, assertion, body, valid_until, due_at, change_id)
      values (${pushRequestId}::uuid, ${assertion}, ${body}, ${validUntil}::timestamptz, ${at}::timestamptz,
        ${changeId}::bigint)`,
    );
  } catch (error) {
    if (!violates(error, 'push_outbox_pkey')) throw error;
    throw new KuramoriError('CONFLICT', 'Somebody else signed the push at this moment. Read it again.', {
      field: 'pushRequestId',
    });
  }
}

/** A push that is there. */
export interface FoundPush extends StandingPush {
  readonly pushRequestId: string;
  readonly addresseeNo: string;
  readonly bodyDigest: string;
}

interface FoundRow {
  readonly addressee_no: string;
  readonly body_digest: string;
  readonly state: PushStanding;
  readonly at_vault: boolean;
  readonly valid_until_ms: bigint;
}

/** A push by its id, with the newest of its signatures. */
export async function findPush(tx: Session, pushRequestId: string): Promise<FoundPush | undefined> {
  const [row] = await tx.run(
    'push.find',
    ({ raw }) => raw<FoundRow[]>`
    select p.addressee_no, p.body_digest, s.state, s.vault_sequence is not null as at_vault,
      (select (extract(epoch from max(g.valid_until)) * 1000)::bigint from records.push_signature g
        where g.push_request_id = p.push_request_id) as valid_until_ms
    from records.push_request p join records.push_standing s using (push_request_id)
    where p.push_request_id = ${pushRequestId}::uuid`,
  );
  return (
    row && {
      pushRequestId,
      addresseeNo: row.addressee_no,
      bodyDigest: row.body_digest,
      state: row.state,
      atVault: row.at_vault,
      validUntil: Number(row.valid_until_ms),
    }
  );
}

/**
 * Takes what was signed out of the outbox again.
 * @throws KuramoriError CONFLICT when a worker is handing it over at this moment
 */
export async function withdrawSigned(tx: Session, pushRequestId: string): Promise<void> {
  const [row] = await tx.run(
    'push.withdraw',
    ({ raw }) => raw<{ found: 'withdrawn' | 'none' | 'taken' }[]>`
    select records.withdraw_push(${pushRequestId}::uuid) as found`,
  );
  if (row?.found !== 'taken') return;
  throw new KuramoriError('CONFLICT', 'The push is being handed to the vault. Try again in a moment.', {
    field: 'pushRequestId',
  });
}

/** Notes that a push ended before the vault had it, and why. */
export async function insertCancelled(
  tx: Session,
  pushRequestId: string,
  cancelReason: string,
  { at, changeId }: Pick<SignedText, 'at' | 'changeId'>,
): Promise<void> {
  await tx.run(
    'push.cancelled',
    ({ raw }) => raw`
    insert into records.push_state (push_request_id, state, at, change_id, cancel_reason)
    values (${pushRequestId}::uuid, 'CANCELLED', ${at}::timestamptz, ${String(changeId)}::bigint, ${cancelReason})`,
  );
}
