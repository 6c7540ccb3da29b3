import type { Session } from '../../../kernel/database/database.js';
import type { Temporal } from '../../../kernel/dates.js';
import type { PushState } from '../../../protocol/push.js';
import type { VaultRef } from '../../number/vaultRef.js';

/** One push of a batch, or one that waits to be gathered, as far as its batch depends on it. */
export interface BatchedPush {
  readonly pushRequestId: string;
  readonly messageId: string;
  /** 明細番号; 0 while it waits. */
  readonly lineNo: number;
  readonly vaultRef: VaultRef;
  readonly requestRef: VaultRef;
  readonly assertedAt: string;
  readonly deadline: string;
  readonly state: PushState;
  readonly attempt: number;
  /** Its consent was withdrawn. */
  readonly withdrawn: boolean;
}

/** Pushes that may travel in one message: its envelope names one person, one purpose and one basis. */
export interface Gathering {
  readonly personId: string;
  readonly unit: string;
  readonly purpose: string;
  readonly basis: string;
}

type Raw = Parameters<Parameters<Session['run']>[1]>[0]['raw'];

function columns(raw: Raw) {
  return raw`p.push_request_id as "pushRequestId", p.message_id as "messageId", coalesce(p.line_no, 0) as "lineNo",
    p.vault_ref as "vaultRef", p.request_ref as "requestRef", p.asserted_at as "assertedAt", p.deadline, p.state,
    p.attempt,
    exists (select from vault.refund_consent_withdrawal w where w.consent_id = p.consent_id) as withdrawn`;
}

/** Whose pushes have waited long enough; nothing when nobody's have. */
export async function longestWaiting(tx: Session, now: Temporal.Instant): Promise<Gathering | undefined> {
  const [row] = await tx.run(
    'vault.batch.waiting',
    ({ raw }) => raw<Gathering[]>`
    select person_id as "personId", unit, purpose, basis from vault.push
    where batched and batch_id is null and next_attempt_at <= ${now.toString()}
    order by next_attempt_at limit 1`,
  );
  return row;
}

/** All that waits of one gathering, the oldest first, kept from everybody else to the end of the transaction. */
export async function lockGathered(
  tx: Session,
  { personId, unit, purpose, basis }: Gathering,
  linesMax: number,
): Promise<readonly BatchedPush[]> {
  const rows = await tx.run(
    'vault.batch.gathered',
    ({ raw }) => raw<BatchedPush[]>`
    select ${columns(raw)} from vault.push p
    where p.batched and p.batch_id is null and p.next_attempt_at is not null and p.person_id = ${personId}
      and p.unit = ${unit} and p.purpose = ${purpose} and p.basis = ${basis}
    order by p.next_attempt_at, p.push_request_id limit ${linesMax} for update of p`,
  );
  return [...rows];
}

/** Makes pushes the lines of a batch, from 1 in their order. */
export async function placeLines(
  tx: Session,
  batchId: string,
  pushRequestIds: readonly string[],
): Promise<void> {
  await tx.run(
    'vault.batch.place',
    ({ raw }) => raw`
    update vault.push p set batch_id = ${batchId}, line_no = given.line_no
    from unnest(${[...pushRequestIds]}::text[]) with ordinality as given (push_request_id, line_no)
    where p.push_request_id = given.push_request_id`,
  );
}

/** Lets the lines of a batch be gathered anew. */
export async function freeLines(tx: Session, batchId: string, at: Temporal.Instant): Promise<void> {
  await tx.run(
    'vault.batch.free',
    ({ raw }) => raw`
    update vault.push set batch_id = null, line_no = null, next_attempt_at = ${at.toString()}
    where batch_id = ${batchId}`,
  );
}

/** The lines of a batch that have not ended, in their order. */
export async function openLines(session: Session, batchId: string): Promise<readonly BatchedPush[]> {
  const rows = await session.run(
    'vault.batch.lines',
    ({ raw }) => raw<BatchedPush[]>`
    select ${columns(raw)} from vault.push p
    where p.batch_id = ${batchId} and p.next_attempt_at is not null order by p.line_no`,
  );
  return [...rows];
}
