import { KuramoriError } from '../../kernel/errors.js';

const CURSOR_CHARS_MAX = 200;

/** An opaque place in a list: the type and the row's key, nothing personal beside the addressee number. */
export function encodeCursor(typeName: string, key: string): string {
  return Buffer.from(`${typeName}:${key}`, 'utf8').toString('base64url');
}

/**
 * The key in a cursor.
 * @throws KuramoriError BAD_INPUT when it is not one of ours for this type
 */
export function decodeCursor(cursor: unknown, typeName: string): string {
  if (typeof cursor === 'string' && cursor.length <= CURSOR_CHARS_MAX) {
    const [type, key] = splitOnce(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (type === typeName && key !== '' && encodeCursor(type, key) === cursor) return key;
  }
  throw notOfThisList();
}

/**
 * The key of a cursor to a numbered row.
 * @throws KuramoriError BAD_INPUT
 */
export function decodeNumberCursor(cursor: unknown, typeName: string): string {
  const key = decodeCursor(cursor, typeName);
  if (/^(0|[1-9]\d{0,17})$/.test(key)) return key;
  throw notOfThisList();
}

/**
 * The key of a cursor to a row that a UUID names.
 * @throws KuramoriError BAD_INPUT
 */
export function decodeUuidCursor(cursor: unknown, typeName: string): string {
  const key = decodeCursor(cursor, typeName);
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(key)) return key;
  throw notOfThisList();
}

function notOfThisList(): KuramoriError {
  return new KuramoriError(
    'BAD_INPUT',
    'The argument after is not a cursor of this list. Use endCursor of the page before.',
  );
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf(':');
  return at < 0 ? ['', ''] : [text.slice(0, at), text.slice(at + 1)];
}
