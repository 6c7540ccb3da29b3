import { KuramoriError } from '../errors.js';

/** A type as the driver takes it. */
interface DriverType {
  readonly to: number;
  readonly from: number[];
  readonly parse: (text: string) => unknown;
  readonly serialize: (value: unknown) => string;
}

const asNumber = Number;
const asBigint = BigInt;
const asText = (text: string) => text;
const asBoolean = (text: string) => text === 't';

/**
 * PostgreSQL's array types by name: their fixed number in its catalogue, and what an element becomes. Lists of days and
 * instants are missing: the query builder has them pass as text.
 */
const ARRAY_TYPES: Readonly<Record<string, readonly [oid: number, element: (text: string) => unknown]>> = {
  booleans: [1000, asBoolean],
  smallints: [1005, asNumber],
  integers: [1007, asNumber],
  bigints: [1016, asBigint],
  texts: [1009, asText],
  varchars: [1015, asText],
  names: [1003, asText],
  uuids: [2951, asText],
};

/**
 * How arrays cross the boundary. The driver would ask the catalogue for them on every new connection, and when that
 * connection is lost meanwhile, nobody hears of it but the process, which ends (an unhandled rejection).
 */
export function arrayTypes(): Record<string, DriverType> {
  return Object.fromEntries(
    Object.entries(ARRAY_TYPES).map(([name, [oid, element]]) => [
      name,
      { to: oid, from: [oid], parse: (text) => parseArray(text, element), serialize: arrayLiteral },
    ]),
  );
}

/** A list of one dimension as PostgreSQL reads it; text that is already in that form passes. */
export function arrayLiteral(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) throw malformed();
  const elements = value.map((each: string | number | bigint | boolean | null | undefined) =>
    each === null || each === undefined ? 'NULL' : `"${String(each).replaceAll(/["\\]/g, '\\$&')}"`,
  );
  return `{${elements.join(',')}}`;
}

const ELEMENT = /"((?:[^"\\]|\\.)*)"|([^",{}\\]+)/gsy;

/**
 * Reads a list of one dimension as PostgreSQL writes it.
 * @throws KuramoriError INTERNAL for anything else
 */
export function parseArray<T>(text: string, element: (text: string) => T): (T | null)[] {
  if (!text.startsWith('{') || !text.endsWith('}')) throw malformed();
  const values: (T | null)[] = [];
  if (text === '{}') return values;
  let at = 1;
  while (at < text.length) {
    ELEMENT.lastIndex = at;
    const found = ELEMENT.exec(text);
    if (!found) throw malformed();
    const [whole, quoted, bare] = found;
    if (quoted === undefined) values.push(bare === 'NULL' ? null : element(bare ?? ''));
    else values.push(element(quoted.replaceAll(/\\(.)/gs, '$1')));
    at += whole.length;
    const end = at === text.length - 1;
    if (!end && text[at] !== ',') throw malformed();
    at += end ? text.length : 1;
  }
  return values;
}

function malformed(): KuramoriError {
  return new KuramoriError(
    'INTERNAL',
    'A list crossed the boundary of the database in a form that is not known.',
  );
}
