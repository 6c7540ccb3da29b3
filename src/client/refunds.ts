import { newUuidV7 } from '../kernel/uuid.js';
import { checkAnchor, type Anchor } from './anchor.js';
import { signAssertion, type SignedOperation, type TerminalSigner } from './assertion.js';
import { hostClock } from './clock.js';
import type { OperationContext } from './details.js';
import { newReaderKey } from './keys.js';
import { checkAsked, openToken } from './open.js';
import { refuseSealed } from './refusal.js';

/** What every operation on the account of a refund (公金受取口座; handbook 12 §7) says. */
export interface RefundDetails extends OperationContext {
  readonly ref: string;
  readonly refundId: string;
}

/** What a consent says. */
export interface RecordConsentDetails extends RefundDetails {
  /** From {@link newConsentId}. */
  readonly consentId: string;
  readonly channel: 'counter' | 'paper' | 'online' | 'telephone';
  /** `2026-11-02` */
  readonly consentedOn: string;
  /** `sha256:…` over the paper or the application that shows it. */
  readonly evidenceDigest: string;
}

/** What a withdrawal says. */
export interface WithdrawConsentDetails extends OperationContext {
  readonly ref: string;
  readonly consentId: string;
  readonly reason: string;
}

/** What who wants to see the whole account says. */
export interface RevealRefundAccountDetails extends RefundDetails {
  readonly stepUp: string;
  readonly anchor: Anchor;
}

/** What a payment says. */
export interface TakeRefundAccountDetails extends RefundDetails {
  readonly stepUp: string;
  readonly paymentId: string;
  /** Whole yen. */
  readonly amount: bigint;
  /** 10 digits that come back with the bank's answer. */
  readonly customerNo: string;
  /** Why it is paid although the holder's name is another. */
  readonly differingHolder?: string;
}

/** What a confirmed payment says. */
export interface ConfirmRefundPaymentDetails extends RefundDetails {
  readonly paymentId: string;
  /** `2026-11-02` */
  readonly paidOn: string;
  /** Where the bank's list has it; missing for what was paid by no payment file. */
  readonly fileRecord?: {
    readonly fileNo: number;
    /** From 1, among the data records. */
    readonly recordNo: number;
    /** Whole yen. */
    readonly amount: bigint;
  };
}

/** The account as it is shown to who pays. */
export interface ShownAccount {
  readonly bankCode: string;
  readonly branchCode: string;
  readonly accountType: string;
  readonly accountNumber: string;
  readonly holderKana: string;
}

/** A reveal of an account, signed, with the only means to open its answer. */
export interface RevealRefundAccountRequest extends SignedOperation {
  /** @throws KuramoriError INTEGRITY_FAILURE when the vault did not write it for this very request */
  readonly open: (jwe: string) => Promise<ShownAccount>;
}

const MEMBERS = ['bankCode', 'branchCode', 'accountType', 'accountNumber', 'holderKana'] as const;

/** A name for one consent. @param now milliseconds since the epoch */
export function newConsentId(now: () => number = hostClock): string {
  return `CO-${newUuidV7(now())}`;
}

/**
 * Records that the person agrees (同意の記録). The answer is `{consentId}`.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 */
export function recordConsentRequest(
  key: TerminalSigner,
  details: RecordConsentDetails,
): Promise<SignedOperation> {
  const { consentId, refundId, channel, consentedOn, evidenceDigest, ...context } = details;
  const body = { consentId, refundId, channel, consentedOn, evidenceDigest };
  return signAssertion(key, { ...context, op: 'recordConsent' }, body);
}

/**
 * Records that the person does not agree any more (同意の撤回). The answer is `{consentId, payment}`: whether a payment
 * that was taken is `stopped`, or stands `inFile`, with `fileNo`, `recordNo` and `payOn`: then only the bank stops it.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 */
export function withdrawConsentRequest(
  key: TerminalSigner,
  { consentId, reason, ...context }: WithdrawConsentDetails,
): Promise<SignedOperation> {
  return signAssertion(key, { ...context, op: 'withdrawConsent' }, { consentId, reason });
}

/**
 * Looks at the account, masked. The answer is `{refundId, account, holderMatches, taken, withdrawn,
 * fileRecord?}`, the last with `fileNo`, `recordNo` and `payOn` where it stands in a payment file.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 */
export function viewRefundAccountRequest(
  key: TerminalSigner,
  { refundId, ...context }: RefundDetails,
): Promise<SignedOperation> {
  return signAssertion(key, { ...context, op: 'viewRefundAccount' }, { refundId });
}

/**
 * Asks for the whole account, for who pays: makes a reader key for this request alone.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}, or for an anchor that is none
 *
 * @example
 * const request = await revealRefundAccountRequest(key, { ...context, ref, refundId, stepUp, anchor });
 * const { refundAccount } = await ask({ assertion: request.assertion, body: request.body });
 * show(await request.open(refundAccount));
 */
export async function revealRefundAccountRequest(
  key: TerminalSigner,
  { anchor, refundId, ...details }: RevealRefundAccountDetails,
): Promise<RevealRefundAccountRequest> {
  checkAnchor(anchor);
  const readerKey = await newReaderKey();
  const { publicJwk, thumbprint } = readerKey;
  const asserted = { ...details, op: 'revealRefundAccount', sealTo: thumbprint } as const;
  const signed = await signAssertion(key, asserted, { refundId, readerKey: { ...publicJwk } });
  const open = async (jwe: string): Promise<ShownAccount> => {
    const claims = await openToken(readerKey, jwe, 'account', anchor);
    checkAsked(claims, { ref: details.ref, jti: signed.jti });
    if (claims['refundId'] !== refundId) refuseSealed();
    return shown(claims);
  };
  return { ...signed, open };
}

/**
 * Uses the account, once, for one payment of this refund. The answer is `{refundId, paymentId}`.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 */
export function takeRefundAccountRequest(
  key: TerminalSigner,
  details: TakeRefundAccountDetails,
): Promise<SignedOperation> {
  const { refundId, paymentId, amount, customerNo, differingHolder, ...context } = details;
  const said = differingHolder === undefined ? {} : { differingHolder };
  const body = { refundId, paymentId, amount: amount.toString(), customerNo, ...said };
  return signAssertion(key, { ...context, op: 'takeRefundAccount' }, body);
}

/**
 * Tells that the bank has paid (支払の確認): the account is erased 30 days later. What stands in a payment file is named by
 * its `fileRecord`. The answer is `{refundId, paymentId}`.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 */
export function confirmRefundPaymentRequest(
  key: TerminalSigner,
  { refundId, paymentId, paidOn, fileRecord, ...context }: ConfirmRefundPaymentDetails,
): Promise<SignedOperation> {
  const record = fileRecord && { fileRecord: { ...fileRecord, amount: String(fileRecord.amount) } };
  const body = { refundId, paymentId, paidOn, ...record };
  return signAssertion(key, { ...context, op: 'confirmRefundPayment' }, body);
}

function shown(claims: Readonly<Record<string, unknown>>): ShownAccount {
  const members = MEMBERS.map((name) => [name, claims[name]] as const);
  if (members.some(([, value]) => typeof value !== 'string')) refuseSealed();
  return Object.fromEntries(members) as unknown as ShownAccount;
}
