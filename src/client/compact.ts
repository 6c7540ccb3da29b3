import { base64url } from 'jose';

/**
 * The parts of a compact JWS or JWE, or nothing when it is of another form. Base64url leaves spare bits in the last
 * character: of all spellings of the same bytes, one is accepted.
 */
export function compactParts(text: unknown, parts: 3 | 5, charsMax: number): readonly string[] | undefined {
  if (typeof text !== 'string' || text.length > charsMax) return undefined;
  const found = text.split('.');
  return found.length === parts && found.every(isCanonicalBase64url) ? found : undefined;
}

/**
 * A JSON object, or nothing when the bytes are no such thing. No cause is kept: the message of a JSON parser repeats
 * what it read.
 */
export function jsonObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? { ...parsed }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Whether an object has exactly these members, sorted by their names. */
export function hasExactly(object: object, members: readonly string[]): boolean {
  return Object.keys(object).toSorted().join() === members.join();
}

function isCanonicalBase64url(part: string): boolean {
  try {
    return base64url.encode(base64url.decode(part)) === part;
  } catch {
    return false;
  }
}
