import type { Session } from '../../kernel/database/database.js';
import type { PushChange } from '../../protocol/push.js';
import { factsOf, type FactsRow, type PushFacts } from './outbox.store.js';

/** A place in the vault's journal: 0 and an empty digest before anything was read. */
export interface Place {
  readonly sequence: bigint;
  /** Digest of the change of that sequence. */
  readonly digest: string;
}

/** How far the vault's journal was read. */
export interface Cursor extends Place {
  /** 世代: how often a restored vault has made it begin anew. */
  readonly generation: number;
}

/**
 * How far the vault's journal was read, held until the transaction ends.
 * @returns undefined when another worker is reading on at this moment
 */
export async function holdCursor(tx: Session): Promise<Cursor | undefined> {
  const [row] = await tx.run(
    'changes.cursor',
    ({ raw }) => raw<Cursor[]>`
    select sequence, change_digest as digest, generation from records.push_cursor for update skip locked`,
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

/**
 * Those of the changes that are written down already, by their sequence: what a restored vault had before, too. What a
 * later generation has gone beyond counts as not written down: the vault may have gone back to an earlier lineage, and
 * its states are what is so again.
 */
export async function changesKnown(
  tx: Session,
  changes: readonly PushChange[],
): Promise<ReadonlySet<string>> {
  const { ids, states, ats, sequences, attempts } = columnsOf(changes);
  const rows = await tx.run(
    'changes.known',
    ({ raw }) => raw<{ sequence: string }[]>`
    select distinct s.vault_sequence::text as sequence
    from unnest(${ids}::uuid[], ${states}::text[], ${ats}::text[]::timestamptz[], ${sequences}::bigint[],
      ${attempts}::integer[]) as told (push_request_id, state, at, sequence, attempt)
    join records.push_state s on s.vault_sequence = told.sequence and s.push_request_id = told.push_request_id
      and s.state = told.state and s.at = told.at and s.attempt = told.attempt
    where not exists (select from records.push_state n
      where n.push_request_id = s.push_request_id and n.vault_generation > s.vault_generation)`,
  );
  return new Set(rows.map(({ sequence }) => sequence));
}

/** Writes changes into the journal, each once in its generation, and moves the cursor. */
export async function insertChanges(
  tx: Session,
  changes: readonly PushChange[],
  { sequence, digest, generation }: Cursor,
): Promise<void> {
  if (changes.length > 0) {
    const values = columnsOf(changes);
    await tx.run(
      'changes.insert',
      ({ raw }) => raw`
      insert into records.push_state
        (vault_generation, push_request_id, state, at, vault_sequence, attempt, reason, receipt_digest,
          next_attempt_at, cancel_reason)
      select ${generation}::integer, told.* from unnest(${values.ids}::uuid[], ${values.states}::text[],
        ${values.ats}::text[]::timestamptz[], ${values.sequences}::bigint[], ${values.attempts}::integer[],
        ${values.reasons}::text[], ${values.receipts}::text[], ${values.nexts}::text[]::timestamptz[],
        ${values.cancelReasons}::text[]) as told
      on conflict (vault_sequence, vault_generation) do nothing`,
    );
  }
  await tx.run(
    'changes.moveCursor',
    ({ raw }) => raw`
    update records.push_cursor set sequence = ${String(sequence)}::bigint, change_digest = ${digest}`,
  );
}

/** Begins with the journal of a restored vault from its first change. */
export async function rewindCursor(tx: Session): Promise<void> {
  await tx.run(
    'changes.rewind',
    ({ raw }) => raw`
    update records.push_cursor set sequence = 0, change_digest = '', generation = generation + 1`,
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
