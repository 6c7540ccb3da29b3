import { z } from 'zod';
import {
  INTERMEDIARY_BATCH_LINES_MAX,
  INTERMEDIARY_COPIES_MAX,
  INTERMEDIARY_ITEM_VALUE_CHARS_MAX,
  INTERMEDIARY_ITEMS_MAX,
  OPERATION_APPROVALS_MAX,
} from '../../kernel/limits.js';
import {
  bodyCode,
  digestText,
  identifier,
  informationNameCode,
  instant,
  isoDay,
  itemCode,
  layoutVersion,
  messageId,
  procedureCode,
  recordId,
  shortText,
  signatureText,
  taskCode,
  unifiedAddresseeNo,
} from './codes.js';

/** The version of these forms; one side that speaks another is not understood. */
export const INTERMEDIARY_PROTOCOL = 'spi-intermediary/1';

/** Values of items (特定個人情報項目) by their codes. */
export const itemValues = z
  .record(itemCode, z.string().max(INTERMEDIARY_ITEM_VALUE_CHARS_MAX))
  .refine((items) => Object.keys(items).length <= INTERMEDIARY_ITEMS_MAX);

/** 情報照会: one question to one provider about one person. */
export const inquiryForm = z.strictObject({
  lineNo: z.int().min(1).max(INTERMEDIARY_BATCH_LINES_MAX),
  recordId,
  unifiedAddresseeNo,
  taskCode,
  procedureCode,
  providerBodyCode: bodyCode,
  informationNameCode,
  itemCodes: z.array(itemCode).min(1).max(INTERMEDIARY_ITEMS_MAX).exactOptional(),
  condition: z
    .strictObject({
      from: isoDay.exactOptional(),
      to: isoDay.exactOptional(),
      fiscalYear: z
        .string()
        .regex(/^\d{4}$/)
        .exactOptional(),
    })
    .exactOptional(),
  /** 不開示: the fact of the inquiry itself is not to be disclosed (番号法 art. 23(2)). */
  nonDisclosure: z.boolean(),
  /** Consent of the person; an inquiry for a registered account (公金受取口座) has one. */
  consentId: identifier.exactOptional(),
});

export type InquiryBody = z.output<typeof inquiryForm>;

/** 副本: what a body holds ready for others to ask for. */
export const copyForm = z.strictObject({
  recordId,
  unifiedAddresseeNo,
  informationNameCode,
  version: z.int().min(1).max(9_999),
  publishedFrom: isoDay,
  publishedTo: isoDay,
  /** 自動応答不可フラグ: a person decides each time. */
  autoAnswerForbidden: z.boolean(),
  nonDisclosure: z.boolean(),
  items: itemValues,
});

export type CopyBody = z.output<typeof copyForm>;

const queryForm = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('codeStatus'), unifiedAddresseeNo }),
  z.strictObject({ ask: z.literal('message'), messageId }),
  z.strictObject({ ask: z.literal('handshake'), layoutVersions: z.array(layoutVersion).min(1).max(20) }),
  z.strictObject({ ask: z.literal('keyStatus') }),
]);

/** The body of each kind of message. */
export const MESSAGE_BODIES = {
  'code.acquire': z.strictObject({ unifiedAddresseeNo }),
  inquiry: inquiryForm,
  'inquiry.batch': z.strictObject({ lines: z.array(inquiryForm).min(1).max(INTERMEDIARY_BATCH_LINES_MAX) }),
  'copy.register': z.strictObject({ copies: z.array(copyForm).min(1).max(INTERMEDIARY_COPIES_MAX) }),
  'copy.delete': z.strictObject({ recordIds: z.array(recordId).min(1).max(INTERMEDIARY_COPIES_MAX) }),
  'provision.decide': z.strictObject({
    provisionId: identifier,
    decision: z.enum(['PROVIDE', 'REFUSE']),
    reason: shortText,
  }),
  query: queryForm,
} as const;

export const MESSAGE_KINDS = Object.keys(MESSAGE_BODIES) as [MessageKind, ...MessageKind[]];

export type MessageKind = keyof typeof MESSAGE_BODIES;
export type MessageBody<K extends MessageKind = MessageKind> = z.output<(typeof MESSAGE_BODIES)[K]>;

/** The body and the system that a message comes from. */
export const partyForm = z.strictObject({ bodyCode, systemId: identifier });

const headForm = {
  protocol: z.literal(INTERMEDIARY_PROTOCOL),
  messageId,
  sentAt: instant,
  sender: partyForm,
  /** The person on whose behalf it is sent (職員認証), and when that person last proved a second factor. */
  actAs: z.strictObject({ personId: identifier, unitCode: identifier, stepUpAt: instant }),
  purpose: shortText,
  /** Legal basis of the inquiry or the provision. */
  basis: shortText,
  approvals: z.array(identifier).max(OPERATION_APPROVALS_MAX),
  layoutVersion,
  /** SHA-256 of the canonical JSON (RFC 8785) of `body`. */
  digest: digestText,
  /** Ed25519 over the canonical envelope without this member. */
  signature: signatureText,
};

const of = <K extends MessageKind>(kind: K) =>
  z.strictObject({ ...headForm, kind: z.literal(kind), body: MESSAGE_BODIES[kind] });

/** 電文: what is sent to the intermediary server. */
export const envelopeForm = z.discriminatedUnion('kind', [
  of('code.acquire'),
  of('inquiry'),
  of('inquiry.batch'),
  of('copy.register'),
  of('copy.delete'),
  of('provision.decide'),
  of('query'),
]);

export type Envelope = z.output<typeof envelopeForm>;

/** An envelope of one kind. */
export type EnvelopeOf<K extends MessageKind> = Extract<Envelope, { readonly kind: K }>;

/** What a sender fills in; protocol, digest and signature are worked out of it. */
export type UnsignedEnvelope<K extends MessageKind = MessageKind> = Omit<
  EnvelopeOf<K>,
  'protocol' | 'digest' | 'signature'
>;
