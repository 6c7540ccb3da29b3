const CURSOR_CHARS_MAX = 200;
/** Keys that have a form of their own. */
const KEYS: Readonly<Record<string, RegExp>> = {
  AuditEntry: /^\d{1,18}$/,
  PushRequest: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
};

/** A cursor as it is published: the type and the row's key. */
export function cursorOf(type: string, key: string): string {
  return Buffer.from(`${type}:${key}`, 'utf8').toString('base64url');
}

/** The key in a cursor of a type; undefined when it is none of ours. */
export function keyInCursor(cursor: string, type: string): string | undefined {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const key = text.slice(type.length + 1);
  const sound = text.startsWith(`${type}:`) && key !== '' && cursorOf(type, key) === cursor;
  if (!sound || cursor.length > CURSOR_CHARS_MAX) return undefined;
  return (KEYS[type] ?? /^/).test(key) ? key : undefined;
}
