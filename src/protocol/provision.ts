import { z } from 'zod';
import { INTERMEDIARY_COPIES_MAX, REASON_CHARS_MAX } from '../kernel/limits.js';
import { isUuidV7 } from '../kernel/uuid.js';
import { copyForm } from './intermediary/message.js';
import { identifier, recordId, shortText } from './intermediary/codes.js';

/**
 * Bodies of the operations by which information is given (情報提供; handbook 12 §3 rows 3 and 6), and what they answer.
 * Each of them is one message, named by the program that asks: UUIDv7.
 */

const messageId = z.custom<string>(isUuidV7);
/** 保管庫参照 of the person. */
const ref = z.string().regex(/^vr_[0-9A-HJKMNP-TV-Z]{26}$/);

/** Body of `registerCopies` (副本登録): each copy with the reference of its person. */
export const registerCopiesBodyForm = z.strictObject({
  messageId,
  copies: z.array(copyForm.extend({ ref })).min(1).max(INTERMEDIARY_COPIES_MAX),
});

/** Body of `deleteCopies` (副本削除). */
export const deleteCopiesBodyForm = z.strictObject({
  messageId,
  copies: z.array(z.strictObject({ ref, recordId })).min(1).max(INTERMEDIARY_COPIES_MAX),
});

/** Body of `decideProvision`: a person decides what is not answered automatically (自動応答不可). */
export const decideProvisionBodyForm = z.strictObject({
  messageId,
  provisionId: identifier,
  decision: z.enum(['PROVIDE', 'REFUSE']),
  reason: shortText,
});

const reason = z.string().min(1).max(REASON_CHARS_MAX);

/** Body of `switchProvision` (情報提供の開始・停止). To begin needs a basis and two approvals, to stop neither. */
export const switchProvisionBodyForm = z.discriminatedUnion('on', [
  z.strictObject({ on: z.literal(true), basis: identifier, reason }),
  z.strictObject({ on: z.literal(false), reason }),
]);

/** What a message came to. `INDETERMINATE` and `RETRY_WAIT`: sign for the same again, and it goes on. */
export interface ProvisionAnswer {
  readonly messageId: string;
  readonly state: ProvisionState;
  readonly reason: string;
  /** Of copies, what became of each. */
  readonly copies?: readonly { readonly recordId: string; readonly result: string }[];
  /** In UTC; before it nothing is sent again. */
  readonly nextAttemptAt?: string;
}

/** States of a message, as of a push; nothing goes on by itself. */
export type ProvisionState =
  | 'ACCEPTED'
  | 'SENDING'
  | 'INDETERMINATE'
  | 'RETRY_WAIT'
  | 'DONE'
  | 'REFUSED'
  | 'FAILED';
