import type { JWK } from 'jose';
import type { Caller } from './caller.js';
import type { Argon2Cost } from './credential/argon2.js';
import type { PurposeName } from './purposes.js';

/** A secret of 32 bytes with the name under which stored material refers to it. */
export interface NamedKey {
  readonly id: string;
  readonly key: Uint8Array;
}

/** The key in use and those that older material still refers to (lessons 53). */
export interface KeyRing {
  readonly current: NamedKey;
  readonly former: readonly NamedKey[];
}

/** The municipality's OpenID provider (OpenID Connect Core 1.0, authorization code with PKCE). */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where the provider sends the browser back to. */
  readonly redirectUri: string;
  /** The claim of the ID token whose value is the staff id. */
  readonly staffClaim: string;
  readonly scope: string;
  /** Values of which one in `amr` or as `acr` proves a second factor; without it the local TOTP is asked for. */
  readonly secondFactor: { readonly amr: readonly string[]; readonly acr: readonly string[] };
  /** Only for a provider on the loopback address of this machine: plain HTTP. */
  readonly insecureLoopback: boolean;
}

/** What identity needs from the configuration. Secrets come from files, never from defaults (lessons 55). */
export interface IdentitySettings {
  readonly issuer: string;
  readonly audience: string;
  /** The address service accounts name as the audience of their assertions. */
  readonly tokenEndpoint: string;
  /** Private Ed25519 JWK with a `kid`. */
  readonly signingKey: JWK;
  /** Public Ed25519 JWKs with `kid`s, whose tokens are still accepted. */
  readonly formerSigningKeys: readonly JWK[];
  readonly pepper: KeyRing;
  readonly credentialKey: KeyRing;
  /** Cost of the password verifier; `ARGON2_COST` in production. */
  readonly argon2: Argon2Cost;
  /** Milliseconds before which no refused sign-in is answered; SIGN_IN_REFUSAL_MS when left out. */
  readonly refusalMs?: number | undefined;
  /** Minutes, at most SESSION_IDLE_MINUTES_MAX. */
  readonly sessionIdleMinutes: number;
  /** Minutes, at most SESSION_ABSOLUTE_MINUTES_MAX. */
  readonly sessionAbsoluteMinutes: number;
  readonly oidc: OidcSettings | undefined;
}

/** Where a request came from, as the HTTP layer saw it. */
export interface Origin {
  /** Address of the peer. */
  readonly address: string;
  readonly requestId: string;
  /** Header `kuramori-terminal`, or empty. */
  readonly terminal: string;
  /** Header `kuramori-client`: the front-end application or job, or empty. */
  readonly clientApp: string;
}

/** What a person sees of himself after signing in. */
export interface SignedInStaff {
  readonly staffId: string;
  readonly name: string;
  readonly department: string;
  readonly roles: readonly string[];
}

/** The answer of a sign-in or a renewal. */
export interface SignedIn {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly refreshToken: string;
  readonly staff: SignedInStaff;
}

/** The answer of an outside sign-in that still lacks a second factor. */
export interface SecondFactorNeeded {
  /** Handed in with the TOTP code at `completeOidc`. */
  readonly pending: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** The answer to a service account. */
export interface ServiceToken {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** The answer of a step-up. */
export interface SteppedUp {
  readonly purpose: PurposeName;
  /** Seconds. */
  readonly expiresIn: number;
}

/** What a person loads into the authenticator. Shown once. */
export interface Enrolment {
  /** Base32, RFC 4648. */
  readonly totpSecret: string;
  readonly totpUri: string;
}

/** Who asks: the one door through which callers come in (design §3, `access`). */
export interface Identity {
  /**
   * The caller a bearer token stands for, from the register as it is now. Every refusal is audited.
   * @param authorizationHeader `Bearer …`
   * @param terminal header `kuramori-terminal`, or empty
   * @param from for the audit of a refusal; unknown address and request when left out
   * @throws KuramoriError UNAUTHENTICATED, ACCOUNT_REVOKED, AUDIT_UNAVAILABLE, DATABASE_UNAVAILABLE
   */
  authenticate(
    authorizationHeader: string | undefined,
    terminal: string,
    from?: Partial<Origin>,
  ): Promise<Caller>;
  /** @throws KuramoriError UNAUTHENTICATED, TOO_MANY_REQUESTS, AUDIT_UNAVAILABLE */
  signIn(input: { staffId: string; password: string; totp: string }, from: Origin): Promise<SignedIn>;
  /** Rotates. @throws KuramoriError UNAUTHENTICATED, ACCOUNT_REVOKED, CONFLICT, TOO_MANY_REQUESTS */
  refresh(refreshToken: string, from: Origin): Promise<SignedIn>;
  signOut(caller: Caller, from: Origin): Promise<void>;
  /** @throws KuramoriError UNAUTHENTICATED, FORBIDDEN_PURPOSE, TOO_MANY_REQUESTS */
  stepUp(caller: Caller, input: { purpose: string; totp: string }, from: Origin): Promise<SteppedUp>;
  /** RFC 7523 §2.2. @throws KuramoriError UNAUTHENTICATED, TOO_MANY_REQUESTS */
  serviceToken(clientAssertion: string, from: Origin): Promise<ServiceToken>;
  /** First half of 初期登録. @throws KuramoriError UNAUTHENTICATED, TOO_MANY_REQUESTS */
  beginEnrolment(input: { staffId: string; code: string }, from: Origin): Promise<Enrolment>;
  /** Second half. @throws KuramoriError UNAUTHENTICATED, BAD_INPUT, TOO_MANY_REQUESTS */
  finishEnrolment(
    input: { staffId: string; code: string; password: string; totp: string },
    from: Origin,
  ): Promise<void>;
  /** @throws KuramoriError NOT_FOUND when no provider is configured */
  startOidc(from: Origin): Promise<{ location: string; browserBinding: string; expiresIn: number }>;
  /** @throws KuramoriError NOT_FOUND, UNAUTHENTICATED, TOO_MANY_REQUESTS */
  finishOidc(query: string, browserBinding: string, from: Origin): Promise<SignedIn | SecondFactorNeeded>;
  /** @throws KuramoriError UNAUTHENTICATED, TOO_MANY_REQUESTS */
  completeOidc(input: { pending: string; totp: string }, from: Origin): Promise<SignedIn>;
  /** Public signing keys (RFC 7517). */
  jwks(): { readonly keys: readonly JWK[] };
  /** Drops what is remembered of a session or an actor, so that a change shows at once in this process. */
  forget(of: { readonly sessionId: string } | { readonly actorId: string } | 'everybody'): void;
  /** Writes pending summaries. */
  close(): Promise<void>;
}
