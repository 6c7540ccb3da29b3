import { integrityFailure } from '../cipher/integrity.js';
import type { JsonEnvelope } from './keyService.js';

const BASE64URL = /^[A-Za-z0-9_-]{1,1024}$/;

/** Bytes as a member of an envelope. */
export function toMember(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

/** @throws KuramoriError INTEGRITY_FAILURE when the member is missing or no base64url */
export function bytesOf(envelope: JsonEnvelope, member: string): Uint8Array {
  const value = envelope[member];
  if (typeof value !== 'string' || !BASE64URL.test(value)) throw integrityFailure();
  return Buffer.from(value, 'base64url');
}

/** @throws KuramoriError INTEGRITY_FAILURE when the member is missing or no number */
export function numberOf(envelope: JsonEnvelope, member: string): number {
  const value = envelope[member];
  if (typeof value !== 'number') throw integrityFailure();
  return value;
}
