import type { KeyObject } from 'node:crypto';
import type { z } from 'zod';
import { KuramoriError } from '../../kernel/errors.js';
import { TRANSFER_MESSAGE_CHARS_MAX } from '../../kernel/limits.js';
import { assertSignature, parseJws, RFC8037_ALGORITHM } from '../../kernel/token/jws.js';
import { keyFingerprint } from './keys.js';

/** Makes a detached Ed25519 signature; the private key stays where it is. */
export interface Signer {
  readonly publicKey: KeyObject;
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** A kind of signed message: its `typ`, so that no kind stands for another, and its form. */
export interface MessageKind<F extends z.ZodType> {
  readonly typ: string;
  readonly form: F;
}

/**
 * Signs a message between municipality and organization as a compact JWS (Ed25519), `kid` being the key's fingerprint.
 * @throws ZodError when it does not have its form
 */
export async function signMessage<F extends z.ZodType>(
  kind: MessageKind<F>,
  message: z.output<F>,
  signer: Signer,
): Promise<string> {
  const header = { alg: RFC8037_ALGORITHM, typ: kind.typ, kid: keyFingerprint(signer.publicKey) };
  const input = [header, kind.form.encode(message)].map(encoded).join('.');
  const signature = await signer.sign(Buffer.from(input, 'ascii'));
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}

/**
 * Opens a message that one of the known keys of the other side signed.
 * @throws KuramoriError INTEGRITY_FAILURE, whatever is wrong with it
 */
export function openMessage<F extends z.ZodType>(
  kind: MessageKind<F>,
  jws: string,
  keys: readonly KeyObject[],
): z.output<F> {
  try {
    const parsed = parseJws(jws, [kind.typ], TRANSFER_MESSAGE_CHARS_MAX);
    const key = keys.find((one) => keyFingerprint(one) === parsed.kid);
    if (key === undefined) throw notGenuine();
    assertSignature(parsed, key);
    return kind.form.parse(parsed.claims);
  } catch (cause) {
    throw notGenuine(cause);
  }
}

function encoded(part: unknown): string {
  return Buffer.from(JSON.stringify(part), 'utf8').toString('base64url');
}

function notGenuine(cause?: unknown): KuramoriError {
  const sentence =
    'A signed message of a transfer is not genuine or not of its form. Ask the other side to send it again.';
  return new KuramoriError('INTEGRITY_FAILURE', sentence, {}, { cause });
}
