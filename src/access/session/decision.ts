import { dayInJapan, type Temporal } from '../../kernel/dates.js';
import type { Caller } from '../caller.js';
import { accountRevoked, CredentialRefusal } from '../../kernel/token/refusal.js';
import type { SessionState } from './state.store.js';

/** What a token claims and where it was seen. */
export interface SessionClaim {
  readonly actorId: string;
  readonly terminal: string;
}

/**
 * Who the caller is at this moment, from what the register says. Pure: the token proves a sign-in, never a right
 * (handbook 15 §4), and days end at 24:00 in Japan whatever the token's expiry (§6.2).
 * Order: binding, then account, then session.
 * @param idleMs milliseconds without a request after which a session is over
 * @throws CredentialRefusal binding, sessionEnded, sessionIdle, sessionOver
 * @throws KuramoriError ACCOUNT_REVOKED
 */
export function callerOf(
  state: SessionState,
  claim: SessionClaim,
  now: Temporal.Instant,
  idleMs: number,
): Caller {
  if (state.actorId !== claim.actorId) throw new CredentialRefusal('claims');
  if (state.terminal !== '' && state.terminal !== claim.terminal) throw new CredentialRefusal('binding');
  assertAccountInForce(state, now);
  const nowMs = now.epochMilliseconds;
  if (state.endedAt !== undefined) throw new CredentialRefusal('sessionEnded');
  if (nowMs >= state.absoluteUntil) throw new CredentialRefusal('sessionOver');
  if (nowMs - state.lastSeenAt >= idleMs) throw new CredentialRefusal('sessionIdle');
  return {
    actorId: state.actorId,
    kind: state.kind,
    roles: state.roles,
    functions: state.functions,
    purposes: state.purposes,
    department: state.department,
    // A branch role in a unit without a branch reaches nobody: the empty code is no branch's.
    branchCode: state.isBranchScoped ? (state.branchCode ?? '') : undefined,
    sessionId: state.sessionId,
    terminal: state.terminal,
    strength: state.strength,
    clientApp: state.clientApp,
    steppedUp: new Set(state.stepUps.filter(({ until }) => nowMs < until).map(({ purpose }) => purpose)),
  };
}

/** @throws KuramoriError ACCOUNT_REVOKED */
export function assertAccountInForce(
  state: Pick<SessionState, 'accountState' | 'accountFrom' | 'accountTo'>,
  now: Temporal.Instant,
): void {
  const day = dayInJapan(now).toString();
  const isEmployed = state.accountFrom <= day && (state.accountTo === undefined || day <= state.accountTo);
  if (!isEmployed || state.accountState === 'revoked' || state.accountState === 'suspended')
    throw accountRevoked();
}
