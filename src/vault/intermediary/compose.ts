import type { KeyObject } from 'node:crypto';
import type { Temporal } from '../../kernel/dates.js';
import { newUuidV7 } from '../../kernel/uuid.js';
import type { AccountInquiryBody, PushBody } from '../../protocol/push.js';
import type { InquiryBody, MessageBody } from '../../protocol/intermediary/message.js';
import { REGISTERED_ACCOUNT } from '../../protocol/intermediary/registeredAccount.js';
import { signEnvelope } from '../../protocol/intermediary/signature.js';
import type { BatchEnvelope, Intermediary, ProvisionEnvelope, SentEnvelope } from './intermediary.js';

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

/** レコード識別番号 of a push: unique for ever, as its own name is, by itself and on a line of whichever batch. */
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
  const inquiry = accountInquiry(body, 1, recordIdOf(push.messageId));
  return signEnvelope({ ...head, kind: 'inquiry' as const, body: inquiry }, key);
}

/** One inquiry of a batch: the push that it is, and its place. */
export interface BatchLine {
  /** 明細番号, from 1. */
  readonly lineNo: number;
  /** Of the push, for {@link recordIdOf}. */
  readonly messageId: string;
  readonly body: AccountInquiryBody;
}

/**
 * Makes the envelope of a batch (一括照会). The same lines make the same body, however often they are sent.
 * @param batch `messageId` is the batch’s name
 * @param key private key of the class `intermediary`
 */
export function composeBatch(
  from: Pick<Intermediary, 'sender' | 'layoutVersion'>,
  batch: PushedFor,
  lines: readonly BatchLine[],
  sentAt: Temporal.Instant,
  key: KeyObject,
): BatchEnvelope {
  // Of the push and not of the batch: after a restore the same push may be gathered once more under another name, and
  // the server knows its record.
  const asked = lines.map(({ lineNo, messageId, body }) =>
    accountInquiry(body, lineNo, recordIdOf(messageId)),
  );
  const head = headOf(from, batch, sentAt);
  return signEnvelope({ ...head, kind: 'inquiry.batch' as const, body: { lines: asked } }, key);
}

/** What is given by one message. */
export type Given = {
  [Kind in ProvisionEnvelope['kind']]: { readonly kind: Kind; readonly body: MessageBody<Kind> };
}[ProvisionEnvelope['kind']];

/** Makes the envelope of a message by which something is given (副本登録・副本削除・提供の可否). */
export function composeProvision(
  from: Pick<Intermediary, 'sender' | 'layoutVersion'>,
  by: PushedFor & { readonly approvals: readonly string[] },
  given: Given,
  sentAt: Temporal.Instant,
  key: KeyObject,
): ProvisionEnvelope {
  const approvals = [...by.approvals];
  const { kind, body } = given;
  return signEnvelope<ProvisionEnvelope['kind']>({ ...headOf(from, by, sentAt), approvals, kind, body }, key);
}

function accountInquiry(body: AccountInquiryBody, lineNo: number, recordId: string): InquiryBody {
  const { providerBodyCode, taskCode, procedureCode, informationNameCode, items } = REGISTERED_ACCOUNT;
  return {
    lineNo,
    recordId,
    unifiedAddresseeNo: body.unifiedAddresseeNo,
    taskCode,
    procedureCode,
    providerBodyCode,
    informationNameCode,
    itemCodes: Object.values(items),
    nonDisclosure: false,
    consentId: body.consentId,
  };
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
