import type { AuditEntry } from '../../audit/record.js';
import type { Session } from '../../kernel/database/database.js';
import { isFinal, mayFollow } from '../../protocol/push.js';
import { didNothing, type Exchange, type SentEnvelope } from '../intermediary/intermediary.js';
import { verdictOf, type Verdict } from '../intermediary/verdict.js';
import { keepAccount } from '../refund/obtained.js';
import { changeEntry, changePush, postpone, pushRecord } from './change.js';
import type { PushContext } from './context.js';
import { recordProvision, type AskedLine, type Inquiry } from './provisionRecord.js';
import { instantOf, lockPush, type PushRow } from './push.store.js';
import { receiptDigestOf, store } from './request.js';
import { nextAttempt } from './schedule.js';

type Answered = Extract<Exchange, { readonly kind: 'answer' }>;

/**
 * Writes down what an exchange came to: receipt, information provision record, account, state, journal and entry of the
 * log in one transaction. A push that was killed before it asks again; one that was killed after it does not.
 * @param isAgain the exchange sent the identical envelope once more: an earlier copy may have arrived, or may still
 */
export async function settle(
  context: PushContext,
  pushRequestId: string,
  envelope: SentEnvelope,
  exchange: Exchange,
  isAgain = false,
): Promise<void> {
  await context.database.transaction('vault.push.settle', async (tx) => {
    const push = await lockPush(tx, pushRequestId);
    // Whoever came to it first has settled it.
    if (push === undefined || isFinal(push.state)) return;
    const verdict = inTime(context, push, verdictOn(envelope, exchange, isAgain));
    const receipt = exchange.kind === 'answer' ? exchange.receipt : undefined;
    const kept = isFinal(verdict.state) ? await keep(context, tx, push, envelope, verdict, receipt) : nothing;
    await enter(context, tx, push, kept.verdict ?? verdict, kept);
  });
}

/** What a line of a batch came to. */
export interface SettledLine {
  readonly asked: AskedLine;
  readonly verdict: Verdict;
  /** Of the results that it came with. */
  readonly receiptDigest: string | undefined;
}

/**
 * Writes down what a line of a batch came to, in a transaction of its own: information provision record, account,
 * state, journal and entry of the log. One that has ended stays as it is.
 */
export async function settleLine(
  context: PushContext,
  pushRequestId: string,
  { asked, verdict, receiptDigest }: SettledLine,
): Promise<void> {
  await context.database.transaction('vault.push.line.settle', async (tx) => {
    const push = await lockPush(tx, pushRequestId);
    // What may not follow leaves nothing behind: the batch is not over while the line is open.
    if (push === undefined || !mayFollow(push.state, verdict.state)) return;
    const kept = await keepInquiry(context, tx, push, asked, verdict);
    const digest = receiptDigest === undefined ? {} : { receiptDigest };
    await enter(context, tx, push, kept.verdict, { ...kept, ...digest });
  });
}

function verdictOn(envelope: SentEnvelope, exchange: Exchange, isAgain: boolean): Verdict {
  if (isAgain && didNothing(exchange)) return open;
  return exchange.kind === 'answer' ? verdictOf(envelope, exchange.answer) : withoutAnswer(exchange);
}

/** What waits for the other side waits no longer than the push may, whether the other side is there or not. */
function inTime({ clock }: PushContext, push: PushRow, verdict: Verdict): Verdict {
  const isOver = clock.now().epochMilliseconds >= instantOf(push.deadline).epochMilliseconds;
  if (push.state !== 'PENDING' || isFinal(verdict.state) || !isOver) return verdict;
  return { ...verdict, state: 'EXPIRED', reason: 'DEADLINE_PASSED' };
}

/** Whether it had an effect is asked. */
const open: Verdict = { state: 'INDETERMINATE', reason: 'NO_ANSWER' };

/** Unless nothing was sent at all it may have been received. */
function withoutAnswer({ kind }: Exclude<Exchange, Answered>): Verdict {
  return kind === 'notReached' ? { state: 'RETRY_WAIT', reason: 'NOT_REACHED' } : open;
}

interface Extras {
  /** Where what was answered cannot be used. */
  readonly verdict?: Verdict;
  readonly receiptDigest?: string;
  readonly entries: readonly AuditEntry[];
}

const nothing: Extras = { entries: [] };

async function keep(
  context: PushContext,
  tx: Session,
  push: PushRow,
  envelope: SentEnvelope,
  verdict: Verdict,
  receipt: Uint8Array | undefined,
): Promise<Extras> {
  const digest = receipt && { receiptDigest: receiptDigestOf(receipt) };
  if (receipt) await store(context, tx, 'receipt', receipt);
  if (envelope.kind !== 'inquiry') return { ...digest, entries: [] };
  return { ...(await keepInquiry(context, tx, push, envelope, verdict)), ...digest };
}

async function keepInquiry(
  context: PushContext,
  tx: Session,
  push: PushRow,
  asked: AskedLine,
  verdict: Verdict,
): Promise<Extras & { readonly verdict: Verdict }> {
  const kept = await keepAccount(context, tx, push, verdict);
  const inquiry: Inquiry = { push, asked, verdict: kept.verdict, self: context.intermediary.self };
  const entries = [...(await recordProvision(tx, context.clock.now(), inquiry)), ...kept.entries];
  return { verdict: kept.verdict, entries };
}

async function enter(
  { clock, audit }: PushContext,
  tx: Session,
  push: PushRow,
  verdict: Verdict,
  { receiptDigest, entries }: Extras,
): Promise<void> {
  const at = clock.now();
  const { state, reason } = verdict;
  const nextAttemptAt = isFinal(state) ? undefined : nextAttempt(at, push.attempt);
  if (!mayFollow(push.state, state)) return postpone(tx, push, nextAttempt(at, push.inquiries + 1));
  await changePush(tx, push, {
    state,
    reason,
    at,
    ...(nextAttemptAt && { nextAttemptAt: earlier(nextAttemptAt, push) }),
    ...(receiptDigest !== undefined && { receiptDigest }),
  });
  await audit.appendIn(tx, pushRecord(clock, push, [changeEntry(push, verdict), ...entries]));
}

/** Its end is looked at when it comes. */
function earlier(next: ReturnType<typeof nextAttempt>, { deadline }: PushRow) {
  const end = instantOf(deadline);
  return next.epochMilliseconds < end.epochMilliseconds ? next : end;
}
