import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  type Configuration,
} from 'openid-client';
import { KuramoriError } from '../../kernel/errors.js';
import { OIDC_HTTP_SECONDS_MAX } from '../../kernel/limits.js';
import type { OidcSettings } from '../identity.types.js';
import { CredentialRefusal } from '../../kernel/token/refusal.js';

/** One sign-in under way at the provider. */
export interface OidcChallenge {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** Who the provider says signed in, and whether with two factors. */
export interface OidcProof {
  readonly staffId: string;
  readonly hasSecondFactor: boolean;
}

const LOOPBACK_HOSTS = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** The municipality's OpenID provider, discovered once and again after a failure. */
export class OidcProvider {
  readonly #settings: OidcSettings;
  #configuration: Promise<Configuration> | undefined;

  /** @throws KuramoriError CONFIGURATION_INVALID when plain HTTP is asked for beyond the loopback address */
  constructor(settings: OidcSettings) {
    this.#settings = settings;
    const { protocol, hostname } = new URL(settings.issuer);
    if (protocol !== 'https:' && !(settings.insecureLoopback && LOOPBACK_HOSTS.has(hostname))) {
      throw new KuramoriError(
        'CONFIGURATION_INVALID',
        'The OpenID provider must be reached by HTTPS. Correct its issuer.',
      );
    }
  }

  /** Where the browser is sent (OpenID Connect Core §3.1.2.1; PKCE S256, RFC 7636). @throws KuramoriError TIMEOUT */
  async authorizationUrl(challenge: OidcChallenge): Promise<string> {
    const configuration = await this.#discovered();
    return buildAuthorizationUrl(configuration, {
      redirect_uri: this.#settings.redirectUri,
      scope: this.#settings.scope,
      state: challenge.state,
      nonce: challenge.nonce,
      code_challenge: await calculatePKCECodeChallenge(challenge.codeVerifier),
      code_challenge_method: 'S256',
    }).href;
  }

  /**
   * Redeems the code and verifies the ID token: signature, issuer, audience, nonce, time.
   * @param query what the provider appended to our address, from `?` on
   * @throws CredentialRefusal oidcProvider, whatever was wrong
   */
  async redeem(query: string, challenge: OidcChallenge): Promise<OidcProof> {
    const configuration = await this.#discovered();
    const claims = await authorizationCodeGrant(configuration, new URL(query, this.#settings.redirectUri), {
      expectedState: challenge.state,
      expectedNonce: challenge.nonce,
      pkceCodeVerifier: challenge.codeVerifier,
      idTokenExpected: true,
    }).then(
      (answer) => ({ ...answer.claims() }),
      (cause: unknown) => {
        throw new CredentialRefusal('oidcProvider', { cause });
      },
    );
    return proofOf(claims, this.#settings);
  }

  async #discovered(): Promise<Configuration> {
    const { issuer, clientId, clientSecret, insecureLoopback } = this.#settings;
    const execute = insecureLoopback
      ? [enableNonRepudiationChecks, allowInsecureRequests]
      : [enableNonRepudiationChecks];
    this.#configuration ??= discovery(new URL(issuer), clientId, clientSecret, undefined, {
      execute,
      timeout: OIDC_HTTP_SECONDS_MAX,
    });
    try {
      return await this.#configuration;
    } catch (cause) {
      this.#configuration = undefined;
      throw new KuramoriError(
        'TIMEOUT',
        'The sign-in provider does not answer. Try again in a moment.',
        {},
        { cause },
      );
    }
  }
}

/**
 * What the claims of a verified ID token prove. Pure. `amr` is RFC 8176, `acr` OpenID Connect Core §2.
 * @throws CredentialRefusal oidcProvider when the claim that names the staff member is missing
 */
export function proofOf(
  claims: Readonly<Record<string, unknown>>,
  { staffClaim, secondFactor }: Pick<OidcSettings, 'staffClaim' | 'secondFactor'>,
): OidcProof {
  const staffId = claims[staffClaim];
  if (typeof staffId !== 'string') throw new CredentialRefusal('oidcProvider');
  const methods: unknown = claims['amr'];
  const isMethod =
    Array.isArray(methods) && methods.some((method) => secondFactor.amr.includes(method as string));
  const isClass = typeof claims['acr'] === 'string' && secondFactor.acr.includes(claims['acr']);
  return { staffId, hasSecondFactor: isMethod || isClass };
}
