import { KuramoriError } from '../../kernel/errors.js';
import { OIDC_REQUEST_SECONDS_MAX } from '../../kernel/limits.js';
import type { DoorContext } from '../context.js';
import type { Origin, SecondFactorNeeded, SignedIn } from '../identity.types.js';
import { CredentialRefusal } from '../../kernel/token/refusal.js';
import { answerOf, opaqueToken, openStaffSession } from '../session/open.js';
import { guarded } from '../signin/guard.js';
import { decideTry } from '../signin/try.js';
import type { OidcProvider } from './provider.js';
import {
  findPending,
  insertOidcRequest,
  insertPending,
  useOidcRequest,
  usePending,
} from './request.store.js';

const ACTION = { kind: 'signInFailure', coordinate: 'Session.openOidc' } as const;

/** Where to send the browser, and the secret that binds the way back to this browser (login cross-site forgery). */
export interface OidcStart {
  readonly location: string;
  readonly browserBinding: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** Begins a sign-in at the outside provider. @throws KuramoriError NOT_FOUND, TIMEOUT, TOO_MANY_REQUESTS */
export async function startOidc(context: DoorContext, from: Origin): Promise<OidcStart> {
  const provider = configured(context);
  return guarded(context, ACTION, from, async () => {
    const challenge = { state: opaqueToken(), nonce: opaqueToken(), codeVerifier: opaqueToken() };
    const browserBinding = opaqueToken();
    const location = await provider.authorizationUrl(challenge);
    const { terminal, clientApp } = from;
    const expiresAt = context.clock.now().add({ seconds: OIDC_REQUEST_SECONDS_MAX }).toString();
    await insertOidcRequest(context.database, {
      ...challenge,
      browserBinding,
      terminal,
      clientApp,
      expiresAt,
    });
    return { location, browserBinding, expiresIn: OIDC_REQUEST_SECONDS_MAX };
  });
}

/**
 * Ends the way through the provider. When it does not vouch for a second factor, our own is still asked for.
 * @throws KuramoriError NOT_FOUND, UNAUTHENTICATED, TIMEOUT, TOO_MANY_REQUESTS
 */
export async function finishOidc(
  context: DoorContext,
  query: string,
  browserBinding: string,
  from: Origin,
): Promise<SignedIn | SecondFactorNeeded> {
  const provider = configured(context);
  return guarded(context, ACTION, from, async () => {
    const state = new URLSearchParams(query).get('state') ?? '';
    const request = await useOidcRequest(
      context.database,
      state,
      browserBinding,
      context.clock.now().toString(),
    );
    if (request === undefined) throw new CredentialRefusal('oidcState');
    const proof = await provider.redeem(query, { state, ...request });
    const origin = {
      ...from,
      terminal: from.terminal === '' ? request.terminal : from.terminal,
      clientApp: from.clientApp === '' ? request.clientApp : from.clientApp,
    };
    if (proof.hasSecondFactor) return openProven(context, proof.staffId, origin);
    const pending = opaqueToken();
    await insertPending(context.database, state, pending, proof.staffId);
    return { pending, expiresIn: OIDC_REQUEST_SECONDS_MAX };
  });
}

/** Adds our own second factor to a sign-in whose provider vouched for one only. */
export async function completeOidc(
  context: DoorContext,
  input: { readonly pending: string; readonly totp: string },
  from: Origin,
): Promise<SignedIn> {
  return guarded(context, ACTION, from, async () => {
    const staffId = await findPending(context.database, input.pending, context.clock.now().toString());
    if (staffId === undefined) throw new CredentialRefusal('oidcPending');
    const opened = await decideTry(context, from, {
      staffId,
      accountState: 'active',
      prove: async (account) => {
        const now = context.clock.now().epochMilliseconds;
        return account
          ? context.totp.verify(context.database, account.staffId, input.totp, now)
          : 'unknownAccount';
      },
      accept: async (tx) => {
        if (!(await usePending(tx, input.pending)))
          throw new CredentialRefusal('oidcPending', { actorId: staffId });
        return openStaffSession(context, tx, staffId, 'oidc+totp', from);
      },
    });
    return answerOf(context, opened);
  });
}

async function openProven(context: DoorContext, staffId: string, from: Origin): Promise<SignedIn> {
  const opened = await decideTry(context, from, {
    staffId,
    accountState: 'active',
    prove: async () => undefined,
    accept: (tx) => openStaffSession(context, tx, staffId, 'oidc', from),
  });
  return answerOf(context, opened);
}

function configured({ oidc }: DoorContext): OidcProvider {
  if (oidc === undefined)
    throw new KuramoriError('NOT_FOUND', 'Sign-in through an outside provider is not set up here.');
  return oidc;
}
