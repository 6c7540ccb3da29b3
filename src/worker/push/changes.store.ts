import type { Session } from '../../kernel/database/database.js';
import type { PushChange } from '../../protocol/push.js';
import { factsOf, type FactsRow, type PushFacts } from './outbox.store.js';

/** How far the vault's journal was read: 0 and an empty digest before anything was. */
export interface Cursor {
  readonly sequence: bigint;
  /** Digest of the change of that sequence. */
  readonly digest: string;
}

/**
 * How far the vault's journal was read, held until the transaction ends.
 * @returns undefined when another worker is reading on at this moment
 */
export async function holdCursor(tx: Session): Promise<Cursor | undefined> {
  const [row] = await tx.run(
    'changes.cursor',
    ({ raw }) => raw<Cursor[]>`
    select sequence, change_digest as digest from records.push_cursor for update skip locked`,
  );
  return row;
}

/** The pushes of ours among those that are named. */
export async function pushesNamed(
  tx: Session,
  pushRequestIds: readonly string[],
): Promise<Map<string, PushFacts>> {
  const rows = await tx.run(
    'changes.pushes',
    ({ raw }) => raw<FactsRow[]>`
    select p.push_request_id, p.addressee_no, c.request_id, c.purpose, c.case_ref
    from records.push_request p join records.change c on c.id = p.change_id
    where p.push_request_id = any(${[...pushRequestIds]}::uuid[])`,
  );
  return new Map(rows.map((row) => [row.push_request_id, factsOf(row)]));
}

/** Writes changes into the journal, each once, and moves the cursor. */
export async function insertChanges(
  tx: Session,
  changes: readonly PushChange[],
  { sequence, digest }: Cursor,
): Promise<void> {
  if (changes.length > 0) {
    const values = columnsOf(changes);
    await tx.run(
      'changes.insert',
      ({ raw }) => raw`
      insert into records.push_state
        (push_request_id, state, at, vault_sequence, attempt, reason, receipt_digest, next_attempt_at,
          cancel_reason)
      select * from unnest(${values.ids}::uuid[], ${values.states}::text[], ${values.ats}::text[]::timestamptz[],
        ${values.sequences}::bigint[], ${values.attempts}::integer[], ${values.reasons}::text[],
        ${values.receipts}::text[], ${values.nexts}::text[]::timestamptz[], ${values.cancelReasons}::text[])
      on conflict (vault_sequence) do nothing`,
    );
  }
  await tx.run(
    'changes.moveCursor',
    ({ raw }) => raw`
    update records.push_cursor set sequence = ${String(sequence)}::bigint, change_digest = ${digest}`,
  );
}

function columnsOf(changes: readonly PushChange[]) {
  return {
    ids: changes.map(({ pushRequestId }) => pushRequestId),
    states: changes.map(({ state }) => state),
    ats: changes.map(({ at }) => at),
    sequences: changes.map(({ sequence }) => sequence),
    attempts: changes.map(({ attempt }) => attempt),
    reasons: changes.map(({ reason }) => reason),
    receipts: changes.map(({ receiptDigest }) => receiptDigest ?? null),
    nexts: changes.map(({ nextAttemptAt }) => nextAttemptAt ?? null),
    cancelReasons: changes.map(({ cancelReason }) => cancelReason ?? null),
  };
}
