import { randomBytes, randomUUID } from 'node:crypto';
import { dayInJapan } from '../../kernel/dates.js';
import type { Session } from '../../kernel/database/database.js';
import { ACCESS_TOKEN_SECONDS } from '../../kernel/limits.js';
import type { DoorContext } from '../context.js';
import type { Origin, SignedIn } from '../identity.types.js';
import { onlyRow } from '../row.js';
import { identityRecord } from '../signin/auditrecord.js';
import { insertRefreshToken, insertSession, opaqueDigest } from './session.store.js';
import { readSessionState, type SessionState } from './state.store.js';

/** A session with its fresh refresh token, before the access token is made. */
export interface OpenedSession {
  readonly state: SessionState;
  readonly refreshToken: string;
}

const OPAQUE_TOKEN_BYTES = 32;

/** An opaque token of 256 random bits. */
export function opaqueToken(): string {
  return randomBytes(OPAQUE_TOKEN_BYTES).toString('base64url');
}

/** Opens the session of a person who has proven himself, with its audit record: both or neither. */
export async function openStaffSession(
  context: DoorContext,
  tx: Session,
  staffId: string,
  strength: string,
  from: Origin,
): Promise<OpenedSession> {
  const now = context.clock.now();
  const id = randomUUID();
  const refreshToken = opaqueToken();
  await insertSession(tx, {
    id,
    holder: { staffId },
    terminal: from.terminal,
    clientApp: from.clientApp,
    strength,
    openedAt: now,
    absoluteUntil: now.add({ minutes: context.settings.sessionAbsoluteMinutes }),
  });
  await insertRefreshToken(tx, opaqueDigest(refreshToken), id, 1, now);
  const state = await stateIn(tx, context, id);
  await context.audit.appendIn(tx, sessionRecord(context, state, 'signIn', 'Session.open', from));
  return { state, refreshToken };
}

/** The state of a session that this transaction made or holds. */
export async function stateIn(tx: Session, context: DoorContext, sessionId: string): Promise<SessionState> {
  return onlyRow([await readSessionState(tx, sessionId, dayInJapan(context.clock.now()).toString())]);
}

/** The answer to who signed in or renewed. */
export async function answerOf(
  context: DoorContext,
  { state, refreshToken }: OpenedSession,
): Promise<SignedIn> {
  return {
    accessToken: await context.tokens.issue({ actorId: state.actorId, sessionId: state.sessionId }),
    expiresIn: ACCESS_TOKEN_SECONDS,
    refreshToken,
    staff: { staffId: state.actorId, name: state.name, department: state.department, roles: state.roles },
  };
}

/** The audit record of something that happened to a session. */
export function sessionRecord(
  context: DoorContext,
  state: Pick<SessionState, 'actorId' | 'sessionId' | 'roles' | 'department' | 'strength'>,
  kind: 'signIn' | 'signOut' | 'stepUp',
  coordinate: string,
  from: Origin,
  purpose = '',
): ReturnType<typeof identityRecord> {
  const { actorId, sessionId, roles, department, strength } = state;
  const at = context.clock.now();
  return identityRecord({
    kind,
    coordinate,
    decision: 'allow',
    at,
    from,
    actorId,
    sessionId,
    roles,
    department,
    strength,
    purpose,
    rows: 1,
  });
}
