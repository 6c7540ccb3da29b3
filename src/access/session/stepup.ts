import { KuramoriError } from '../../kernel/errors.js';
import { STEP_UP_SECONDS } from '../../kernel/limits.js';
import type { Caller } from '../caller.js';
import type { DoorContext } from '../context.js';
import type { Origin, SteppedUp } from '../identity.types.js';
import { isPurpose, type PurposeName } from '../purposes.js';
import { guarded } from '../signin/guard.js';
import { decideTry } from '../signin/try.js';
import { sessionRecord } from './open.js';
import { insertStepUp } from './session.store.js';

/**
 * 再認証: a fresh second factor for one purpose, good for five minutes, end exclusive (handbook 15 §3, §4).
 * Failures count towards the lockout of the account.
 * @throws KuramoriError UNAUTHENTICATED, FORBIDDEN_PURPOSE, TOO_MANY_REQUESTS
 */
export async function stepUp(
  context: DoorContext,
  caller: Caller,
  input: { readonly purpose: string; readonly totp: string },
  from: Origin,
): Promise<SteppedUp> {
  return guarded(context, { kind: 'signInFailure', coordinate: 'Session.stepUp' }, from, async () => {
    const purpose = heldPurpose(caller, input.purpose);
    await decideTry(context, from, {
      staffId: caller.actorId,
      accountState: 'active',
      prove: async (account) => {
        const now = context.clock.now().epochMilliseconds;
        return account
          ? context.totp.verify(context.database, account.staffId, input.totp, now)
          : 'unknownAccount';
      },
      accept: async (tx) => {
        await insertStepUp(
          tx,
          caller.sessionId,
          purpose,
          context.clock.now().add({ seconds: STEP_UP_SECONDS }),
        );
        await context.audit.appendIn(
          tx,
          sessionRecord(context, caller, 'stepUp', 'Session.stepUp', from, purpose),
        );
      },
    });
    context.states.forget({ sessionId: caller.sessionId });
    return { purpose, expiresIn: STEP_UP_SECONDS };
  });
}

function heldPurpose(caller: Caller, purpose: string): PurposeName {
  if (isPurpose(purpose) && caller.purposes.has(purpose)) return purpose;
  throw new KuramoriError(
    'FORBIDDEN_PURPOSE',
    'The purpose is unknown or not among those of your roles. Name another.',
  );
}
