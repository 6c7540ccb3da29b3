import type { AnswerBody, Reason } from '../../../protocol/intermediary/answer.js';
import type { MessageKind } from '../../../protocol/intermediary/message.js';
import type { MessageStatus } from '../../../protocol/intermediary/status.js';
import type { Change } from '../store/store.js';

/** What handling a message came to: the answer, and what is committed together with it. */
export interface Worked {
  readonly status: MessageStatus;
  readonly reason?: Reason;
  readonly body: Readonly<Record<string, unknown>>;
  readonly changes: readonly Change[];
}

/** A message that was handled. */
export function worked<K extends MessageKind>(
  status: MessageStatus,
  body: AnswerBody<K>,
  changes: readonly Change[] = [],
): Worked {
  return { status, body, changes };
}

/** A message that was not, for good. */
export function refused(reason: Reason): Worked {
  return { status: 'REFUSED', reason, body: {}, changes: [] };
}
