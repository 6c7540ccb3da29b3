import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';

/** ECDH-ES with A256GCM from node:crypto alone, as another implementation would have it: RFC 7516, RFC 7518 §4.6. */

export const base64url = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64url');
export const fromBase64url = (text: string) => Buffer.from(text, 'base64url');

/** Concat KDF of NIST SP 800-56A with SHA-256, one round (RFC 7518 §4.6.2). @param bits length of the key */
export function concatKdf(
  secret: Uint8Array,
  algorithm: string,
  apu: string,
  apv: string,
  bits: number,
): Buffer {
  return createHash('sha256')
    .update(uint32(1))
    .update(secret)
    .update(prefixed(algorithm))
    .update(prefixed(apu))
    .update(prefixed(apv))
    .update(uint32(bits))
    .digest()
    .subarray(0, bits / 8);
}

/** Opens a compact JWE. @throws when the tag is wrong */
export function openByHand(
  jwe: string,
  privateKey: KeyObject,
): { header: Record<string, unknown>; payload: Buffer } {
  const [header = '', , nonce = '', ciphertext = '', tag = ''] = jwe.split('.');
  const members = JSON.parse(fromBase64url(header).toString('utf8')) as Record<string, unknown>;
  const epk = createPublicKey({ key: members['epk'] as JsonWebKey, format: 'jwk' });
  const key = concatKdf(diffieHellman({ privateKey, publicKey: epk }), 'A256GCM', '', '', 256);
  const decipher = createDecipheriv('aes-256-gcm', key, fromBase64url(nonce), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(header, 'ascii')).setAuthTag(fromBase64url(tag));
  const payload = Buffer.concat([decipher.update(fromBase64url(ciphertext)), decipher.final()]);
  return { header: members, payload };
}

/** What an adversary may choose when sealing; everything else is as it should be. */
export interface Freedom {
  /** Members that take the place of, or come beside, those of the header; `undefined` leaves one out. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** The whole header's text, for what no object gives. @param honest the text that the object gives */
  readonly headerText?: (honest: string) => string | Uint8Array;
}

/** Seals to a public P-256 JWK, and lets an adversary write the header. */
export function sealByHand(
  recipient: JsonWebKey,
  kid: string,
  typ: string,
  payload: Uint8Array,
  { header = {}, headerText = (honest) => honest }: Freedom = {},
): string {
  const ephemeral = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y } = ephemeral.publicKey.export({ format: 'jwk' });
  const honest = { alg: 'ECDH-ES', enc: 'A256GCM', kid, typ, cty: 'json', epk: { kty, crv, x, y } };
  const text = base64url(headerText(JSON.stringify({ ...honest, ...header })));
  const publicKey = createPublicKey({ key: recipient, format: 'jwk' });
  const secret = diffieHellman({ privateKey: ephemeral.privateKey, publicKey });
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', concatKdf(secret, 'A256GCM', '', '', 256), nonce, {
    authTagLength: 16,
  });
  cipher.setAAD(Buffer.from(text, 'ascii'));
  const ciphertext = Buffer.concat([cipher.update(payload), cipher.final()]);
  return [text, '', ...[nonce, ciphertext, cipher.getAuthTag()].map(base64url)].join('.');
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function prefixed(text: string): Buffer {
  return Buffer.concat([uint32(Buffer.byteLength(text)), Buffer.from(text, 'utf8')]);
}
