import { createHash, randomUUID } from 'node:crypto';
import type { AuditLog } from '../../audit/log.js';
import type { Clock } from '../../kernel/clock.js';
import type { Database, Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { PUSH_CHANGES_MAX } from '../../kernel/limits.js';
import type { PushChange, PushChanges } from '../../protocol/push.js';
import type { VaultClient } from '../../vault/client/client.js';
import {
  changesKnown,
  holdCursor,
  insertChanges,
  pushesNamed,
  rewindCursor,
  type Cursor,
  type Place,
} from './changes.store.js';
import type { PushFacts } from './outbox.store.js';
import { pushRecord, raisedRecord, type PushEntry } from './record.js';

/** What reading the vault's journal works with. */
export interface ChangesDeps {
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly vault: Pick<VaultClient, 'pushChanges'>;
  readonly clock: Clock;
}

/** What one reading came to. */
export interface ChangesRead {
  /** How many changes were new here. */
  readonly found: number;
  /** Whether there is more to read at once. */
  readonly more: boolean;
}

const NOTHING: ChangesRead = { found: 0, more: false };

/**
 * Reads on in the vault's journal of pushes, one page, and writes down what became of ours: entries of the log first,
 * then states and cursor in one transaction. A worker that is killed before its end has read nothing, and the page is
 * read again; its entries then stand in the log twice, under the same request ids. When the journal is no longer the
 * one that was read, the vault was restored from a backup: that is raised, and it is read from its first change, as a
 * new generation whose states go before those of the lost one. What is known is not written a second time.
 * @returns nothing found also when another worker is reading
 * @throws KuramoriError what the vault or the log throws; INTEGRITY_FAILURE when a page is out of order
 */
export async function readChanges(deps: ChangesDeps): Promise<ChangesRead> {
  const { database, audit, vault, clock } = deps;
  return database.transaction('push.changes', async (tx) => {
    const cursor = await holdCursor(tx);
    if (cursor === undefined) return NOTHING;
    // One step back, where what was read last must still be.
    const after = cursor.sequence === 0n ? cursor.sequence : cursor.sequence - 1n;
    const page = await vault.pushChanges(String(after), PUSH_CHANGES_MAX);
    if (!goesOn(cursor, page)) return rewind(deps, tx, cursor);
    const changes = changesSince(cursor, page);
    const last = changes.at(-1);
    if (last === undefined) return NOTHING;
    const known = await changesKnown(tx, changes);
    const news = changes.filter(({ sequence }) => !known.has(sequence));
    const ours = await pushesNamed(tx, [...new Set(news.map(({ pushRequestId }) => pushRequestId))]);
    await Promise.all(recordsOf(news, ours, clock).map((record) => audit.append(record)));
    const ofOurs = news.filter(({ pushRequestId }) => ours.has(pushRequestId));
    await insertChanges(tx, ofOurs, { ...placeAt(last), generation: cursor.generation });
    // A full page, of which the first was known.
    return { found: news.length, more: changes.length >= PUSH_CHANGES_MAX - 1 };
  });
}

/** The journal of a restored vault: it begins anew, and the auditors are told where it was read to. */
async function rewind(
  { audit, clock }: ChangesDeps,
  tx: Session,
  { sequence }: Cursor,
): Promise<ChangesRead> {
  await audit.append(raisedRecord(`journalRestored:${sequence}`, 0, randomUUID(), clock));
  await rewindCursor(tx);
  return { found: 0, more: true };
}

/** Whether a page begins with the change that was read last, or nothing was read yet. */
export function goesOn({ sequence, digest }: Place, { changes: [first] }: PushChanges): boolean {
  return sequence === 0n || (first !== undefined && placeAt(first).digest === digest);
}

/**
 * What is new on a page that goes on from a place.
 * @throws KuramoriError INTEGRITY_FAILURE when it is out of order
 */
export function changesSince({ sequence: from }: Place, { changes }: PushChanges): readonly PushChange[] {
  let reached = from;
  const since = from === 0n ? changes : changes.slice(1);
  for (const { sequence } of since) {
    if (BigInt(sequence) <= reached) throw outOfOrder();
    reached = BigInt(sequence);
  }
  return since;
}

/** Where the journal has been read to once a change was read. */
export function placeAt({ sequence, pushRequestId, state, attempt, at }: PushChange): Place {
  const digest = createHash('sha256')
    .update(`${sequence} ${pushRequestId} ${state} ${attempt} ${at}`)
    .digest('hex');
  return { sequence: BigInt(sequence), digest };
}

function outOfOrder(): KuramoriError {
  return new KuramoriError(
    'INTEGRITY_FAILURE',
    'The vault’s journal of pushes came out of order. See the worker’s section of operating.',
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
