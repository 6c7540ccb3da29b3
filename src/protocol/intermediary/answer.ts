import { z } from 'zod';
import { INTERMEDIARY_BATCH_LINES_MAX, INTERMEDIARY_COPIES_MAX } from '../../kernel/limits.js';
import {
  digestText,
  identifier,
  informationNameCode,
  instant,
  layoutVersion,
  messageId,
  recordId,
  shortText,
  signatureText,
} from './codes.js';
import { INTERMEDIARY_PROTOCOL, itemValues, MESSAGE_KINDS, partyForm, type MessageKind } from './message.js';
import { MESSAGE_STATUSES, OUTCOMES } from './status.js';

/** Why a message was refused, or must be sent again. Closed: a reason that is not known stops the sender. */
export const REASONS = [
  'SENDER_NOT_ACCEPTED',
  'DIGEST_MISMATCH',
  'SIGNATURE_INVALID',
  'REPLAY_DETECTED',
  'SENT_AT_OUT_OF_WINDOW',
  'FORMAT_ERROR',
  'INDIVIDUAL_NUMBER_PRESENT',
  'LAYOUT_UNKNOWN',
  'STAFF_UNKNOWN',
  'STAFF_ENDED',
  'STAFF_WITHOUT_RIGHT',
  'STEP_UP_REQUIRED',
  'CONSENT_REQUIRED',
  // What the reference server says of each line, and another may say of the whole message.
  'INQUIRY_NOT_PERMITTED',
  'CODE_NOT_ACQUIRED',
  'DUPLICATE_RECORD',
  'PROVISION_UNKNOWN',
  'PROVISION_DECIDED',
  'PROVISION_EXPIRED',
  'RESULT_EXPIRED',
  'OUTAGE',
] as const;

export type Reason = (typeof REASONS)[number];

/** 照会結果 of one line: both levels of raw statuses are kept beside what they come to. */
export const inquiryResultForm = z.strictObject({
  lineNo: z.int().min(1).max(INTERMEDIARY_BATCH_LINES_MAX),
  recordId,
  /** 情報提供許可証. */
  permissionId: identifier.exactOptional(),
  /** 処理通番. */
  processingNo: identifier.exactOptional(),
  lineStatus: z.string().regex(/^[0-9A-Z]{2}$/),
  lineMessage: shortText,
  names: z
    .array(
      z.strictObject({
        informationNameCode,
        status: z.string().regex(/^[0-9A-Z]{2}$/),
        message: shortText,
        providedAt: instant.exactOptional(),
        items: itemValues,
      }),
    )
    .max(10),
  outcome: z.enum(OUTCOMES),
});

export type InquiryResult = z.output<typeof inquiryResultForm>;

/** What became of one copy (副本). */
const copyResultForm = z.strictObject({
  recordId,
  result: z.enum(['REGISTERED', 'DELETED', 'DUPLICATE_RECORD', 'VERSION_NOT_NEWER', 'NOT_FOUND']),
});

const acquisitionForm = z.strictObject({
  /** 処理通番 of the acquisition (符号取得). */
  acquisitionNo: identifier,
  state: z.enum(['REQUESTED', 'ACQUIRED']),
});

const queryAnswerForm = z.discriminatedUnion('ask', [
  z.strictObject({
    ask: z.literal('codeStatus'),
    state: z.enum(['NOT_REQUESTED', 'REQUESTED', 'ACQUIRED', 'ENDED']),
  }),
  z.strictObject({
    ask: z.literal('message'),
    /** UNKNOWN: no message of that number ever arrived, so it may be sent. */
    state: z.enum([...MESSAGE_STATUSES, 'UNKNOWN']),
  }),
  z.strictObject({ ask: z.literal('handshake'), layoutVersions: z.array(layoutVersion).max(20) }),
  z.strictObject({ ask: z.literal('keyStatus'), keyId: identifier, since: instant }),
]);

/** The answer's body of each kind of message, where it was not refused. */
export const ANSWER_BODIES = {
  'code.acquire': acquisitionForm,
  inquiry: inquiryResultForm,
  'inquiry.batch': z.strictObject({
    batchId: messageId,
    count: z.int().min(1).max(INTERMEDIARY_BATCH_LINES_MAX),
    /** There once they are ready. */
    lines: z.array(inquiryResultForm).max(INTERMEDIARY_BATCH_LINES_MAX).exactOptional(),
  }),
  'copy.register': z.strictObject({ copies: z.array(copyResultForm).max(INTERMEDIARY_COPIES_MAX) }),
  'copy.delete': z.strictObject({ copies: z.array(copyResultForm).max(INTERMEDIARY_COPIES_MAX) }),
  'provision.decide': z.strictObject({ provisionId: identifier, decision: z.enum(['PROVIDE', 'REFUSE']) }),
  query: queryAnswerForm,
} as const satisfies Record<MessageKind, z.ZodType>;

export type AnswerBody<K extends MessageKind = MessageKind> = z.output<(typeof ANSWER_BODIES)[K]>;

/** What comes back. `messageId` is that of the message it answers. */
export const answerForm = z.strictObject({
  protocol: z.literal(INTERMEDIARY_PROTOCOL),
  messageId,
  kind: z.enum(MESSAGE_KINDS),
  status: z.enum(MESSAGE_STATUSES),
  /** With REFUSED and RETRYABLE, and there alone. */
  reason: z.enum(REASONS).exactOptional(),
  sentAt: instant,
  sender: partyForm,
  layoutVersion,
  /** Which of the intermediary server's keys has signed. */
  keyId: identifier,
  /** By ANSWER_BODIES; `{}` where there is a reason. */
  body: z.record(z.string(), z.unknown()),
  digest: digestText,
  signature: signatureText,
});

export type Answer = z.output<typeof answerForm>;

/** What the server fills in; protocol, digest and signature are worked out of it. */
export type UnsignedAnswer = Omit<Answer, 'protocol' | 'digest' | 'signature'>;
