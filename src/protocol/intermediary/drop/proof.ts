import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { KuramoriError } from '../../../kernel/errors.js';
import { serviceOf } from '../../../vault/client/service.js';

/** Who shows a certificate: who asks, or who is asked (RFC 5280 §4.2.1.12). */
export type CertificateUse = 'client' | 'server';

const RFC5280_PURPOSES: Readonly<Record<CertificateUse, string>> = {
  client: '1.3.6.1.5.5.7.3.2',
  server: '1.3.6.1.5.5.7.3.1',
};

/** A private key, how it signs, and the certificate (base64 of DER) that goes with what it signs. */
export interface Signer {
  readonly key: KeyObject;
  readonly alg: string;
  readonly certificate: string;
}

/** Whom a certificate names. */
export interface Proved {
  /** Of `urn:kuramori:service:…`. */
  readonly service: string;
  readonly key: KeyObject;
  readonly alg: string;
}

/**
 * Signs files as TLS would prove a connection: by the same certificate.
 * @param identity PEM; of a chain the first certificate counts
 * @throws KuramoriError CONFIGURATION_INVALID
 */
export function signerOf(identity: { readonly key: string; readonly certificate: string }): Signer {
  const key = createPrivateKey(identity.key);
  const certificate = new X509Certificate(identity.certificate);
  const alg = algorithmOf(key);
  if (alg !== undefined && certificate.checkPrivateKey(key))
    return { key, alg, certificate: certificate.raw.toString('base64') };
  throw new KuramoriError(
    'CONFIGURATION_INVALID',
    'The certificate for the intermediary server cannot sign files: its key must be P-256, Ed25519 or RSA, and ' +
      'be the key of the certificate.',
  );
}

/**
 * Looks at a certificate as TLS does: issued by the one authority that is believed, in force, for this use, and of one
 * service.
 * @param certificate base64 of DER
 * @param ca PEM
 * @returns undefined for any other
 */
export function provedBy(
  certificate: string,
  ca: string,
  use: CertificateUse,
  nowMs: number,
): Proved | undefined {
  const [shown, authority] = [parsed(certificate), new X509Certificate(ca)];
  if (shown === undefined || !isInForce(shown, nowMs) || !isInForce(authority, nowMs)) return undefined;
  if (!shown.checkIssued(authority) || !shown.verify(authority.publicKey)) return undefined;
  if (!shown.keyUsage.includes(RFC5280_PURPOSES[use])) return undefined;
  const [service, alg] = [serviceOf(shown.subjectAltName), algorithmOf(shown.publicKey)];
  if (service === undefined || alg === undefined) return undefined;
  return { service, alg, key: shown.publicKey };
}

function parsed(certificate: string): X509Certificate | undefined {
  try {
    return new X509Certificate(Buffer.from(certificate, 'base64'));
  } catch {
    return undefined;
  }
}

function isInForce({ validFrom, validTo }: X509Certificate, nowMs: number): boolean {
  return Date.parse(validFrom) <= nowMs && nowMs < Date.parse(validTo);
}

/** RFC 7518 and RFC 8037; undefined for a key that signs no file here. */
function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | undefined {
  if (asymmetricKeyType === 'ed25519') return 'EdDSA';
  if (asymmetricKeyType === 'rsa') return 'PS256';
  return asymmetricKeyDetails?.namedCurve === 'prime256v1' ? 'ES256' : undefined;
}
