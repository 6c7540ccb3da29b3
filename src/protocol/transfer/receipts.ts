import { z } from 'zod';
import { TRANSFER_CASES_MAX } from '../../kernel/limits.js';
import { bodyForm, instantForm, packageIdForm, sha256Form, textForm } from './forms.js';
import { CASE_NO } from './layout.js';
import type { MessageKind } from './message.js';
import { MEDIA } from './outerRecord.js';

/** What an organization answers (handbook 13 §7), signed with its Ed25519 key. Due: same day, and 10 business days. */

const about = {
  packageId: packageIdForm,
  /** Digest of the ciphertext that was received: another package of the same name is not meant. */
  ciphertextSha256: sha256Form,
  /** The organization that answers. */
  organization: bodyForm,
};

const deliveryForm = z.strictObject({
  ...about,
  medium: z.enum(MEDIA),
  mediumSerialNo: textForm.nullable(),
  /** 封印の状態; null when nothing was carried. */
  seal: z.enum(['INTACT', 'BROKEN']).nullable(),
  receivedBy: textForm,
  receivedAt: instantForm,
});

/** Reasons for which an organization does not take a case on. */
export const REJECTIONS = ['NOT_ELIGIBLE', 'INCOMPLETE', 'DUPLICATE', 'QUOTA', 'OTHER'] as const;

const outcomeForm = z.discriminatedUnion('outcome', [
  z.strictObject({ caseNo: z.string().regex(CASE_NO), outcome: z.literal('ACCEPTED') }),
  z.strictObject({
    caseNo: z.string().regex(CASE_NO),
    outcome: z.literal('REJECTED'),
    reason: z.enum(REJECTIONS),
  }),
]);

const acceptanceForm = z
  .strictObject({
    ...about,
    cases: z.array(outcomeForm).min(1).max(TRANSFER_CASES_MAX),
    decidedAt: instantForm,
  })
  .refine(({ cases }) => new Set(cases.map(({ caseNo }) => caseNo)).size === cases.length, 'each case once');

/** Answer to a request to erase; also sent unasked when the agreement's day has come. */
const erasureForm = z.strictObject({
  ...about,
  /** Cases whose data were erased. */
  cases: z.int().min(0),
  erasedAt: instantForm,
  method: textForm,
});

/** 受領書: what arrived, and how. */
export const DELIVERY = {
  typ: 'transfer-delivery+jws',
  form: deliveryForm,
} as const satisfies MessageKind<z.ZodType>;
/** 引受通知: only this moves the collection right of a case. */
export const ACCEPTANCE = {
  typ: 'transfer-acceptance+jws',
  form: acceptanceForm,
} as const satisfies MessageKind<z.ZodType>;
/** 消去報告. */
export const ERASURE = {
  typ: 'transfer-erasure+jws',
  form: erasureForm,
} as const satisfies MessageKind<z.ZodType>;

export type DeliveryReceipt = Readonly<z.output<typeof deliveryForm>>;
export type AcceptanceReceipt = Readonly<z.output<typeof acceptanceForm>>;
export type ErasureReport = Readonly<z.output<typeof erasureForm>>;
export type CaseOutcome = AcceptanceReceipt['cases'][number];
