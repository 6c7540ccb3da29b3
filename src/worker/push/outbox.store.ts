import type { Session } from '../../kernel/database/database.js';

/** A push that waits to be handed over, as it was signed. Never to be logged. */
export interface WaitingPush {
  readonly pushRequestId: string;
  readonly assertion: string;
  /** JSON text. */
  readonly body: string;
  /** Epoch milliseconds at which the signature ends. */
  readonly validUntil: number;
  /** Handovers that were tried. */
  readonly attempts: number;
  readonly about: PushFacts;
}

/** What the log says of a push. */
export interface PushFacts {
  readonly addresseeNo: string;
  /** Id of the request that signed it, in both logs. */
  readonly requestId: string;
  readonly purpose: string;
  readonly caseRef: string | undefined;
}

/** A row of facts as it is read. */
export interface FactsRow {
  readonly push_request_id: string;
  readonly addressee_no: string;
  readonly request_id: string;
  readonly purpose: string;
  readonly case_ref: string | null;
}

interface WaitingRow extends FactsRow {
  readonly assertion: string;
  readonly body: string;
  readonly valid_until_ms: bigint;
  readonly attempts: number;
}

/**
 * Takes the push that is due longest and that no other worker holds. It is held until the transaction ends, however it
 * ends: a worker that is killed gives it back.
 * @param now ISO instant
 */
export async function takeWaiting(tx: Session, now: string): Promise<WaitingPush | undefined> {
  const [row] = await tx.run(
    'outbox.take',
    ({ raw }) => raw<WaitingRow[]>`
    select o.push_request_id, o.assertion, o.body, (extract(epoch from o.valid_until) * 1000)::bigint as valid_until_ms,
      o.attempts, p.addressee_no, c.request_id, c.purpose, c.case_ref
    from (
      select * from records.push_outbox where due_at <= ${now}::timestamptz order by due_at limit 1
      for update skip locked
    ) as o
    join records.push_request p using (push_request_id) join records.change c on c.id = o.change_id`,
  );
  return (
    row && {
      pushRequestId: row.push_request_id,
      assertion: row.assertion,
      body: row.body,
      validUntil: Number(row.valid_until_ms),
      attempts: row.attempts,
      about: factsOf(row),
    }
  );
}

/** What the log says of a push, from its row. */
export function factsOf({ addressee_no, request_id, purpose, case_ref }: FactsRow): PushFacts {
  return { addresseeNo: addressee_no, requestId: request_id, purpose, caseRef: case_ref ?? undefined };
}

/** A state that a push came to without the vault's journal. */
export interface LocalState {
  readonly state: 'HANDED_OVER' | 'AWAITING_SIGNATURE' | 'NOT_ACCEPTED';
  /** Code of the vault's refusal. */
  readonly reason: string | null;
  /** ISO instant. */
  readonly at: string;
}

/**
 * Takes what was signed away for good, and notes what became of it; the database leaves out that it was handed over
 * once the vault itself has told more, which another worker may be noting at this moment (0030_push_order.sql).
 */
export async function settleWaiting(
  tx: Session,
  { pushRequestId }: Pick<WaitingPush, 'pushRequestId'>,
  { state, reason, at }: LocalState,
): Promise<void> {
  await tx.run(
    'outbox.settle',
    ({ raw }) => raw`
    with gone as (delete from records.push_outbox where push_request_id = ${pushRequestId}::uuid)
    insert into records.push_state (push_request_id, state, at, reason)
    values (${pushRequestId}::uuid, ${state}, ${at}::timestamptz, ${reason}::text)`,
  );
}

/** Leaves a push in the outbox for another attempt. @param dueAt ISO instant */
export async function postponeWaiting(
  tx: Session,
  { pushRequestId }: Pick<WaitingPush, 'pushRequestId'>,
  dueAt: string,
): Promise<void> {
  await tx.run(
    'outbox.postpone',
    ({ raw }) => raw`
    update records.push_outbox set attempts = attempts + 1, due_at = ${dueAt}::timestamptz
    where push_request_id = ${pushRequestId}::uuid`,
  );
}
