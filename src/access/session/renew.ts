import type { Temporal } from '../../kernel/dates.js';
import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { REFRESH_RACE_MS_MAX } from '../../kernel/limits.js';
import type { DoorContext } from '../context.js';
import type { Origin, SignedIn } from '../identity.types.js';
import { CredentialRefusal, type RefusalRule } from '../../kernel/token/refusal.js';
import { guarded } from '../signin/guard.js';
import { idleMs } from './authenticate.js';
import { callerOf } from './decision.js';
import { answerOf, opaqueToken, sessionRecord, stateIn, type OpenedSession } from './open.js';
import {
  endSession,
  findRefreshToken,
  insertRefreshToken,
  newestGeneration,
  opaqueDigest,
  useRefreshToken,
  type StoredRefreshToken,
} from './session.store.js';

/** What became of a renewal. Refusals that end the session must commit, so that they are values and not thrown. */
type Renewal = OpenedSession | { readonly refusedBy: RefusalRule; readonly sessionId: string } | 'race';

const OPAQUE_TOKEN = /^[A-Za-z0-9_-]{43}$/;

/**
 * Renews the access token with a refresh token, which is used up; a new one comes with the answer (RFC 9700 §4.14.2).
 * A token that comes a second time was stolen, from the thief or from the owner: the whole family ends. Only the
 * race of two windows of one terminal for the newest token is forgiven, and even then the second gets nothing.
 */
export async function renew(context: DoorContext, refreshToken: string, from: Origin): Promise<SignedIn> {
  return guarded(context, { kind: 'tokenRefused', coordinate: 'Session.renew' }, from, async () => {
    if (!OPAQUE_TOKEN.test(refreshToken)) throw new CredentialRefusal('malformed');
    const digest = opaqueDigest(refreshToken);
    const stored = await findRefreshToken(context.database, digest);
    if (stored === undefined) throw new CredentialRefusal('refreshUnknown');
    const renewal = await context.database.transaction('access.session.renew', (tx) =>
      rotate(context, tx, digest, stored, from),
    );
    if (renewal === 'race') {
      throw new KuramoriError(
        'CONFLICT',
        'The session was renewed by another window at this moment. Use its newer token.',
      );
    }
    if ('refusedBy' in renewal) {
      context.states.forget({ sessionId: renewal.sessionId });
      throw new CredentialRefusal(renewal.refusedBy, { sessionId: renewal.sessionId });
    }
    return answerOf(context, renewal);
  });
}

async function rotate(
  context: DoorContext,
  tx: Session,
  digest: Uint8Array,
  stored: StoredRefreshToken,
  from: Origin,
): Promise<Renewal> {
  const { sessionId, generation } = stored;
  const now = context.clock.now();
  const isFirstUse = await useRefreshToken(tx, digest, now);
  const state = await stateIn(tx, context, sessionId);
  const isBound = state.terminal === '' || state.terminal === from.terminal;
  if (!isFirstUse && isBound && (await isRace(tx, digest, now))) return 'race';
  if (!isFirstUse || !isBound) {
    const refusedBy = isFirstUse ? 'binding' : 'refreshReused';
    return {
      refusedBy: (await endSession(tx, sessionId, now, refusedBy)) ? refusedBy : 'sessionEnded',
      sessionId,
    };
  }
  const lastSeenAt = context.activity.lastSeen(sessionId, state.lastSeenAt);
  callerOf(
    { ...state, lastSeenAt },
    { actorId: state.actorId, terminal: from.terminal },
    now,
    idleMs(context),
  );
  const refreshToken = opaqueToken();
  await insertRefreshToken(tx, opaqueDigest(refreshToken), sessionId, generation + 1, now);
  await context.audit.appendIn(tx, sessionRecord(context, state, 'signIn', 'Session.renew', from));
  return { state, refreshToken };
}

/** Windows that race hold the same token. Who brings an older one did not take part in the newest renewal. */
async function isRace(tx: Session, digest: Uint8Array, now: Temporal.Instant): Promise<boolean> {
  const token = await findRefreshToken(tx, digest);
  if (token?.usedAt === undefined || now.epochMilliseconds - token.usedAt > REFRESH_RACE_MS_MAX) return false;
  return token.generation + 1 === (await newestGeneration(tx, token.sessionId));
}
