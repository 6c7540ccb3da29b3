import type { Caller } from '../caller.js';
import type { DoorContext } from '../context.js';
import type { Origin } from '../identity.types.js';
import { CredentialRefusal } from '../../kernel/token/refusal.js';
import { recordRefusal } from '../signin/guard.js';
import { callerOf } from './decision.js';

/** RFC 6750 §2.1; the scheme's name is not case-sensitive. The header is bounded by the token's own limit later. */
const RFC6750_BEARER = /^bearer /i;

/** Milliseconds without a request after which a session is over. */
export function idleMs(context: DoorContext): number {
  return context.settings.sessionIdleMinutes * 60_000;
}

/**
 * The caller behind a request: the token proves the sign-in, the register says who that is now (handbook 15 §4).
 * @throws KuramoriError UNAUTHENTICATED, ACCOUNT_REVOKED, AUDIT_UNAVAILABLE, DATABASE_UNAVAILABLE
 */
export async function authenticate(
  context: DoorContext,
  authorization: string | undefined,
  from: Origin,
): Promise<Caller> {
  try {
    return await callerBehind(context, authorization, from);
  } catch (error) {
    await recordRefusal(context, { kind: 'tokenRefused', coordinate: 'Session.authenticate' }, from, error);
    throw error;
  }
}

async function callerBehind(
  context: DoorContext,
  authorization: string | undefined,
  from: Origin,
): Promise<Caller> {
  if (authorization === undefined || !RFC6750_BEARER.test(authorization))
    throw new CredentialRefusal('missing');
  const { actorId, sessionId } = context.tokens.verify(authorization.slice('bearer '.length));
  const state = await context.states.get(sessionId);
  if (state === undefined) throw new CredentialRefusal('sessionUnknown', { actorId, sessionId });
  const now = context.clock.now();
  const lastSeenAt = context.activity.lastSeen(sessionId, state.lastSeenAt);
  const caller = callerOf(
    { ...state, lastSeenAt },
    { actorId, terminal: from.terminal },
    now,
    idleMs(context),
  );
  await context.activity.note(sessionId, state.lastSeenAt, now);
  return caller;
}
