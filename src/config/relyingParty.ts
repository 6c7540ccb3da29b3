import { isIP } from 'node:net';
import { KuramoriError } from '../kernel/errors.js';
import { WEBAUTHN_ORIGINS_MAX } from '../kernel/limits.js';

/** What front ends are to authenticators (WebAuthn). */
export interface RelyingPartySettings {
  /** RP id, such as `tax.city.example.jp`. */
  readonly id: string;
  /** Origins of front ends, such as `https://app.tax.city.example.jp`. */
  readonly origins: ReadonlySet<string>;
}

/** The settings as they are read, before it is known whether both are there. */
export interface RelyingPartyParts {
  readonly webauthnRpId: string | undefined;
  readonly webauthnOrigins: ReadonlySet<string> | undefined;
}

const DOMAIN = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** A domain in small letters. @throws Error whose message says what form is asked for */
export function relyingPartyId(value: string): string {
  if (!DOMAIN.test(value) || isIP(value) !== 0)
    throw new Error('must be a domain in small letters, such as tax.city.example.jp; an address is none');
  return value;
}

/** Origins, separated by commas, in the one spelling in which browsers write them. @throws Error */
export function relyingPartyOrigins(value: string): ReadonlySet<string> {
  const origins = value.split(',').map((origin) => origin.trim());
  if (origins.length > WEBAUTHN_ORIGINS_MAX || !origins.every(isSecureOrigin))
    throw new Error(
      `must be at most ${WEBAUTHN_ORIGINS_MAX} origins such as https://app.tax.city.example.jp, separated by commas`,
    );
  return new Set(origins);
}

/**
 * Both settings, or nothing when neither is there: then no key of an authenticator is believed.
 * @throws KuramoriError CONFIGURATION_INVALID when one is missing, or an origin is outside the RP id's domain
 */
export function relyingPartySettings({
  webauthnRpId: id,
  webauthnOrigins: origins,
}: RelyingPartyParts): RelyingPartySettings | undefined {
  if (id === undefined && origins === undefined) return undefined;
  if (id === undefined || origins === undefined) throw invalid('go together: give both, or neither');
  if (![...origins].every((origin) => isWithin(new URL(origin).hostname, id)))
    throw invalid('do not fit: the host of each origin is the RP id or ends in a dot and it');
  return { id, origins };
}

/** Browsers sign on secure pages alone: those over TLS, and those of the machine itself. */
function isSecureOrigin(origin: string): boolean {
  if (!URL.canParse(origin) || new URL(origin).origin !== origin) return false;
  const { protocol, hostname } = new URL(origin);
  return protocol === 'https:' || (protocol === 'http:' && isWithin(hostname, 'localhost'));
}

function isWithin(hostname: string, domain: string): boolean {
  return hostname === domain || hostname.endsWith(`.${domain}`);
}

function invalid(fault: string): KuramoriError {
  return new KuramoriError(
    'CONFIGURATION_INVALID',
    `KURAMORI_VAULT_WEBAUTHN_RP_ID and KURAMORI_VAULT_WEBAUTHN_ORIGINS ${fault}.`,
  );
}
