import { createHmac, sign, type KeyObject } from 'node:crypto';

type Members = Readonly<Record<string, unknown>>;

/** What can be done to a compact JWS without the key that signed it, and with any other key. */

const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function partsOf(jws: string): { header: Members; claims: Members; input: string; signature: string } {
  const [header = '', claims = '', signature = ''] = jws.split('.');
  const read = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString()) as Members;
  return { header: read(header), claims: read(claims), input: `${header}.${claims}`, signature };
}

/** The claims of an assertion. */
export function claimsOf(jws: string): Members {
  return partsOf(jws).claims;
}

/** Other members in the header or the claims, under the signature that was there. */
export function changed(jws: string, { header, claims }: { header?: Members; claims?: Members }): string {
  const was = partsOf(jws);
  const input = `${part({ ...was.header, ...header })}.${part({ ...was.claims, ...claims })}`;
  return `${input}.${was.signature}`;
}

/** The whole header or the whole claims as a text, under the signature that was there. */
export function retold(jws: string, text: { header?: string; claims?: string }): string {
  const was = partsOf(jws);
  return `${part(text.header ?? was.header)}.${part(text.claims ?? was.claims)}.${was.signature}`;
}

/** One assertion’s text under the signature of another. */
export function underSignatureOf(jws: string, other: string): string {
  return `${partsOf(jws).input}.${partsOf(other).signature}`;
}

/** Without a signature. @param alg what the header says instead */
export function unsigned(jws: string, alg: string): string {
  const { header, claims } = partsOf(jws);
  return `${part({ ...header, alg })}.${part(claims)}.`;
}

/** With a code under what everybody may know: the confusion of a public key with a secret. */
export function withMac(jws: string, alg: 'HS256' | 'HS512', secret: string | Buffer): string {
  const { header, claims } = partsOf(jws);
  const input = `${part({ ...header, alg })}.${part(claims)}`;
  const mac = createHmac(alg === 'HS256' ? 'sha256' : 'sha512', secret).update(input);
  return `${input}.${mac.digest('base64url')}`;
}

/** Signed anew with a key of one’s own; a key of P-256 gives the signature of ES256. */
export function signedWith(
  jws: string,
  key: KeyObject,
  members: { header?: Members; claims?: Members } = {},
): string {
  const was = partsOf(changed(jws, members));
  const bytes = Buffer.from(was.input);
  const signature =
    key.asymmetricKeyType === 'ec'
      ? sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' })
      : sign(null, bytes, key);
  return `${was.input}.${signature.toString('base64url')}`;
}

/** The same bytes in another spelling: the spare bits of the last character. */
export function respelled(jws: string): string {
  const last = jws.at(-1)!;
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return jws.slice(0, -1) + alphabet.charAt(alphabet.indexOf(last) | 1);
}
