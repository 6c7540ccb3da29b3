import { findCredential, replaceCredential, type StoredCredential } from '../credential/credential.store.js';
import { isOutdated, isPassword, passwordVerifier, type PasswordVerifier } from '../credential/password.js';
import { PASSWORD_CHARS_MAX } from '../../kernel/limits.js';
import type { DoorContext } from '../context.js';
import type { Origin, SignedIn } from '../identity.types.js';
import { CredentialRefusal, type RefusalRule } from '../../kernel/token/refusal.js';
import type { StaffAccount } from '../register/staff.store.js';
import { answerOf, openStaffSession } from '../session/open.js';
import { guarded } from './guard.js';
import { decideTry } from './try.js';

/** What a person signs in with. */
export interface PasswordSignIn {
  readonly staffId: string;
  readonly password: string;
  readonly totp: string;
}

/**
 * Sign-in with password and one-time code: two factors of different kinds, never one (handbook 15 §3).
 * A place in the queue comes first, so that a try refused for load is no try.
 */
export async function signIn(context: DoorContext, input: PasswordSignIn, from: Origin): Promise<SignedIn> {
  return guarded(context, { kind: 'signInFailure', coordinate: 'Session.open' }, from, async () => {
    if (input.password.length > PASSWORD_CHARS_MAX * 2) throw new CredentialRefusal('oversized');
    const opened = await context.queue.run(() => prove(context, input, from));
    return answerOf(context, opened);
  });
}

async function prove(
  context: DoorContext,
  input: PasswordSignIn,
  from: Origin,
): ReturnType<typeof openStaffSession> {
  let renewed: PasswordVerifier | undefined;
  return decideTry(context, from, {
    staffId: input.staffId,
    accountState: 'active',
    prove: async (account) => {
      const stored = account && (await findCredential(context.database, account.staffId, 'password'));
      const refusedBy = await ruleAgainstFactors(context, input, account, stored);
      if (refusedBy === undefined && stored) renewed = await renewedVerifier(context, input.password, stored);
      return refusedBy;
    },
    accept: async (tx, { staffId }) => {
      if (renewed)
        await replaceCredential(tx, staffId, 'password', 'active', renewed, context.clock.now().toString());
      return openStaffSession(context, tx, staffId, 'password+totp', from);
    },
  });
}

async function ruleAgainstFactors(
  { database, settings, totp, clock }: DoorContext,
  input: PasswordSignIn,
  account: StaffAccount | undefined,
  stored: StoredCredential | undefined,
): Promise<RefusalRule | undefined> {
  const isRight = await isPassword(input.password, stored, settings.pepper, settings.argon2);
  if (account === undefined || stored === undefined) return 'noCredential';
  if (!isRight) return 'badPassword';
  return totp.verify(database, account.staffId, input.totp, clock.now().epochMilliseconds);
}

/** A verifier of former cost or pepper is made anew while the password is at hand. */
async function renewedVerifier(
  { settings }: DoorContext,
  password: string,
  stored: StoredCredential,
): Promise<PasswordVerifier | undefined> {
  if (!isOutdated(stored, settings.pepper, settings.argon2)) return undefined;
  return passwordVerifier(password, settings.pepper, settings.argon2);
}
