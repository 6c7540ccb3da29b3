/**
 * A second implementation of what the client and the vault exchange, written from RFC 7515, 7516, 7518, 7519, 7638
 * and 8785 on node:crypto alone: what one makes, the other must open.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { canonicalJson } from '../../audit/canonical.js';

export type Members = Record<string, unknown>;

/** A P-256 key of the vault, or of a reader that is not the client. */
export interface AgreementKey {
  readonly privateKey: KeyObject;
  readonly publicJwk: { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string };
  readonly thumbprint: string;
}

export function newAgreementKey(): AgreementKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' });
  const publicJwk = { kty: 'EC', crv: 'P-256', x: x!, y: y! } as const;
  return { privateKey, publicJwk, thumbprint: thumbprint(publicJwk) };
}

/** RFC 7638 §3: the required members in the order of their names, without blanks. */
export function thumbprint(jwk: Members): string {
  const names = jwk['kty'] === 'OKP' ? ['crv', 'kty', 'x'] : ['crv', 'kty', 'x', 'y'];
  const text = `{${names.map((name) => `"${name}":${JSON.stringify(jwk[name])}`).join(',')}}`;
  return createHash('sha256').update(text).digest('base64url');
}

export function digest(value: unknown): string {
  return `sha256:${createHash('sha256').update(canonicalJson(value)).digest('base64url')}`;
}

/** RFC 7518 §4.6.2: one round of Concat KDF gives up to 256 bits. */
export function concatKdf(z: Buffer, algorithm: string, apu: string, apv: string, bits: 128 | 256): Buffer {
  const prefixed = (text: string) => Buffer.concat([uint32(Buffer.byteLength(text)), Buffer.from(text)]);
  return createHash('sha256')
    .update(Buffer.concat([uint32(1), z, prefixed(algorithm), prefixed(apu), prefixed(apv), uint32(bits)]))
    .digest()
    .subarray(0, bits / 8);
}

/** Opens a JWE and verifies nothing but its tag: tests look at the header themselves. */
export function openJwe(jwe: string, key: KeyObject): { header: Members; payload: Members } {
  const [header64, encryptedKey, iv, ciphertext, tag] = jwe.split('.') as [
    string,
    string,
    string,
    string,
    string,
  ];
  if (encryptedKey !== '') throw new Error('direct key agreement has no encrypted key');
  const header = jsonOf(header64);
  const cek = agreedKey(key, createPublicKey({ key: header['epk'] as JsonWebKey, format: 'jwk' }));
  const decipher = createDecipheriv('aes-256-gcm', cek, Buffer.from(iv, 'base64url'), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(header64, 'ascii')).setAuthTag(Buffer.from(tag, 'base64url'));
  const plaintext = Buffer.concat([decipher.update(ciphertext, 'base64url'), decipher.final()]);
  return { header, payload: JSON.parse(plaintext.toString('utf8')) as Members };
}

/** A key of the vault's class `certificate`, or of somebody who would like to be it. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  /** As `kuramori vault anchor` prints it. */
  readonly publicJwk: {
    readonly kty: 'OKP';
    readonly crv: 'Ed25519';
    readonly x: string;
    readonly kid: string;
    readonly use: 'sig';
    readonly alg: 'EdDSA';
  };
}

export function newSigningKey(kid = 'certificate-1'): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { x } = publicKey.export({ format: 'jwk' });
  return { privateKey, publicJwk: { kty: 'OKP', crv: 'Ed25519', x: x!, kid, use: 'sig', alg: 'EdDSA' } };
}

/** Signs as the vault does; `header` replaces members, `undefined` removes one. */
export function signToken(
  { privateKey, publicJwk }: SigningKey,
  typ: string,
  payload: string | Buffer | Members,
  header: Members = {},
): string {
  const text = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
  const protectedHeader = JSON.stringify({ alg: 'EdDSA', typ, kid: publicJwk.kid, ...header });
  const input = [protectedHeader, text]
    .map((part) => Buffer.from(part as string).toString('base64url'))
    .join('.');
  return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`;
}

/** A number as the vault answers it: signed, then sealed. */
export function sealNumber(
  recipient: { readonly publicJwk: JsonWebKey; readonly thumbprint: string },
  signer: SigningKey,
  payload: string | Buffer | Members,
  header: Members = {},
): string {
  return sealJwe(recipient, signToken(signer, 'number+jwt', payload), header);
}

/** Seals as the vault does; `header` replaces members, `undefined` removes one. */
export function sealJwe(
  recipient: { readonly publicJwk: JsonWebKey; readonly thumbprint: string },
  payload: string | Buffer | Members,
  header: Members = {},
): string {
  const ephemeral = newAgreementKey();
  const protectedHeader = {
    alg: 'ECDH-ES',
    enc: 'A256GCM',
    kid: recipient.thumbprint,
    typ: 'number+jwe',
    cty: 'JWT',
    epk: ephemeral.publicJwk,
    ...header,
  };
  const header64 = Buffer.from(JSON.stringify(protectedHeader)).toString('base64url');
  const cek = agreedKey(ephemeral.privateKey, createPublicKey({ key: recipient.publicJwk, format: 'jwk' }));
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', cek, iv, { authTagLength: 16 }).setAAD(Buffer.from(header64));
  const plaintext =
    typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
  const ciphertext = Buffer.concat([cipher.update(plaintext as string), cipher.final()]);
  return [header64, '', iv, ciphertext, cipher.getAuthTag()]
    .map((part) => (typeof part === 'string' ? part : part.toString('base64url')))
    .join('.');
}

/** Verifies an assertion's signature over exactly what was signed. */
export function openAssertion(
  jws: string,
  publicJwk: JsonWebKey,
): { header: Members; claims: Members; text: string } {
  const [header64, payload64, signature, ...rest] = jws.split('.') as [string, string, string];
  const key = createPublicKey({ key: publicJwk, format: 'jwk' });
  const signed = Buffer.from(`${header64}.${payload64}`, 'ascii');
  if (rest.length > 0 || !verify(null, signed, key, Buffer.from(signature, 'base64url')))
    throw new Error('the signature is not of this key');
  const text = Buffer.from(payload64, 'base64url').toString('utf8');
  return { header: jsonOf(header64), claims: JSON.parse(text) as Members, text };
}

/** The assertion that a hand-written terminal would make of the same header and claims. */
export function signJws(header: Members, claims: Members, privateJwk: JsonWebKey): string {
  const input = [JSON.stringify(header), canonicalJson(claims)]
    .map((text) => Buffer.from(text).toString('base64url'))
    .join('.');
  const key = createPrivateKey({ key: privateJwk, format: 'jwk' });
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;
}

export function jsonOf(part: string): Members {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Members;
}

function agreedKey(privateKey: KeyObject, publicKey: KeyObject): Buffer {
  return concatKdf(diffieHellman({ privateKey, publicKey }), 'A256GCM', '', '', 256);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
