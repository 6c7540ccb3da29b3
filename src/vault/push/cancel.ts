import { KuramoriError } from '../../kernel/errors.js';
import { REASON_CHARS_MAX } from '../../kernel/limits.js';
import { enteredWords } from '../entered.js';
import { cancelPushBodyForm, isCancellable, type PushAnswer } from '../../protocol/push.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { subjectRef } from '../operation/subjects.js';
import { changePush } from './change.js';
import { lockPush } from './push.store.js';

/**
 * 送信の取消, before anything of it can have had an effect. The journal keeps the reason in the words that were signed.
 * Cancelled again, it stays what it is, with its first reason. Answers `{pushRequestId, state}`.
 * @throws KuramoriError NOT_FOUND when the person has no such push; CONFLICT, facts `{state}`, when it is too late
 */
export function cancelPush(call: EffectCall): Promise<Effect> {
  const { context, trail } = call;
  const ref = subjectRef(call.assertion);
  const { pushRequestId, reason } = readBody(cancelPushBodyForm, call.body);
  const cancelReason = enteredWords(reason, 'reason', REASON_CHARS_MAX);
  return context.database.transaction('vault.push.cancel', async (tx) => {
    const push = await lockPush(tx, pushRequestId);
    if (push?.vaultRef !== ref)
      throw new KuramoriError('NOT_FOUND', 'The person has no such push. Check its name.');
    const { state } = push;
    const isNew = state !== 'CANCELLED';
    // What is in a batch goes with it.
    if (isNew && (!isCancellable(state) || push.batchId !== null)) {
      throw new KuramoriError(
        'CONFLICT',
        'The push may have been sent, so it cannot be cancelled any more.',
        {
          state,
        },
      );
    }
    if (isNew)
      await changePush(tx, push, {
        state: 'CANCELLED',
        reason: 'CANCELLED',
        at: context.clock.now(),
        cancelReason,
      });
    const completed = { rows: isNew ? 1 : 0, subjects: [ref], reason: `cancelled:${pushRequestId}` };
    const result: PushAnswer = { pushRequestId, state: 'CANCELLED' };
    return { ...completed, result, entry: await trail.completesIn(tx, completed) };
  });
}
