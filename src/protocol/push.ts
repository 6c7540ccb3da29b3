import { z } from 'zod';
import { Temporal } from '../kernel/dates.js';
import { HOLDER_KANA_CHARS_MAX, PUSH_CHANGES_MAX, REASON_CHARS_MAX } from '../kernel/limits.js';
import { isUuidV7 } from '../kernel/uuid.js';

/**
 * What the gateway and the worker say to the vault of pushes to the intermediary server (中間サーバー; handbook 12 §4).
 * A push is asked for by an operation that a terminal signed; what becomes of it is read as a list of changes.
 */

/** 手続: 符号取得, 公金受取口座の照会. */
export const PUSH_PROCEDURES = ['acquireCode', 'inquireRefundAccount'] as const;
export type PushProcedure = (typeof PUSH_PROCEDURES)[number];

/** Name of a push for ever (業務冪等キー), made by the program that asks for it: UUIDv7. */
const pushRequestId = z.custom<string>(isUuidV7);
/** 団体内統合宛名番号: 15 digits. */
export const unifiedAddresseeNoForm = z.string().regex(/^\d{15}$/);
/** Name of a refund (還付) in the records, and of a consent (同意) in the vault. */
export const refundIdForm = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/);
export const consentIdForm = z.string().regex(/^CO-[0-9a-f-]{36}$/);
/** 名義人氏名カナ as the records have it; spaces, width and small kana do not count. */
export const holderKanaForm = z.string().trim().min(1).max(HOLDER_KANA_CHARS_MAX);
/** In UTC, `2026-11-22T03:41:50.123Z`. */
const instant = z.string().refine(isInstantInUtc);

const common = {
  pushRequestId,
  unifiedAddresseeNo: unifiedAddresseeNoForm,
  /** After it nothing is sent any more; PUSH_DEADLINE_MS from its acceptance where it is missing. */
  deadline: instant.optional(),
};

/** Body of the operation `push`, which `bodyDigest` of the assertion covers. The assertion names the person's `ref`. */
export const pushBodyForm = z.discriminatedUnion('procedure', [
  z.strictObject({ ...common, procedure: z.literal('acquireCode') }),
  z.strictObject({
    ...common,
    procedure: z.literal('inquireRefundAccount'),
    refundId: refundIdForm,
    consentId: consentIdForm,
    holderKana: holderKanaForm,
    /** 一括照会: it waits for others, and travels with them as one message. */
    batch: z.literal(true).optional(),
  }),
]);
export type PushBody = z.output<typeof pushBodyForm>;
/** 公金受取口座の照会. */
export type AccountInquiryBody = Extract<PushBody, { readonly procedure: 'inquireRefundAccount' }>;

/** Body of the operation `cancelPush`: possible before anything was transmitted. */
export const cancelPushBodyForm = z.strictObject({
  pushRequestId,
  reason: z.string().min(1).max(REASON_CHARS_MAX),
});

/**
 * States of a push. `SENDING`: its message is written down and may be on its way. `PENDING`: the other side has it and
 * has not decided. `RETRY_WAIT`: it surely had no effect and is sent again. `INDETERMINATE`: whether it had one is
 * asked before anything is sent again.
 */
export const PUSH_STATES = [
  'ACCEPTED',
  'SENDING',
  'PENDING',
  'RETRY_WAIT',
  'INDETERMINATE',
  'DONE',
  'REFUSED',
  'FAILED',
  'CANCELLED',
  'EXPIRED',
] as const;
export type PushState = (typeof PUSH_STATES)[number];

const MAY_FOLLOW: Readonly<Record<PushState, readonly PushState[]>> = {
  ACCEPTED: ['SENDING', 'FAILED', 'CANCELLED', 'EXPIRED'],
  SENDING: ['PENDING', 'RETRY_WAIT', 'INDETERMINATE', 'DONE', 'REFUSED', 'FAILED'],
  PENDING: ['DONE', 'REFUSED', 'FAILED', 'EXPIRED'],
  RETRY_WAIT: ['SENDING', 'FAILED', 'CANCELLED', 'EXPIRED'],
  INDETERMINATE: ['SENDING', 'PENDING', 'RETRY_WAIT', 'DONE', 'REFUSED', 'FAILED'],
  DONE: [],
  REFUSED: [],
  FAILED: [],
  CANCELLED: [],
  EXPIRED: [],
};

/** Whether one state may come after another. */
export function mayFollow(from: PushState, to: PushState): boolean {
  return MAY_FOLLOW[from].includes(to);
}

/** Whether nothing comes after a state. */
export function isFinal(state: PushState): boolean {
  return MAY_FOLLOW[state].length === 0;
}

/** Whether a push can still be taken back: nothing of it can have had an effect. */
export function isCancellable(state: PushState): boolean {
  return mayFollow(state, 'CANCELLED');
}

/** Why a push is in its state. Outcomes of the intermediary server keep their names (handbook 12 §4). */
export const PUSH_REASONS = [
  'ACCEPTED',
  'TRANSMITTING',
  'OK',
  'NO_DATA',
  'CODE_NOT_ACQUIRED',
  'DUPLICATE_RECORD',
  'NOT_PERMITTED',
  'MANUAL_PENDING',
  /** The other side has it in work (符号取得). */
  'WAITING',
  'PROVIDER_REFUSED',
  'FORMAT_ERROR',
  'SYSTEM_ERROR',
  /** Nobody was reached: nothing was sent. */
  'NOT_REACHED',
  /** The other side is out of service and says that it did nothing. */
  'OUTAGE',
  /** The other side does not know the message, and takes it no more. */
  'NOT_RECEIVED',
  /** The answer never came, or could not be trusted. */
  'NO_ANSWER',
  /** The vault ended while the message was on its way. */
  'INTERRUPTED',
  'ATTEMPTS_SPENT',
  'DEADLINE_PASSED',
  /** Whether it had an effect could not be found out. */
  'UNRESOLVED',
  /** A line of a batch whose results cannot be believed. */
  'QUARANTINED',
  'CANCELLED',
  /** The consent was withdrawn, or the person's number erased, before anything was sent. */
  'WITHDRAWN',
] as const;
export type PushReason = (typeof PUSH_REASONS)[number];

/** What the operations `push` and `cancelPush` answer. */
export const pushAnswerForm = z.object({
  pushRequestId,
  state: z.enum(PUSH_STATES),
  /** The push was there already; nothing was accepted now. */
  replayed: z.boolean().optional(),
});
export type PushAnswer = z.output<typeof pushAnswerForm>;

const SEQUENCE_MAX = '9223372036854775807';

/** A number that grows from one change to the next, in digits: 64 bits are more than JSON's numbers carry. */
const sequence = z
  .string()
  .regex(/^\d{1,19}$/)
  // As texts of one length, for a refinement also runs on what the pattern has refused.
  .refine((digits) => digits.padStart(SEQUENCE_MAX.length, '0') <= SEQUENCE_MAX);

/** One change of one push, as the vault's journal has it. Nothing of it is personal, but what a clerk wrote. */
export const pushChangeForm = z.object({
  sequence,
  pushRequestId,
  state: z.enum(PUSH_STATES),
  reason: z.enum(PUSH_REASONS),
  /** When it changed, in UTC. */
  at: instant,
  /** How often its message had been sent until then. */
  attempt: z.int().min(0),
  /** `sha256:…` over the receipt that the other side gave, for the records. */
  receiptDigest: z
    .string()
    .regex(/^sha256:[\w-]{43}$/)
    .optional(),
  /** When the vault goes on with it, in UTC. */
  nextAttemptAt: instant.optional(),
  /** 取消理由, of a push that somebody cancelled. */
  cancelReason: z.string().min(1).optional(),
});
export type PushChange = z.output<typeof pushChangeForm>;

/** Query of `GET /v1/pushes/changes`. */
export const pushChangesQueryForm = z.strictObject({
  /** The last one known; `0` for all. */
  after: sequence,
  limit: z
    .string()
    .regex(/^\d{1,4}$/)
    .transform(Number)
    .pipe(z.int().min(1).max(PUSH_CHANGES_MAX)),
});

/** What it answers: changes in their order, and the sequence to ask after next. */
export const pushChangesForm = z.object({
  changes: z.array(pushChangeForm).max(PUSH_CHANGES_MAX),
  last: sequence,
});
export type PushChanges = z.output<typeof pushChangesForm>;

function isInstantInUtc(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/.test(text)) return false;
  try {
    return Temporal.Instant.from(text) !== undefined;
  } catch {
    return false;
  }
}
