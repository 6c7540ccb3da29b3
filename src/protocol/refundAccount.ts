import { z } from 'zod';
import { REASON_CHARS_MAX } from '../kernel/limits.js';
import { consentIdForm, refundIdForm } from './push.js';

/** What terminals ask of the vault about registered accounts for refunds (公金受取口座; handbook 12 §7). */

/** How the person agreed: at the counter, on paper, in an application, by telephone. */
export const CONSENT_CHANNELS = ['counter', 'paper', 'online', 'telephone'] as const;
export type ConsentChannel = (typeof CONSENT_CHANNELS)[number];

const day = z.iso.date();
/** Whole yen, in digits: ten are what the banks' record has room for. */
const yenDigits = z.string().regex(/^[1-9]\d{0,9}$/);
const paymentId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/);

/** Body of `recordConsent`; the assertion names the person's `ref`. */
export const recordConsentBodyForm = z.strictObject({
  /** `CO-` and a UUIDv7, made by the program that records it: recorded twice, it is one consent. */
  consentId: consentIdForm,
  refundId: refundIdForm,
  channel: z.enum(CONSENT_CHANNELS),
  consentedOn: day,
  /** Over the paper or the application that shows it. */
  evidenceDigest: z.string().regex(/^sha256:[\w-]{42}[AEIMQUYcgkosw048]$/),
});

/** Body of `withdrawConsent`. */
export const withdrawConsentBodyForm = z.strictObject({
  consentId: consentIdForm,
  reason: z.string().min(1).max(REASON_CHARS_MAX),
});

/**
 * What a withdrawal finds of the payment: `none` was taken; it is `stopped`; it is `paid` already; or it stands
 * `inFile`, a payment file (総合振込) that has left the vault, and only the bank can still stop it.
 */
export const WITHDRAWN_PAYMENTS = ['none', 'stopped', 'inFile', 'paid'] as const;
export type WithdrawnPayment = (typeof WITHDRAWN_PAYMENTS)[number];

/** What `withdrawConsent` answers. */
export interface WithdrawConsentAnswer {
  readonly consentId: string;
  readonly payment: WithdrawnPayment;
  /** Of the payment file, with `inFile`. */
  readonly fileNo?: number;
  readonly recordNo?: number;
  readonly payOn?: string;
}

/** Body of `viewRefundAccount`: the masked account. */
export const viewRefundAccountBodyForm = z.strictObject({ refundId: refundIdForm });

/** Body of `revealRefundAccount`: the whole account, sealed to the reader. */
export const revealRefundAccountBodyForm = z.strictObject({ refundId: refundIdForm, readerKey: z.unknown() });

/** Body of `takeRefundAccount`: one payment of one refund. */
export const takeRefundAccountBodyForm = z.strictObject({
  refundId: refundIdForm,
  paymentId,
  amount: yenDigits,
  /** 10 digits that come back with the bank's answer. */
  customerNo: z.string().regex(/^\d{10}$/),
  /** The holder's name is not the taxpayer's: somebody has looked at it and says why it is paid all the same. */
  differingHolder: z.string().min(1).max(REASON_CHARS_MAX).optional(),
});

/** Body of `confirmRefundPayment`: the bank has paid. */
export const confirmRefundPaymentBodyForm = z.strictObject({
  refundId: refundIdForm,
  paymentId,
  paidOn: day,
  /** Where the bank's list has it; missing for what was paid by no payment file. */
  fileRecord: z
    .strictObject({ fileNo: z.int32().min(1), recordNo: z.int32().min(1), amount: yenDigits })
    .optional(),
});
export type FileRecord = NonNullable<z.output<typeof confirmRefundPaymentBodyForm>['fileRecord']>;
