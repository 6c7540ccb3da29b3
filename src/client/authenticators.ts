import { base64url } from 'jose';
import { KuramoriError } from '../kernel/errors.js';

/**
 * Of the browser's authenticators (WebAuthn), what the client uses: its types are for Node, which has none. Everything
 * that is absent from an old browser may be absent here.
 */
interface Browser {
  readonly navigator?: {
    readonly credentials?: Readonly<Record<'create' | 'get', (options: unknown) => Promise<unknown>>>;
  };
}

/** What an authenticator says of a key that it made. */
export interface MadeKey {
  readonly rawId: ArrayBuffer;
  readonly response: { getAuthenticatorData(): ArrayBuffer };
}

/** What an authenticator signed. */
export interface SignedChallenge {
  readonly response: Readonly<Record<'authenticatorData' | 'clientDataJSON' | 'signature', ArrayBuffer>>;
}

/**
 * Asks the browser to have a key made, or something signed.
 * @param options as of `navigator.credentials.create` and `get`
 * @throws KuramoriError UNAUTHENTICATED: the person declined, was not verified, or took too long; there is no browser
 */
export async function askAuthenticator(ask: 'create', options: object): Promise<MadeKey>;
export async function askAuthenticator(ask: 'get', options: object): Promise<SignedChallenge>;
export async function askAuthenticator(
  ask: 'create' | 'get',
  options: object,
): Promise<MadeKey | SignedChallenge> {
  const credentials = (globalThis as Browser).navigator?.credentials;
  if (credentials === undefined) throw notSigned();
  const answer = await credentials[ask]({ publicKey: options }).catch((cause: unknown) => {
    throw notSigned(cause);
  });
  if (answer === null) throw notSigned();
  return answer as MadeKey | SignedChallenge;
}

/** Base64url of what the browser gives. */
export function textOf(bytes: ArrayBuffer): string {
  return base64url.encode(new Uint8Array(bytes));
}

function notSigned(cause?: unknown): KuramoriError {
  return new KuramoriError(
    'UNAUTHENTICATED',
    'The authenticator did not sign: it was declined, not in time, or it has no such key for this page. Try again.',
    {},
    { cause },
  );
}
