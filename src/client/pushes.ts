import { newUuidV7 } from '../kernel/uuid.js';
import { signAssertion, type SignedOperation, type TerminalSigner } from './assertion.js';
import { hostClock } from './clock.js';
import type { OperationContext } from './details.js';

/** What every push to the intermediary server says (handbook 12 §4). */
export interface PushDetails extends OperationContext {
  /**
   * From {@link newPushRequestId}: made before the first signature and kept. Signed for again under the same name, it
   * is the same push and is not sent twice.
   */
  readonly pushRequestId: string;
  readonly ref: string;
  /** 団体内統合宛名番号: 15 digits, linked with the reference in the vault. */
  readonly unifiedAddresseeNo: string;
  /** In UTC; after it nothing is sent any more. */
  readonly deadline?: string;
}

/** What an acquisition of a code says. */
export type AcquireCodeDetails = PushDetails;

/** What an inquiry for a registered account says (handbook 12 §7). */
export interface InquireRefundAccountDetails extends PushDetails {
  readonly refundId: string;
  /** Of a consent that the vault has recorded for this person and this refund. */
  readonly consentId: string;
  /** 氏名カナ of the taxpayer, to be compared with the account's holder. */
  readonly holderKana: string;
  /** 一括照会: it waits a few minutes for others, and is sent with them as one message. */
  readonly batch?: true;
}

/** What a cancellation says. */
export interface CancelPushDetails extends OperationContext {
  readonly ref: string;
  readonly pushRequestId: string;
  readonly reason: string;
}

/** A name for one push, for ever. @param now milliseconds since the epoch */
export function newPushRequestId(now: () => number = hostClock): string {
  return newUuidV7(now());
}

/**
 * Asks for the code (符号取得) of a person. The body is `{pushRequestId, procedure, unifiedAddresseeNo, deadline?}`; the
 * answer `{pushRequestId, state, replayed?}`.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 *
 * @example
 * const pushRequestId = newPushRequestId();
 * const { assertion, body } = await acquireCodeRequest(key, { ...context, pushRequestId, ref, unifiedAddresseeNo });
 */
export function acquireCodeRequest(
  key: TerminalSigner,
  { pushRequestId, unifiedAddresseeNo, deadline, ...context }: AcquireCodeDetails,
): Promise<SignedOperation> {
  const body = { pushRequestId, procedure: 'acquireCode', unifiedAddresseeNo, ...ending(deadline) };
  return signAssertion(key, { ...context, op: 'push' }, body);
}

/**
 * Asks for the registered account (公金受取口座) for one refund.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 */
export function inquireRefundAccountRequest(
  key: TerminalSigner,
  details: InquireRefundAccountDetails,
): Promise<SignedOperation> {
  const { pushRequestId, unifiedAddresseeNo, deadline, refundId, consentId, holderKana, batch, ...context } =
    details;
  const body = {
    pushRequestId,
    procedure: 'inquireRefundAccount',
    unifiedAddresseeNo,
    refundId,
    consentId,
    holderKana,
    ...(batch && { batch }),
    ...ending(deadline),
  };
  return signAssertion(key, { ...context, op: 'push' }, body);
}

/**
 * Takes a push back before anything of it was sent. The body is `{pushRequestId, reason}`.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 */
export function cancelPushRequest(
  key: TerminalSigner,
  { pushRequestId, reason, ...context }: CancelPushDetails,
): Promise<SignedOperation> {
  return signAssertion(key, { ...context, op: 'cancelPush' }, { pushRequestId, reason });
}

function ending(deadline: string | undefined): { deadline?: string } {
  return deadline === undefined ? {} : { deadline };
}
