/** ASCII without quote and backslash: canonical JSON writes it as it is. Nearly every text of a record is such. */
const PLAIN = /^[ !#-[\]-~]*$/;
const CONTROL = /\p{Cc}/u;

/** A text as canonical JSON (RFC 8785 §3.2.2.2) writes it. */
export function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** Whether a text can be stored exactly as it is: no control characters, no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return PLAIN.test(text) || (!CONTROL.test(text) && text.isWellFormed());
}

/** An ISO instant in UTC with six places: `…:50.1Z` as `…:50.100000Z`, as the database writes instants. */
export function withMicroseconds(at: string): string {
  return `${at.slice(0, 19)}.${at.slice(20, -1).padEnd(6, '0')}Z`;
}
