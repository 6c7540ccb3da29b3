import { z } from 'zod';
import { TRANSFER_DELTA_LINES_MAX, TRANSFER_LINES_PER_CASE_MAX } from '../../kernel/limits.js';
import { dayForm, instantForm, packageIdForm, seriesNoForm, textForm, yenForm } from './forms.js';
import { CASE_NO } from './layout.js';
import type { MessageKind } from './message.js';

const lineForm = z.strictObject({
  caseNo: z.string().regex(CASE_NO),
  lineNo: z.int().min(0).max(TRANSFER_LINES_PER_CASE_MAX),
  /** 収納日, at the municipality. */
  receivedOn: dayForm,
  tax: yenForm,
  lateCharge: yenForm,
  fees: yenForm,
  /** What is left of the line's tax after it. */
  unpaid: yenForm,
  /**
   * PAID: money came; REDUCED: the levy was lowered; WITHDRAWN: the line leaves collection; REVERSED: a payment or a
   * reduction was undone, so that its amounts are owed again.
   */
  kind: z.enum(['PAID', 'REDUCED', 'WITHDRAWN', 'REVERSED']),
});

const deltaForm = z.strictObject({
  packageId: packageIdForm,
  /** From 1 for each package, without gaps, so that none is lost or taken twice. */
  deltaNo: seriesNoForm,
  sentAt: instantForm,
  lines: z.array(lineForm).min(1).max(TRANSFER_DELTA_LINES_MAX),
});

const eraseForm = z.strictObject({ packageId: packageIdForm, requestedAt: instantForm, reason: textForm });

/** 入金連絡: what changed at the municipality after the moment of the package; a package is never edited. */
export const PAYMENT_DELTA = {
  typ: 'transfer-delta+jws',
  form: deltaForm,
} as const satisfies MessageKind<z.ZodType>;
/** 消去依頼 of the organization's copy. */
export const ERASURE_REQUEST = {
  typ: 'transfer-erase+jws',
  form: eraseForm,
} as const satisfies MessageKind<z.ZodType>;

export type PaymentDelta = Readonly<z.output<typeof deltaForm>>;
export type PaymentDeltaLine = PaymentDelta['lines'][number];
