import type { AuditLog } from '../../audit/log.js';
import { instantText, type Clock } from '../../kernel/clock.js';
import type { Database, Session } from '../../kernel/database/database.js';
import { isKuramoriError, type ErrorCode, type KuramoriError } from '../../kernel/errors.js';
import { HAND_OVER_RETRY_MS, HAND_OVER_RETRY_MS_MAX } from '../../kernel/limits.js';
import { pushAnswerForm } from '../../protocol/push.js';
import type { VaultClient } from '../../vault/client/client.js';
import { doubled } from '../backoff.js';
import { postponeWaiting, settleWaiting, takeWaiting, type WaitingPush } from './outbox.store.js';
import { pushRecord, type PushEntry } from './record.js';

/** What a handover works with. */
export interface HandOverDeps {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly vault: Pick<VaultClient, 'operate'>;
  readonly clock: Clock;
}

/**
 * What came of a handover. `waiting`: the vault did not do it, or nobody knows, and it is tried again; the vault tells
 * an assertion that it has seen by its first outcome.
 */
export type HandOverOutcome =
  | { readonly kind: 'handedOver'; readonly entry: string }
  | { readonly kind: 'notAccepted' | 'waiting'; readonly code: ErrorCode; readonly entry: string | undefined }
  | { readonly kind: 'tooLate' };

/**
 * Refusals that say nothing of the push itself. With all others the vault has looked at the assertion, which serves
 * once: the clerk must sign again. `REPLAY_DETECTED`: an attempt whose answer never came is still under way there.
 */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'VAULT_UNAVAILABLE',
  'VAULT_SEALED',
  'CLOCK_UNTRUSTED',
  'TOO_MANY_REQUESTS',
  'AUDIT_UNAVAILABLE',
  'DATABASE_UNAVAILABLE',
  'TIMEOUT',
  'REPLAY_DETECTED',
]);

/**
 * Hands the push that is due longest to the vault: takes it, writes the intent into the log, asks the vault, and
 * commits what came of it with the entry of completion. Wherever a worker is killed in between, the push is taken
 * again, and the vault answers the same assertion with the same outcome.
 * @returns what came of it, or undefined when nothing was due
 */
export async function handOverNext(deps: HandOverDeps): Promise<HandOverOutcome | undefined> {
  const { database, audit, clock } = deps;
  const outcome = await database.transaction('push.handOver', async (tx) => {
    const waiting = await takeWaiting(tx, instantText(clock));
    if (waiting === undefined) return undefined;
    const found = await handOver(deps, waiting);
    await settle(tx, clock, waiting, found);
    const entry = completionOf(found);
    await audit.appendAhead(tx, pushRecord(waiting.about, [entry], clock, entryOf(found)));
    return found;
  });
  if (outcome !== undefined) await audit.flushed();
  return outcome;
}

async function handOver(
  { audit, vault, clock }: HandOverDeps,
  { assertion, body, validUntil, about }: WaitingPush,
): Promise<HandOverOutcome> {
  if (clock.now().epochMilliseconds >= validUntil) return { kind: 'tooLate' };
  const intent = {
    coordinate: 'PushRequest.handOver',
    decision: 'allow',
    reason: 'intent',
    rows: 0,
  } as const;
  const { firstSequence } = await audit.append(pushRecord(about, [intent], clock));
  try {
    const { requestId } = about;
    const gatewayEntry = String(firstSequence);
    const { result, entry } = await vault.operate({
      assertion,
      body: JSON.parse(body),
      requestId,
      gatewayEntry,
    });
    if (!pushAnswerForm.safeParse(result).success)
      return { kind: 'waiting', code: 'VAULT_UNAVAILABLE', entry };
    return { kind: 'handedOver', entry };
  } catch (error) {
    if (!isKuramoriError(error)) throw error;
    return refused(error);
  }
}

function refused({ code, facts }: KuramoriError): HandOverOutcome {
  const entry = typeof facts['vaultEntry'] === 'string' ? facts['vaultEntry'] : undefined;
  return { kind: PASSING.has(code) ? 'waiting' : 'notAccepted', code, entry };
}

async function settle(
  tx: Session,
  clock: Clock,
  waiting: WaitingPush,
  outcome: HandOverOutcome,
): Promise<void> {
  const at = instantText(clock);
  switch (outcome.kind) {
    case 'handedOver':
      return settleWaiting(tx, waiting, { state: 'HANDED_OVER', reason: null, at });
    case 'notAccepted':
      return settleWaiting(tx, waiting, { state: 'NOT_ACCEPTED', reason: outcome.code, at });
    case 'tooLate':
      return settleWaiting(tx, waiting, { state: 'AWAITING_SIGNATURE', reason: null, at });
    case 'waiting':
      return postponeWaiting(tx, waiting, nextAttempt(waiting, clock));
  }
}

/** @returns ISO instant, at the latest the end of the signature, when the push is given back to the clerk */
function nextAttempt({ attempts, validUntil }: WaitingPush, clock: Clock): string {
  const pauseMs = doubled(HAND_OVER_RETRY_MS, attempts + 1, HAND_OVER_RETRY_MS_MAX);
  return new Date(Math.min(clock.now().epochMilliseconds + pauseMs, validUntil)).toISOString();
}

function completionOf(outcome: HandOverOutcome): PushEntry {
  const coordinate = 'PushRequest.handOver';
  switch (outcome.kind) {
    case 'handedOver':
      return { coordinate, decision: 'allow', reason: 'HANDED_OVER', rows: 1 };
    case 'tooLate':
      return { coordinate, decision: 'refuse', reason: 'AWAITING_SIGNATURE', rows: 0 };
    case 'notAccepted':
    case 'waiting':
      return { coordinate, decision: 'refuse', reason: outcome.code, rows: 0 };
  }
}

function entryOf(outcome: HandOverOutcome): string | undefined {
  return outcome.kind === 'tooLate' ? undefined : outcome.entry;
}
