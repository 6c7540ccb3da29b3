import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { KuramoriError } from '../../kernel/errors.js';
import { canonicalBytes } from '../../kernel/canonical.js';

/** A public key on the curve P-256 (RFC 7518 §6.2.1), and nothing beside it. */
export interface P256PublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  /** 43 characters of base64url: 32 bytes. */
  readonly x: string;
  readonly y: string;
}

/** 32 bytes in base64url. */
const COORDINATE = /^[A-Za-z0-9_-]{43}$/;

/**
 * Reads a public key that came from outside, such as a reader's. Members that do not belong to the key are dropped.
 * @throws KuramoriError BAD_INPUT when it is not on P-256, holds a private key, or its point is not on the curve
 */
export function p256PublicJwk(jwk: unknown): P256PublicJwk {
  const { kty, crv, x, y, d } = (jwk ?? {}) as Readonly<Record<string, unknown>>;
  if (kty !== 'EC' || crv !== 'P-256' || d !== undefined) throw badKey();
  if (!isCoordinate(x) || !isCoordinate(y)) throw badKey();
  const key: P256PublicJwk = { kty, crv, x, y };
  assertOnCurve(key);
  return key;
}

/** The thumbprint of a key (RFC 7638), SHA-256 in base64url: the `kid` of what is sealed to it. */
export function thumbprint({ kty, crv, x, y }: P256PublicJwk): string {
  return createHash('sha256').update(canonicalBytes({ kty, crv, x, y })).digest('base64url');
}

/**
 * The public half of a private P-256 key.
 * @throws KuramoriError BAD_INPUT when it is any other key
 */
export function p256PublicJwkOf(privateKey: KeyObject): P256PublicJwk {
  if (privateKey.type !== 'private') throw badKey();
  const { d: _private, ...jwk } = privateKey.export({ format: 'jwk' });
  return p256PublicJwk(jwk);
}

/** An adversary's point on another curve would draw the private key out bit by bit; OpenSSL checks the point. */
function assertOnCurve(key: P256PublicJwk): void {
  try {
    createPublicKey({ key: { ...key } satisfies JsonWebKey, format: 'jwk' });
  } catch {
    throw badKey();
  }
}

/** One spelling of one key: the unused bits of the last character are zero. */
function isCoordinate(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    COORDINATE.test(value) &&
    Buffer.from(value, 'base64url').toString('base64url') === value
  );
}

function badKey(): KuramoriError {
  return new KuramoriError(
    'BAD_INPUT',
    'The key to seal to is not a public key on P-256 (RFC 7518 §6.2). Make a new key and send its public half.',
    { rule: 'recipientKey' },
  );
}
