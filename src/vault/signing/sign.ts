import { sign } from 'node:crypto';
import { KuramoriError } from '../../kernel/errors.js';
import { RFC8037_ALGORITHM } from '../../kernel/token/jws.js';
import { base64urlBytes } from '../cipher/base64url.js';
import { integrityFailure } from '../cipher/integrity.js';
import { wipe } from '../cipher/wipe.js';
import type { CertificateClaims, ERASURE_CERTIFICATE_TYPE } from '../erasure/certificate.js';
import type { TransferErasureClaims, TRANSFER_ERASURE_TYPE } from '../transfer/erasure/claims.js';
import type { TransferSettingClaims, TRANSFER_SETTING_TYPE } from '../transfer/setting/claims.js';
import type { KeyPair } from '../keys/key.js';
import type { PublishedJwk } from '../keys/publicKey.js';

/** The list of keys to which terminals seal. */
export interface InputKeysClaims {
  readonly v: 1;
  /** 全国地方公共団体コード. */
  readonly municipality: string;
  /** Newest first. */
  readonly keys: readonly PublishedJwk[];
  /** Seconds since the epoch; the second one is exclusive. */
  readonly iat: number;
  readonly exp: number;
}

/** A number that is shown to a reader. */
export interface NumberClaims {
  readonly v: 1;
  readonly ref: string;
  /** ASCII digits; they never become a text. Wiping them stays with the caller. */
  readonly number: Uint8Array;
  /** Of the assertion that asked. */
  readonly jti: string;
  /** Seconds since the epoch. */
  readonly iat: number;
}

/** An account for a refund (公金受取口座) that is shown to who pays. */
export interface AccountClaims {
  readonly v: 1;
  readonly ref: string;
  readonly refundId: string;
  readonly bankCode: string;
  readonly branchCode: string;
  readonly accountType: string;
  readonly accountNumber: string;
  readonly holderKana: string;
  /** Of the assertion that asked. */
  readonly jti: string;
  /** Seconds since the epoch. */
  readonly iat: number;
}

/** All that the vault signs with its class `certificate`, by `typ`: one kind never stands for another. */
export type SignedForms = {
  readonly 'input-keys+jwt': InputKeysClaims;
  readonly 'number+jwt': NumberClaims;
  readonly 'account+jwt': AccountClaims;
} & Readonly<Record<typeof ERASURE_CERTIFICATE_TYPE, CertificateClaims>> &
  Readonly<Record<typeof TRANSFER_SETTING_TYPE, TransferSettingClaims>> &
  Readonly<Record<typeof TRANSFER_ERASURE_TYPE, TransferErasureClaims>>;

const DOT = Buffer.from('.', 'ascii');

/**
 * Signs as the vault (compact JWS, RFC 7515; Ed25519, RFC 8037). It writes the payload itself, member by member: bytes
 * or texts that came from outside are never signed as they are.
 * @param key the active one of class `certificate`, one use of it
 * @param claims made by the vault
 * @returns ASCII bytes of the token, which the caller wipes when it holds a number
 * @throws KuramoriError VAULT_SEALED once the key was wiped; INTEGRITY_FAILURE for a key of another class
 * @example
 * const token = signToken(keyRing.active('certificate'), 'number+jwt', { v: 1, ref, number: digits, jti, iat });
 */
export function signToken<Type extends keyof SignedForms>(
  key: KeyPair,
  typ: Type,
  claims: SignedForms[Type],
): Buffer {
  if (key.keyClass !== 'certificate') throw integrityFailure();
  const { kid, privateKey } = key;
  const header = base64urlBytes(Buffer.from(JSON.stringify({ alg: RFC8037_ALGORITHM, typ, kid }), 'utf8'));
  const payload = payloadBytes(claims);
  const encoded = base64urlBytes(payload);
  const input = joined(header, DOT, encoded);
  try {
    return joined(input, DOT, base64urlBytes(sign(null, input, privateKey)));
  } finally {
    wipe(payload, encoded, input);
  }
}

/** JSON as UTF-8, in the order of the members; bytes among them stand as the text that they spell. */
function payloadBytes(claims: object): Buffer {
  const parts = Object.entries(claims).flatMap(([name, value]: [string, unknown], at) => {
    const opening = `${at === 0 ? '{' : ','}${JSON.stringify(name)}:`;
    if (!(value instanceof Uint8Array)) return [Buffer.from(opening + JSON.stringify(value), 'utf8')];
    assertDigits(value);
    return [Buffer.from(`${opening}"`, 'utf8'), value, Buffer.from('"', 'ascii')];
  });
  return joined(...parts, Buffer.from('}', 'ascii'));
}

/** With any other byte the text could end early, and something else be said after it. */
function assertDigits(bytes: Uint8Array): void {
  if (bytes.every((byte) => byte >= 0x30 && byte <= 0x39)) return;
  throw new KuramoriError('INTERNAL', 'What was to be signed as a number is none.');
}

/** Into bytes of their own: those of `Buffer.concat` may lie in a pool that other parts of the process read. */
function joined(...parts: readonly Uint8Array[]): Buffer {
  const whole = Buffer.alloc(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
