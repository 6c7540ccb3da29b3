import type { KeyObject } from 'node:crypto';
import type { Temporal } from '../../kernel/dates.js';
import { newUuidV7 } from '../../kernel/uuid.js';
import type { PushBody } from '../../protocol/push.js';
import { REGISTERED_ACCOUNT } from '../../protocol/intermediary/registeredAccount.js';
import { signEnvelope } from '../../protocol/intermediary/signature.js';
import type { Intermediary, SentEnvelope } from './intermediary.js';

/** Who asked for a push, and what for. */
export interface PushedFor {
  readonly messageId: string;
  readonly personId: string;
  readonly unit: string;
  /** When the terminal signed for it. */
  readonly assertedAt: Temporal.Instant;
  readonly purpose: string;
  readonly basis: string;
}

/** レコード識別番号 of a message: unique for ever, as its own name is. */
export function recordIdOf(messageId: string): string {
  return `R-${messageId}`;
}

/**
 * Makes the envelope of a push (handbook 12 §4) and signs it. It holds 団体内統合宛名番号 and codes, never an individual
 * number (handbook 12 §2).
 * @param key private key of the class `intermediary`
 */
export function composeEnvelope(
  from: Pick<Intermediary, 'sender' | 'layoutVersion'>,
  push: PushedFor,
  body: PushBody,
  sentAt: Temporal.Instant,
  key: KeyObject,
): SentEnvelope {
  const head = headOf(from, push, sentAt);
  const { unifiedAddresseeNo } = body;
  if (body.procedure === 'acquireCode')
    return signEnvelope({ ...head, kind: 'code.acquire' as const, body: { unifiedAddresseeNo } }, key);
  const { providerBodyCode, taskCode, procedureCode, informationNameCode, items } = REGISTERED_ACCOUNT;
  const inquiry = {
    lineNo: 1,
    recordId: recordIdOf(push.messageId),
    unifiedAddresseeNo,
    taskCode,
    procedureCode,
    providerBodyCode,
    informationNameCode,
    itemCodes: Object.values(items),
    nonDisclosure: false,
    consentId: body.consentId,
  };
  return signEnvelope({ ...head, kind: 'inquiry' as const, body: inquiry }, key);
}

/**
 * Makes the question whether a code has been acquired (符号取得状況): it has no effect, so that it is asked under a name of
 * its own each time and written down nowhere.
 */
export function composeQuestion(
  from: Pick<Intermediary, 'sender' | 'layoutVersion'>,
  push: PushedFor,
  { unifiedAddresseeNo }: Pick<PushBody, 'unifiedAddresseeNo'>,
  sentAt: Temporal.Instant,
  key: KeyObject,
): SentEnvelope {
  const messageId = newUuidV7(sentAt.epochMilliseconds);
  const head = headOf(from, { ...push, messageId }, sentAt);
  const body = { ask: 'codeStatus', unifiedAddresseeNo } as const;
  return signEnvelope({ ...head, kind: 'query' as const, body }, key);
}

function headOf(
  { sender, layoutVersion }: Pick<Intermediary, 'sender' | 'layoutVersion'>,
  { messageId, personId, unit, assertedAt, purpose, basis }: PushedFor,
  sentAt: Temporal.Instant,
) {
  return {
    messageId,
    sentAt: toMilliseconds(sentAt),
    sender,
    actAs: { personId, unitCode: unit, stepUpAt: toMilliseconds(assertedAt) },
    purpose,
    basis,
    approvals: [],
    layoutVersion,
  };
}

function toMilliseconds(instant: Temporal.Instant): string {
  return new Date(instant.epochMilliseconds).toISOString();
}
