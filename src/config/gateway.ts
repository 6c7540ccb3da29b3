import { readFileSync } from 'node:fs';
import type { JWK } from 'jose';
import { z } from 'zod';
import {
  SESSION_ABSOLUTE_MINUTES,
  SESSION_ABSOLUTE_MINUTES_MAX,
  SESSION_IDLE_MINUTES,
  SESSION_IDLE_MINUTES_MAX,
} from '../kernel/limits.js';
import { oneOf, readSettings, secretFile, text, url, watched, wholeNumber, type Setting } from './setting.js';

/** A secret of 32 bytes with the name stored material refers to it by. */
const namedKey = z.strictObject({
  id: z.string().min(1),
  key: z.base64url().transform((encoded) => Buffer.from(encoded, 'base64url')),
});
const keyRing = z.strictObject({ current: namedKey, former: z.array(namedKey) });
const privateJwk = z.looseObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  kid: z.string(),
  x: z.string(),
  d: z.string(),
});
const publicJwks = z.array(
  z.looseObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), kid: z.string(), x: z.string() }),
);
const oidc = z.strictObject({
  issuer: z.url(),
  clientId: z.string(),
  clientSecret: z.string(),
  redirectUri: z.url(),
  staffClaim: z.string(),
  scope: z.string(),
  secondFactor: z.strictObject({ amr: z.array(z.string()), acr: z.array(z.string()) }),
  insecureLoopback: z.boolean(),
});

/** Settings of `kuramori gateway`. There is no default for any secret. */
export const GATEWAY_SETTINGS = {
  recordsUrl: {
    name: 'RECORDS_DATABASE_URL',
    description: 'records database, as the role of the gateway: postgres://user:password@host:port/name',
    read: url('postgres', 'postgresql'),
  },
  host: {
    name: 'KURAMORI_HOST',
    description: 'address to listen on; one of this machine, never all of them',
    fallback: '127.0.0.1',
    read: oneAddress,
  },
  port: {
    name: 'KURAMORI_PORT',
    description: 'TCP port to listen on',
    fallback: '4000',
    read: wholeNumber(0, 65_535),
  },
  tlsKeyFile: {
    name: 'KURAMORI_TLS_KEY_FILE',
    description: 'private key (PEM) of the TLS certificate; needed off the loopback address',
    fallback: '',
    read: optional(watched(secretFile)),
  },
  tlsCertificateFile: {
    name: 'KURAMORI_TLS_CERTIFICATE_FILE',
    description: 'TLS certificate chain (PEM)',
    fallback: '',
    read: optional(watched(plainFile)),
  },
  issuer: {
    name: 'KURAMORI_ISSUER',
    description: 'address by which this gateway is known; issuer and audience of its tokens',
    read: url('https', 'http'),
  },
  signingKey: {
    name: 'KURAMORI_SIGNING_KEY_FILE',
    description: 'file (mode 600) with the Ed25519 private key that signs access tokens, as a JWK with kid',
    read: (path: string) =>
      json(secretFile(path), privateJwk, 'must name a file with an Ed25519 private JWK that has a kid'),
  },
  formerSigningKeys: {
    name: 'KURAMORI_FORMER_SIGNING_KEYS_FILE',
    description: 'file with the public JWKs whose tokens are still accepted',
    fallback: '',
    read: optional(
      (path) =>
        json(plainFile(path), publicJwks, 'must name a file with a list of Ed25519 public JWKs') as JWK[],
    ),
  },
  pepper: {
    name: 'KURAMORI_PEPPER_FILE',
    description:
      'file (mode 600) with the keys that pepper password verifiers: {"current":{"id","key"},"former":[]}',
    read: (path: string) => json(secretFile(path), keyRing, 'must name a file with a key ring'),
  },
  credentialKey: {
    name: 'KURAMORI_CREDENTIAL_KEY_FILE',
    description: 'file (mode 600) with the keys that encrypt second-factor secrets, as a key ring',
    read: (path: string) => json(secretFile(path), keyRing, 'must name a file with a key ring'),
  },
  oidc: {
    name: 'KURAMORI_OIDC_FILE',
    description: 'file (mode 600) that describes the municipality’s OpenID provider',
    fallback: '',
    read: optional((path) =>
      json(secretFile(path), oidc, 'must name a file that describes an OpenID provider'),
    ),
  },
  vaultUrl: {
    name: 'KURAMORI_VAULT_URL',
    description:
      'where the vault is: https://host:port; without it nothing about individual numbers is offered',
    fallback: '',
    read: optional(url('https')),
  },
  vaultCa: {
    name: 'KURAMORI_VAULT_CLIENT_CA_FILE',
    description: 'certificate (PEM) of the one authority whose vault is trusted',
    fallback: '',
    read: optional(watched(plainFile)),
  },
  vaultKey: {
    name: 'KURAMORI_VAULT_CLIENT_KEY_FILE',
    description:
      'file (mode 600) with the private key (PEM) with which this gateway shows the vault who it is',
    fallback: '',
    read: optional(watched(secretFile)),
  },
  vaultCertificate: {
    name: 'KURAMORI_VAULT_CLIENT_CERTIFICATE_FILE',
    description: 'certificate (PEM) of that key, for `urn:kuramori:service:gateway`',
    fallback: '',
    read: optional(watched(plainFile)),
  },
  documents: {
    name: 'KURAMORI_DOCUMENTS',
    description: 'trusted: only registered documents; any: whatever is valid',
    fallback: 'trusted',
    read: oneOf('trusted', 'any'),
  },
  documentsFile: {
    name: 'KURAMORI_DOCUMENTS_FILE',
    description: 'register of trusted documents, JSON: application to list of documents',
    fallback: '',
    read: optional(text),
  },
  discloseSchema: {
    name: 'KURAMORI_DISCLOSE_SCHEMA',
    description: 'introspection and exact validation messages, for development',
    fallback: 'off',
    read: onOff,
  },
  prepare: {
    name: 'KURAMORI_PREPARE',
    description: 'named prepared statements; off behind a pooler in transaction mode',
    fallback: 'on',
    read: onOff,
  },
  sessionIdleMinutes: {
    name: 'KURAMORI_SESSION_IDLE_MINUTES',
    description: 'a session ends after this many minutes without use',
    fallback: String(SESSION_IDLE_MINUTES),
    read: wholeNumber(1, SESSION_IDLE_MINUTES_MAX),
  },
  sessionAbsoluteMinutes: {
    name: 'KURAMORI_SESSION_MINUTES',
    description: 'a session ends after this many minutes in any case',
    fallback: String(SESSION_ABSOLUTE_MINUTES),
    read: wholeNumber(5, SESSION_ABSOLUTE_MINUTES_MAX),
  },
  logLevel: {
    name: 'KURAMORI_LOG_LEVEL',
    description: 'least severity that is logged',
    fallback: 'info',
    read: oneOf('debug', 'info', 'warn', 'error', 'silent'),
  },
} as const satisfies Record<string, Setting<unknown>>;

/** What `kuramori gateway` is set to. */
export type GatewayConfiguration = ReturnType<typeof readGatewayConfiguration>;

/**
 * Reads the gateway's settings.
 * @throws KuramoriError CONFIGURATION_INVALID
 */
export function readGatewayConfiguration(environment: Readonly<Record<string, string | undefined>>) {
  return readSettings(GATEWAY_SETTINGS, environment, ['KURAMORI_HOME']);
}

/** Reads a key ring for a command that works beside the gateway. @throws Error when the file is not one */
export function readKeyRing(path: string): z.infer<typeof keyRing> {
  return json(secretFile(path), keyRing, 'must name a file with a key ring');
}

function optional<T>(read: (value: string) => T): (value: string) => T | undefined {
  return (value) => (value === '' ? undefined : read(value));
}

function onOff(value: string): boolean {
  return oneOf('on', 'off')(value) === 'on';
}

function oneAddress(value: string): string {
  if (['0.0.0.0', '::', '*', ''].includes(value)) throw new Error('must be one address, not all of them');
  return value;
}

function plainFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Error('names a file that cannot be read', { cause });
  }
}

/** The parser's own message would quote the secret it could not read. */
function json<T>(content: string, form: z.ZodType<T>, demand: string): T {
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch {
    throw new Error(demand);
  }
  const result = form.safeParse(parsed);
  if (!result.success) throw new Error(demand);
  return result.data;
}
