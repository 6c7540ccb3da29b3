import { calculateJwkThumbprint, exportJWK, generateKeyPair, type CryptoKey } from 'jose';

/** The public half of a terminal key, as the vault's register keeps it. */
export interface TerminalPublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
}

/** The public half of a P-256 key to which something is sealed. */
export interface SealingPublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/** The key with which a terminal signs (Ed25519). The private half cannot be exported, only used. */
export interface TerminalKey {
  readonly privateKey: CryptoKey;
  readonly publicJwk: TerminalPublicJwk;
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string;
}

/** The key to which the vault seals a number (P-256, ECDH). The private half cannot be exported, only used. */
export interface ReaderKey {
  readonly privateKey: CryptoKey;
  readonly publicJwk: SealingPublicJwk;
  /** RFC 7638, SHA-256, base64url: `sealTo` of the assertion, `kid` of what is sealed. */
  readonly thumbprint: string;
}

/**
 * Makes the key of a terminal (handbook 15 §5). It is made once, where it will be used: a browser keeps the whole
 * object in IndexedDB, which stores keys that cannot be exported; `publicJwk` goes to the vault's register.
 *
 * @example
 * const key = await newTerminalKey();
 * showForEnrolment(key.publicJwk, key.thumbprint);
 */
export async function newTerminalKey(): Promise<TerminalKey> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: false });
  const { x } = await exportJWK(publicKey);
  const publicJwk = { kty: 'OKP', crv: 'Ed25519', x: x! } as const;
  return { privateKey, publicJwk, thumbprint: await calculateJwkThumbprint(publicJwk, 'sha256') };
}

/**
 * Makes the key of one reading. {@link revealRequest} makes its own; keep a reader key no longer than its request.
 *
 * @example
 * const readerKey = await newReaderKey();
 * const sealTo = readerKey.thumbprint;
 */
export async function newReaderKey(): Promise<ReaderKey> {
  const { privateKey, publicKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: false });
  const { x, y } = await exportJWK(publicKey);
  const publicJwk = { kty: 'EC', crv: 'P-256', x: x!, y: y! } as const;
  return { privateKey, publicJwk, thumbprint: await calculateJwkThumbprint(publicJwk, 'sha256') };
}
