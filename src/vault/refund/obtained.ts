import type { AuditEntry } from '../../audit/record.js';
import type { Session } from '../../kernel/database/database.js';
import { isSameHolder } from '../../kernel/holder.js';
import type { AccountInquiryBody } from '../../protocol/push.js';
import type { PushContext } from '../push/context.js';
import type { PushRow } from '../push/push.store.js';
import { readRequest, store } from '../push/request.js';
import type { Verdict } from '../intermediary/verdict.js';
import { accountOf, type RefundAccount } from './account.js';
import { insertAccount } from './account.store.js';
import { lockConsent } from './consent.store.js';

/** What became of the account of an inquiry. */
export interface KeptAccount {
  /** As it was; or that what came cannot be used. */
  readonly verdict: Verdict;
  /** One for each item that was delivered, by its name; never its value (handbook 12 §7). */
  readonly entries: readonly AuditEntry[];
}

/**
 * Keeps the account that an inquiry gave, sealed, for its refund alone, with whether the holder's kana are those that
 * were signed for.
 */
export async function keepAccount(
  context: PushContext,
  tx: Session,
  push: PushRow,
  verdict: Verdict,
): Promise<KeptAccount> {
  if (verdict.reason !== 'OK' || verdict.result === undefined) return { verdict, entries: [] };
  const account = accountOf(verdict.result);
  if (account === undefined)
    return { verdict: { ...verdict, state: 'FAILED', reason: 'FORMAT_ERROR' }, entries: [] };
  const asked = (await readRequest(context, tx, push.requestRef)) as AccountInquiryBody;
  const accountRef = await store(context, tx, 'account', Buffer.from(JSON.stringify(account), 'utf8'));
  const holderMatches = isSameHolder(asked.holderKana, account.holderKana);
  const { pushRequestId, vaultRef } = push;
  const obtainedAt = context.clock.now().toString();
  await lockConsent(tx, push.consentId as string);
  await insertAccount(tx, {
    refundId: push.refundId as string,
    pushRequestId,
    vaultRef,
    accountRef,
    holderMatches,
    obtainedAt,
  });
  return { verdict, entries: fieldEntries(push, account, holderMatches) };
}

function fieldEntries(push: PushRow, account: RefundAccount, holderMatches: boolean): AuditEntry[] {
  const subjects = [push.vaultRef];
  const delivered = Object.keys(account).map((field): AuditEntry => {
    return {
      coordinate: `RefundAccount.${field}`,
      decision: 'allow',
      reason: 'delivered',
      rows: 1,
      subjects,
    };
  });
  const compared: AuditEntry = {
    coordinate: 'RefundAccount.holder',
    decision: 'allow',
    reason: holderMatches ? 'sameHolder' : 'otherHolder',
    rows: 0,
    subjects,
    ...(!holderMatches && { raised: true }),
  };
  return [...delivered, compared];
}
