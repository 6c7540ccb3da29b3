import { CredentialRefusal } from './refusal.js';

const STRING = /"(?:[^"\\]|\\.)*"/y;
const NAME_SEPARATOR = /[ \t\n\r]*:/y;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A JSON object as it came. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads a JSON object of a token. A member that occurs twice is refused, at any depth: two parsers could read two
 * different tokens (RFC 7515 §4, RFC 8725 §2.4).
 * @throws CredentialRefusal malformed, duplicateMember
 */
export function strictJsonObject(bytes: Uint8Array): JsonObject {
  let text: string;
  let value: unknown;
  try {
    text = utf8.decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    throw new CredentialRefusal('malformed', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CredentialRefusal('malformed');
  if (hasDuplicateMember(text)) throw new CredentialRefusal('duplicateMember');
  return value as JsonObject;
}

/** @param text valid JSON */
function hasDuplicateMember(text: string): boolean {
  const scopes: Set<string>[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '"') {
      const literal = matchAt(STRING, text, at);
      at += literal.length;
      if (matchAt(NAME_SEPARATOR, text, at) === '') continue;
      const name = JSON.parse(literal) as string;
      const scope = scopes.at(-1);
      if (scope?.has(name)) return true;
      scope?.add(name);
      continue;
    }
    if (character === '{') scopes.push(new Set());
    if (character === '}') scopes.pop();
    at += 1;
  }
  return false;
}

/** Only an object member is followed by a colon, so that arrays need no scope of their own. */
function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}
