import type { Session } from '../../kernel/database/database.js';
import { opaqueDigest } from '../session/session.store.js';

/** A sign-in under way at the provider, as it is kept. */
export interface OidcRequest {
  readonly state: string;
  readonly browserBinding: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly terminal: string;
  readonly clientApp: string;
  readonly expiresAt: string;
}

export async function insertOidcRequest(session: Session, request: OidcRequest): Promise<void> {
  await session.run(
    'access.oidcRequest.insert',
    ({ raw }) => raw`
    insert into access.oidc_request
      (state_sha256, browser_sha256, nonce, code_verifier, terminal, client_app, expires_at)
    values (${opaqueDigest(request.state)}, ${opaqueDigest(request.browserBinding)}, ${request.nonce},
      ${request.codeVerifier}, ${request.terminal}, ${request.clientApp}, ${request.expiresAt})`,
  );
}

/** What a request that came back needs to be finished. */
export type UsedOidcRequest = Pick<OidcRequest, 'nonce' | 'codeVerifier' | 'terminal' | 'clientApp'>;

/** Uses a request up, if it was begun in this browser, is not too old and was not used. */
export async function useOidcRequest(
  session: Session,
  state: string,
  browserBinding: string,
  at: string,
): Promise<UsedOidcRequest | undefined> {
  const [row] = await session.run(
    'access.oidcRequest.use',
    ({ raw }) =>
      raw<{ nonce: string; code_verifier: string; terminal: string; client_app: string }[]>`
      update access.oidc_request set used_at = ${at}
      where state_sha256 = ${opaqueDigest(state)} and browser_sha256 = ${opaqueDigest(browserBinding)}
        and used_at is null and expires_at > ${at}
      returning nonce, code_verifier, terminal, client_app`,
  );
  return (
    row && {
      nonce: row.nonce,
      codeVerifier: row.code_verifier,
      terminal: row.terminal,
      clientApp: row.client_app,
    }
  );
}

/** Keeps who was proven by one factor, under a token for the second. */
export async function insertPending(
  session: Session,
  state: string,
  pending: string,
  staffId: string,
): Promise<void> {
  await session.run(
    'access.oidcRequest.pending',
    ({ raw }) => raw`
    update access.oidc_request set pending_sha256 = ${opaqueDigest(pending)}, staff_id = ${staffId}
    where state_sha256 = ${opaqueDigest(state)} and exists (select from access.staff where staff_id = ${staffId})`,
  );
}

/** Whose second factor a token is for, or none. */
export async function findPending(
  session: Session,
  pending: string,
  at: string,
): Promise<string | undefined> {
  const [row] = await session.run(
    'access.oidcRequest.findPending',
    ({ raw }) => raw<{ staff_id: string }[]>`
    select staff_id from access.oidc_request
    where pending_sha256 = ${opaqueDigest(pending)} and not second_factor_done and expires_at > ${at}`,
  );
  return row?.staff_id;
}

/** Uses a pending token up. @returns false when another request did */
export async function usePending(tx: Session, pending: string): Promise<boolean> {
  const used = await tx.run(
    'access.oidcRequest.usePending',
    ({ raw }) => raw`
    update access.oidc_request set second_factor_done = true
    where pending_sha256 = ${opaqueDigest(pending)} and not second_factor_done returning 1`,
  );
  return used.length > 0;
}
