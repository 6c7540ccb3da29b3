import { randomUUID, type KeyObject } from 'node:crypto';
import { SignJWT, type JWK } from 'jose';
import { LRUCache } from 'lru-cache';
import { epochSeconds, type Clock } from '../../kernel/clock.js';
import { KuramoriError } from '../../kernel/errors.js';
import {
  ACCESS_TOKEN_SECONDS,
  ACCESS_TOKEN_SECONDS_MAX,
  CLOCK_DIFFERENCE_SECONDS_MAX,
  VERIFIED_TOKENS_MAX,
} from '../../kernel/limits.js';
import type { IdentitySettings } from '../identity.types.js';
import { CredentialRefusal } from '../../kernel/token/refusal.js';
import { assertPeriod, textClaim } from '../../kernel/token/claims.js';
import type { JsonObject } from '../../kernel/token/json.js';
import {
  assertSignature,
  ed25519PrivateKey,
  ed25519PublicKey,
  parseJws,
  RFC8037_ALGORITHM,
} from '../../kernel/token/jws.js';

/** RFC 9068 §2.1. */
export const RFC9068_TYPE = 'at+jwt';

/** What a genuine access token says: who signed in, and in which session. It says nothing of rights. */
export interface AccessClaims {
  readonly actorId: string;
  readonly sessionId: string;
}

/** Issues and verifies the access tokens of this issuer. */
export class AccessTokens {
  readonly #settings: Pick<IdentitySettings, 'issuer' | 'audience'>;
  readonly #clock: Clock;
  readonly #kid: string;
  readonly #signingKey: KeyObject;
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #published: readonly JWK[];
  /** Tokens whose signature held, by their exact text. Time and session are judged anew at every use. */
  readonly #verified = new LRUCache<string, { claims: JsonObject }>({ max: VERIFIED_TOKENS_MAX });

  /** @throws KuramoriError CONFIGURATION_INVALID when a key is not an Ed25519 JWK with a `kid` of its own */
  constructor(settings: IdentitySettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    const jwks = [settings.signingKey, ...settings.formerSigningKeys];
    const kids = jwks.map(({ kid }) => kid).filter((kid) => kid !== undefined && kid !== '');
    if (new Set(kids).size !== jwks.length) {
      throw new KuramoriError('CONFIGURATION_INVALID', 'Each signing key must have a kid of its own.');
    }
    this.#kid = String(settings.signingKey.kid);
    this.#signingKey = ed25519PrivateKey(settings.signingKey);
    this.#keys = new Map(jwks.map((jwk) => [String(jwk.kid), ed25519PublicKey(jwk)]));
    this.#published = jwks.map(({ kid, x }) => ({
      kty: 'OKP',
      crv: 'Ed25519',
      x: String(x),
      kid: String(kid),
      alg: RFC8037_ALGORITHM,
      use: 'sig',
    }));
  }

  /** Public keys for other services (RFC 7517). */
  get published(): readonly JWK[] {
    return this.#published;
  }

  /** `nbf` lies back by the difference tolerated between hosts, so that a token is good at once on all of them. */
  async issue(claims: AccessClaims): Promise<string> {
    const now = epochSeconds(this.#clock);
    return new SignJWT({ sid: claims.sessionId })
      .setProtectedHeader({ alg: RFC8037_ALGORITHM, typ: RFC9068_TYPE, kid: this.#kid })
      .setIssuer(this.#settings.issuer)
      .setAudience(this.#settings.audience)
      .setSubject(claims.actorId)
      .setJti(randomUUID())
      .setIssuedAt(now)
      .setNotBefore(now - CLOCK_DIFFERENCE_SECONDS_MAX)
      .setExpirationTime(now + ACCESS_TOKEN_SECONDS)
      .sign(this.#signingKey);
  }

  /**
   * All that a token can prove by itself (handbook 15 §4).
   * @throws CredentialRefusal
   */
  verify(token: string): AccessClaims {
    const { claims } = this.#verified.get(token) ?? this.#verifyAnew(token);
    assertPeriod(claims, this.#clock.now().epochMilliseconds, ACCESS_TOKEN_SECONDS_MAX);
    return { actorId: textClaim(claims, 'sub'), sessionId: textClaim(claims, 'sid') };
  }

  #verifyAnew(token: string): { claims: JsonObject } {
    const jws = parseJws(token, [RFC9068_TYPE]);
    const key = this.#keys.get(jws.kid);
    if (key === undefined) throw new CredentialRefusal('key');
    assertSignature(jws, key);
    if (jws.claims['iss'] !== this.#settings.issuer) throw new CredentialRefusal('issuer');
    if (jws.claims['aud'] !== this.#settings.audience) throw new CredentialRefusal('audience');
    textClaim(jws.claims, 'jti');
    const verified = { claims: jws.claims };
    this.#verified.set(token, verified);
    return verified;
  }
}
