import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { compactDecrypt, CompactEncrypt, CompactSign, compactVerify, decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import { utf8 } from '../../../kernel/canonical.js';
import {
  INTERMEDIARY_DROP_HEAD_BYTES_MAX,
  INTERMEDIARY_DROP_PATH_CHARS_MAX,
} from '../../../kernel/limits.js';
import { digestText, identifier, instant, messageId } from '../codes.js';
import { provedBy, type CertificateUse, type Proved, type Signer } from './proof.js';

/** A request as a file carries it: what HTTP has in its head, and the very bytes of its body. */
export interface DropRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** An answer: a status as HTTP has them, and the very bytes. */
export interface DropAnswer {
  readonly status: number;
  readonly bytes: Uint8Array;
}

/** What who asked must keep to read the answer: nobody else can. */
export interface Expected {
  readonly exchange: string;
  readonly digest: string;
  readonly replyKey: KeyObject;
}

/** A request that was opened, and where its answer goes. */
export interface OpenedRequest extends DropRequest {
  readonly exchange: string;
  /** When it was signed, milliseconds since the epoch. */
  readonly atMs: number;
  /** Of the certificate. */
  readonly service: string;
  readonly digest: string;
  readonly replyTo: KeyObject;
}

const REQUEST = 'spi-request';
const ANSWER = 'spi-answer';
/** Base64 twice, one inside the other, takes 16 bytes for 9. */
const GROWTH = 16 / 9;

const signedForm = { alg: z.string(), x5c: z.tuple([z.base64().min(1).max(8_192)]), exchange: messageId };
const requestForm = z.strictObject({
  ...signedForm,
  typ: z.literal(REQUEST),
  at: instant,
  method: z.enum(['GET', 'POST', 'PUT']),
  path: z
    .string()
    .max(INTERMEDIARY_DROP_PATH_CHARS_MAX)
    .regex(/^\/v1\/[!-~]+$/),
  /** Who reads a list with people in it. */
  reads: z.strictObject({ 'spi-person': identifier, 'spi-unit': identifier }).exactOptional(),
  /** X25519, made for this answer alone. */
  replyTo: z.string().regex(/^[\w-]{43}$/),
});
const answerForm = z.strictObject({
  ...signedForm,
  typ: z.literal(ANSWER),
  /** Of the request that it answers. */
  request: digestText,
  status: z.int().min(200).max(599),
});

/** How large the file of so many bytes may be. */
export function fileBytesMax(bytesMax: number): number {
  return Math.ceil((bytesMax + INTERMEDIARY_DROP_HEAD_BYTES_MAX) * GROWTH);
}

/**
 * Makes the file of a request: signed (JWS) with the sender's certificate, then sealed (JWE, ECDH-ES on X25519,
 * A256GCM) to the server, so that no number of a person lies readable in the folder.
 * @param serverKey public X25519 key of the server
 */
export async function sealRequest(
  { method, path, headers, body }: DropRequest,
  { exchange, at }: { readonly exchange: string; readonly at: string },
  signer: Signer,
  serverKey: KeyObject,
): Promise<{ readonly file: Uint8Array; readonly expected: Expected }> {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const replyTo = String(publicKey.export({ format: 'jwk' }).x);
  const said = { typ: REQUEST, exchange, at, method, path, ...(headers && { reads: headers }), replyTo };
  const signed = await sign(body ?? new Uint8Array(), said, signer);
  const file = await seal(signed, serverKey);
  return { file, expected: { exchange, digest: digestOf(signed), replyKey: privateKey } };
}

/**
 * Opens the file of a request.
 * @param dropKey private X25519 key of the server
 * @param ca PEM of the one authority whose certificates are believed
 * @returns undefined for what nobody of the authority has made for this server
 */
export async function openRequest(
  file: Uint8Array,
  dropKey: KeyObject,
  ca: string,
  nowMs: number,
): Promise<OpenedRequest | undefined> {
  const opened = await openSigned(file, dropKey, requestForm, { ca, use: 'client', nowMs });
  if (opened === undefined) return undefined;
  const { head, bytes, service, signed } = opened;
  const { exchange, at, method, path, reads, replyTo } = head;
  return {
    exchange,
    atMs: Date.parse(at),
    service,
    digest: digestOf(signed),
    method,
    path,
    replyTo: createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: replyTo }, format: 'jwk' }),
    ...(reads && { headers: reads }),
    ...(bytes.length > 0 && { body: bytes }),
  };
}

/** Makes the file of an answer: signed with the server's certificate, sealed to the key that came with the request. */
export async function sealAnswer(
  { status, bytes }: DropAnswer,
  { exchange, digest, replyTo }: Pick<OpenedRequest, 'exchange' | 'digest' | 'replyTo'>,
  signer: Signer,
): Promise<Uint8Array> {
  return seal(await sign(bytes, { typ: ANSWER, exchange, request: digest, status }, signer), replyTo);
}

/**
 * Opens the file of an answer.
 * @param ca PEM of the one authority whose server is believed
 * @returns undefined for what is not the intermediary server's answer to this very request
 */
export async function openAnswer(
  file: Uint8Array,
  { exchange, digest, replyKey }: Expected,
  ca: string,
  nowMs: number,
): Promise<DropAnswer | undefined> {
  const opened = await openSigned(file, replyKey, answerForm, { ca, use: 'server', nowMs });
  if (opened === undefined || opened.service !== 'intermediary') return undefined;
  const { head, bytes } = opened;
  return head.exchange === exchange && head.request === digest ? { status: head.status, bytes } : undefined;
}

function sign(bytes: Uint8Array, said: object, { key, alg, certificate }: Signer): Promise<string> {
  const head = { alg, x5c: [certificate], ...said };
  return new CompactSign(bytes).setProtectedHeader(head).sign(key);
}

async function seal(signed: string, key: KeyObject): Promise<Uint8Array> {
  const head = { alg: 'ECDH-ES', enc: 'A256GCM', cty: 'JWS' } as const;
  return utf8(await new CompactEncrypt(utf8(signed)).setProtectedHeader(head).encrypt(key));
}

/** Everything in a file came from outside: whatever is wrong with it, it is not ours, and says no more than that. */
async function openSigned<Head extends { readonly x5c: [string] }>(
  file: Uint8Array,
  key: KeyObject,
  form: z.ZodType<Head>,
  { ca, use, nowMs }: { readonly ca: string; readonly use: CertificateUse; readonly nowMs: number },
): Promise<(Pick<Proved, 'service'> & { head: Head; bytes: Uint8Array; signed: string }) | undefined> {
  try {
    const { plaintext } = await compactDecrypt(file, key, {
      keyManagementAlgorithms: ['ECDH-ES'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    const signed = Buffer.from(plaintext).toString('latin1');
    const head = form.parse(decodeProtectedHeader(signed));
    const proved = provedBy(head.x5c[0], ca, use, nowMs);
    if (proved === undefined) return undefined;
    const { payload } = await compactVerify(signed, proved.key, { algorithms: [proved.alg] });
    return { service: proved.service, head, bytes: payload, signed };
  } catch {
    return undefined;
  }
}

function digestOf(signed: string): string {
  return `sha256:${createHash('sha256').update(signed).digest('base64url')}`;
}
