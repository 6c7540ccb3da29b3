import type { Caller } from '../caller.js';
import type { DoorContext } from '../context.js';
import type { Origin } from '../identity.types.js';
import { sessionRecord } from './open.js';
import { endSession } from './session.store.js';

/** Sign-out: the session and every token of it are dead when this resolves, and the log says so. */
export async function signOut(context: DoorContext, caller: Caller, from: Origin): Promise<void> {
  await context.database.transaction('access.session.signOut', async (tx) => {
    await endSession(tx, caller.sessionId, context.clock.now(), 'signOut');
    await context.audit.appendIn(tx, sessionRecord(context, caller, 'signOut', 'Session.close', from));
  });
  context.states.forget({ sessionId: caller.sessionId });
}
