import { randomUUID } from 'node:crypto';
import { ACCESS_TOKEN_SECONDS } from '../../kernel/limits.js';
import type { DoorContext } from '../context.js';
import type { Origin, ServiceToken } from '../identity.types.js';
import { guarded } from '../signin/guard.js';
import { verifyClientAssertion } from '../token/clientassertion.js';
import { assertAccountInForce } from './decision.js';
import { sessionRecord, stateIn } from './open.js';
import { insertSession } from './session.store.js';

/**
 * An access token for a service account that signed an assertion (RFC 7523). There is no refresh token: the job signs
 * again. The session ends with the token.
 * @throws KuramoriError UNAUTHENTICATED, ACCOUNT_REVOKED, TOO_MANY_REQUESTS
 */
export async function serviceToken(
  context: DoorContext,
  assertion: string,
  from: Origin,
): Promise<ServiceToken> {
  return guarded(context, { kind: 'tokenRefused', coordinate: 'Session.serviceToken' }, from, async () => {
    const now = context.clock.now();
    const clientId = await verifyClientAssertion(
      context.database,
      assertion,
      context.settings.tokenEndpoint,
      now,
    );
    const sessionId = randomUUID();
    await context.database.transaction('access.session.openService', async (tx) => {
      await insertSession(tx, {
        id: sessionId,
        holder: { clientId },
        terminal: from.terminal,
        clientApp: from.clientApp === '' ? clientId : from.clientApp,
        strength: 'clientAssertion',
        openedAt: now,
        absoluteUntil: now.add({ seconds: ACCESS_TOKEN_SECONDS }),
      });
      const state = await stateIn(tx, context, sessionId);
      assertAccountInForce(state, now);
      await context.audit.appendIn(tx, sessionRecord(context, state, 'signIn', 'Session.serviceToken', from));
    });
    return {
      accessToken: await context.tokens.issue({ actorId: clientId, sessionId }),
      expiresIn: ACCESS_TOKEN_SECONDS,
    };
  });
}
