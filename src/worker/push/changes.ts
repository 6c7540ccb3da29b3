import { createHash, randomUUID } from 'node:crypto';
import type { AuditLog } from '../../audit/log.js';
import type { Clock } from '../../kernel/clock.js';
import type { Database } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { PUSH_CHANGES_MAX } from '../../kernel/limits.js';
import type { PushChange, PushChanges } from '../../protocol/push.js';
import type { VaultClient } from '../../vault/client/client.js';
import { holdCursor, insertChanges, pushesNamed, type Cursor } from './changes.store.js';
import type { PushFacts } from './outbox.store.js';
import { pushRecord, raisedRecord, type PushEntry } from './record.js';

/** What reading the vault's journal works with. */
export interface ChangesDeps {
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly vault: Pick<VaultClient, 'pushChanges'>;
  readonly clock: Clock;
}

/**
 * Reads on in the vault's journal of pushes, one page, and writes down what became of ours: entries of the log first,
 * then states and cursor in one transaction. A worker that is killed before its end has read nothing, and the page is
 * read again; its entries then stand in the log twice, under the same request ids.
 * @returns how many changes there were; 0 also when another worker is reading
 * @throws KuramoriError what the vault or the log throws; INTEGRITY_FAILURE when the journal is not the one read before
 */
export async function readChanges({ database, audit, vault, clock }: ChangesDeps): Promise<number> {
  return database.transaction('push.changes', async (tx) => {
    const cursor = await holdCursor(tx);
    if (cursor === undefined) return 0;
    // One step back, where what was read last must still be.
    const after = cursor.sequence === 0n ? cursor.sequence : cursor.sequence - 1n;
    const changes = changesSince(cursor, await vault.pushChanges(String(after), PUSH_CHANGES_MAX));
    const last = changes.at(-1);
    if (last === undefined) return 0;
    const ours = await pushesNamed(tx, [...new Set(changes.map(({ pushRequestId }) => pushRequestId))]);
    await Promise.all(recordsOf(changes, ours, clock).map((record) => audit.append(record)));
    const known = changes.filter(({ pushRequestId }) => ours.has(pushRequestId));
    await insertChanges(tx, known, cursorAt(last));
    return changes.length;
  });
}

/**
 * What is new on a page that begins with the change that was read last.
 * @throws KuramoriError INTEGRITY_FAILURE when it does not, or is out of order: the journal of a restored vault ends
 *   before what was read, and what it writes next under the same sequences would be taken for known
 */
export function changesSince(cursor: Cursor, { changes }: PushChanges): readonly PushChange[] {
  let reached = cursor.sequence;
  const [first, ...others] = changes;
  const isFirstPage = cursor.sequence === 0n;
  if (!isFirstPage && (first === undefined || cursorAt(first).digest !== cursor.digest))
    throw notTheJournal();
  const since = isFirstPage ? changes : others;
  for (const { sequence } of since) {
    if (BigInt(sequence) <= reached) throw notTheJournal();
    reached = BigInt(sequence);
  }
  return since;
}

/** Where the journal has been read to once a change was read. */
export function cursorAt({ sequence, pushRequestId, state, attempt, at }: PushChange): Cursor {
  const digest = createHash('sha256')
    .update(`${sequence} ${pushRequestId} ${state} ${attempt} ${at}`)
    .digest('hex');
  return { sequence: BigInt(sequence), digest };
}

function notTheJournal(): KuramoriError {
  return new KuramoriError(
    'INTEGRITY_FAILURE',
    'The vault’s journal of pushes is not the one that was read before. See the worker’s section of operating.',
  );
}

/** One record for each push, and one for those that are none of ours. */
function recordsOf(changes: readonly PushChange[], ours: ReadonlyMap<string, PushFacts>, clock: Clock) {
  const byPush = Map.groupBy(changes, ({ pushRequestId }) => pushRequestId);
  const known = [...byPush].flatMap(([id, of]) => {
    const about = ours.get(id);
    return about === undefined ? [] : [pushRecord(about, of.map(entryOf), clock)];
  });
  const unknown = [...byPush.keys()].filter((id) => !ours.has(id)).length;
  return unknown === 0 ? known : [...known, raisedRecord('unknownPush', unknown, randomUUID(), clock)];
}

function entryOf({ state, reason }: PushChange): PushEntry {
  return { coordinate: 'PushRequest.state', decision: 'allow', reason: `${state}:${reason}`, rows: 1 };
}
