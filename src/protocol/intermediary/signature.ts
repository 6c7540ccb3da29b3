import { createHash, sign, verify, type KeyObject } from 'node:crypto';
import { canonicalText, utf8, type CanonicalFault } from '../../kernel/canonical.js';
import { KuramoriError } from '../../kernel/errors.js';
import { INTERMEDIARY_MESSAGE_BYTES_MAX } from '../../kernel/limits.js';
import type { Answer, UnsignedAnswer } from './answer.js';
import {
  INTERMEDIARY_PROTOCOL,
  type EnvelopeOf,
  type Envelope,
  type MessageKind,
  type UnsignedEnvelope,
} from './message.js';

/** Which proof of a message does not hold. */
export type SignatureFault = 'DIGEST_MISMATCH' | 'SIGNATURE_INVALID';

const FAULTS: Readonly<Record<CanonicalFault, string>> = {
  value: 'The message holds a value that JSON cannot carry unchanged.',
  depth: 'The message is nested too deeply.',
  size: 'The message is over its limit.',
};

/**
 * `sha256:` and the base64url SHA-256 of the canonical JSON (RFC 8785) of a body.
 * @throws KuramoriError BAD_INPUT when it has no canonical form, or more than INTERMEDIARY_MESSAGE_BYTES_MAX
 */
export function bodyDigest(body: unknown): string {
  return `sha256:${createHash('sha256').update(canonicalMessage(body)).digest('base64url')}`;
}

/** The bytes that are signed: the canonical message without its signature. @throws as `bodyDigest` */
export function signedBytes(message: Omit<Envelope | Answer, 'signature'>): Uint8Array {
  const { signature: _, ...rest } = message as Envelope | Answer;
  return canonicalMessage(rest);
}

/**
 * Fills in protocol, digest and signature.
 * @param key private Ed25519 key of the sender
 * @throws as `bodyDigest`
 * @example
 * const envelope = signEnvelope({ messageId, kind: 'code.acquire', …, body: { unifiedAddresseeNo } }, key);
 */
export function signEnvelope<K extends MessageKind>(
  envelope: UnsignedEnvelope<K>,
  key: KeyObject,
): EnvelopeOf<K> {
  return signed(envelope, key) as unknown as EnvelopeOf<K>;
}

/** As `signEnvelope`, for what the intermediary server answers. */
export function signAnswer(answer: UnsignedAnswer, key: KeyObject): Answer {
  return signed(answer, key) as unknown as Answer;
}

/**
 * Looks at both proofs of a message whose form has been read.
 * @param key public Ed25519 key of who is said to have sent it
 * @returns the first that does not hold
 */
export function signatureFault(message: Envelope | Answer, key: KeyObject): SignatureFault | undefined {
  if (message.digest !== bodyDigest(message.body)) return 'DIGEST_MISMATCH';
  const signature = Buffer.from(message.signature, 'base64url');
  return verify(null, signedBytes(message), key, signature) ? undefined : 'SIGNATURE_INVALID';
}

function signed(message: { readonly body: unknown }, key: KeyObject) {
  const unsigned = { ...message, protocol: INTERMEDIARY_PROTOCOL, digest: bodyDigest(message.body) };
  return { ...unsigned, signature: sign(null, canonicalMessage(unsigned), key).toString('base64url') };
}

function canonicalMessage(value: unknown): Uint8Array {
  return utf8(canonicalText(value, { refuse: notCanonical, bytesMax: INTERMEDIARY_MESSAGE_BYTES_MAX }));
}

function notCanonical(fault: CanonicalFault): never {
  throw new KuramoriError('BAD_INPUT', FAULTS[fault]);
}
