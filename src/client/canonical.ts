import { base64url } from 'jose';
import { canonicalText as canonical, utf8 } from '../kernel/canonical.js';
import { refuseInput } from './refusal.js';
import type { Json, JsonObject } from './json.js';

const SENTENCES = {
  value: 'The body holds a value that JSON cannot carry unchanged.',
  depth: 'The body is nested too deeply.',
  size: 'The body is too large.',
} as const;

/**
 * The RFC 8785 text of a body, or of what an assertion says. Members that are `undefined` are left out, as JSON does.
 *
 * @param value at most `OPERATION_BODY_BYTES_MAX` bytes and `OPERATION_BODY_DEPTH_MAX` levels
 * @throws KuramoriError BAD_INPUT without any part of the value
 */
export function canonicalText(value: Json): string {
  return canonical(value, {
    refuse: (fault) => refuseInput('body', SENTENCES[fault]),
    undefinedMembers: 'leftOut',
  });
}

/** The same value read back from its canonical text: plain, and cut loose from what the caller may change later. */
export function parseCanonical(text: string): JsonObject {
  return JSON.parse(text) as JsonObject;
}

/** `sha256:` and the base64url SHA-256 of a text in UTF-8: the form of digests in assertions (handbook 15 §5). */
export async function sha256Digest(text: string): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest('SHA-256', utf8(text));
  return `sha256:${base64url.encode(new Uint8Array(digest))}`;
}
