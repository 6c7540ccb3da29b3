import { z } from 'zod';
import { countForm, instantForm, packageIdForm, sha256Form, yenForm } from '../../protocol/transfer/forms.js';
import {
  TRANSFER_BASES_MAX,
  TRANSFER_NAME_CHARS_MAX,
  TRANSFER_REASON_CHARS_MAX,
} from '../../kernel/limits.js';

/** Number by which the records' own log has a request, as the vault's log has it, too. */
export const REQUEST_ID_HEADER = 'kuramori-request-id';

/**
 * States of a transfer (移管) as the vault knows them (handbook 13 §3). What comes before FROZEN is the records side's
 * own. ABORTED may follow any of them before DELIVERED.
 */
export const TRANSFER_STATES = [
  'FROZEN',
  'APPROVED',
  'ASSEMBLED',
  'SEALED',
  'RELEASED',
  'IN_CARRY',
  'DELIVERED',
  'ACCEPTED',
  'PARTLY_ACCEPTED',
  'REJECTED',
  'ACTIVE',
  'RESULT_RECEIVED',
  'RECONCILED',
  'CLOSED',
  'ABORTED',
] as const;

/** One state of a transfer (移管状態). */
export type TransferStateName = (typeof TRANSFER_STATES)[number];

const name = z.string().min(1).max(TRANSFER_NAME_CHARS_MAX);

/** What the records side announces of a transfer before it sends the rows. */
export const draftForm = z.strictObject({
  /** UUIDv7 of the records side, which the package will have as its id; the same again is the same draft. */
  draftId: packageIdForm,
  /** Which transfer of the year (移管回). */
  roundNo: z.int().min(1).max(99),
  /** The moment that FROZEN fixed (基準日時). */
  asOf: instantForm,
  /** 団体コード of the organization; one that the vault has a setting of. */
  recipient: z.string().regex(/^[0-9]{6}$/),
  /** Name of a profile that the vault has a setting of. */
  profile: name,
  /** 利用目的 */
  purpose: name,
  /** 根拠: at least one that the vault has a setting of, for this recipient. */
  basis: z.array(name).min(1).max(TRANSFER_BASES_MAX),
  /** Why it goes out in a month that is no window (handbook 13 §3). */
  outOfWindowReason: z.string().min(1).max(TRANSFER_REASON_CHARS_MAX).optional(),
});

/** An announced draft (移管データ原案). */
export type TransferDraft = Readonly<z.infer<typeof draftForm>>;

/** A file of a draft that the vault has taken whole. */
export const draftFileForm = z.object({
  rows: countForm,
  bytes: countForm,
  /** Hexadecimal, as `sha256sum` prints it. */
  sha256: sha256Form,
});

export type DraftFile = Readonly<z.infer<typeof draftFileForm>>;

/** Control totals (handbook 13 §2). */
export const totalsForm = z.strictObject({
  cases: countForm,
  lines: countForm,
  assessed: yenForm,
  paid: yenForm,
  reduced: yenForm,
  unpaid: yenForm,
  lateChargeFixed: yenForm,
  fees: yenForm,
  perCaseSha256: sha256Form,
});

/** A draft that no longer changes: what two people approve is its digest. */
export const completedDraftForm = z.strictObject({
  /** Of the manifest's draft, as `src/protocol/transfer/manifest.ts` works it out. */
  draftDigest: sha256Form,
  cases: countForm,
  totals: totalsForm,
});

export type CompletedDraft = Readonly<z.output<typeof completedDraftForm>>;

/** Where a transfer stands. */
export const transferStateForm = z.object({
  draftId: z.string(),
  state: z.enum(TRANSFER_STATES),
  /** No file of it may be changed any more. */
  complete: z.boolean(),
  draftDigest: z.string().optional(),
  packageId: z.string().optional(),
  seriesNo: z.int().optional(),
  /** SHA-256 of the ciphertext, hexadecimal. */
  packageDigest: z.string().optional(),
  /** Every state it was in, oldest first. */
  history: z.array(z.object({ state: z.enum(TRANSFER_STATES), at: z.string() })),
  receipts: z.array(
    z.object({ kind: z.enum(['DELIVERY', 'ACCEPTANCE', 'ERASURE']), digest: z.string(), at: z.string() }),
  ),
  /** Last day for the acceptance receipt: 10 business days after delivery. */
  acceptanceDueOn: z.string().optional(),
  /** Day by which spool and package are erased. */
  eraseBy: z.string().optional(),
});

export type TransferState = Readonly<z.infer<typeof transferStateForm>>;

/** What the organization made of one case (引受・返還). */
export const caseOutcomeForm = z.object({
  caseNo: z.string(),
  outcome: z.enum(['ACCEPTED', 'REJECTED']),
  reason: z.string().optional(),
});

export type CaseOutcome = Readonly<z.infer<typeof caseOutcomeForm>>;

/** A result package that was opened with every check of the receiver, and is kept encrypted for the records side. */
export const resultSummaryForm = z.object({
  /** The result package's id; lists go on after it. */
  resultId: z.string(),
  /** The transfer package it is about. */
  packageId: z.string(),
  seriesNo: z.int(),
  final: z.boolean(),
  receivedAt: z.string(),
  /** SHA-256 of the ciphertext, hexadecimal. */
  digest: z.string(),
  files: z.array(z.object({ name: z.string(), rows: z.int(), bytes: z.int(), sha256: z.string() })),
});

export type ResultSummary = Readonly<z.infer<typeof resultSummaryForm>>;

/** A payment delta (入金連絡) and how far it has come. */
export const deltaStateForm = z.object({
  deltaNo: countForm,
  state: z.enum(['SIGNED', 'SENT']),
  digest: z.string(),
});

export type DeltaState = Readonly<z.infer<typeof deltaStateForm>>;
