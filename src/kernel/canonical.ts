import serialize from 'canonicalize';
import { OPERATION_BODY_BYTES_MAX, OPERATION_BODY_DEPTH_MAX } from './limits.js';

/** RFC 8785 for every part that digests or binds JSON. It runs in browsers too: nothing of Node here. */

/** Of what JSON has a text for; the package answers nothing else with one. */
const rfc8785 = (value: unknown) => serialize(value) as string;
const utf8Encoder = new TextEncoder();

/** Why a value has no canonical text: JSON does not carry it unchanged, or it is over a limit. */
export type CanonicalFault = 'value' | 'depth' | 'size';

export interface CanonicalRules {
  /** Throws the refusal of whoever asks; it is not told what the value holds. */
  readonly refuse: (fault: CanonicalFault) => never;
  /** Members that are `undefined` are refused, or left out as JSON does. */
  readonly undefinedMembers?: 'leftOut';
  /** Bytes the text may have; OPERATION_BODY_BYTES_MAX where none is stated. */
  readonly bytesMax?: number;
}

/**
 * The RFC 8785 text of a JSON value. Both ends digest this text, so whatever could be read in two ways is refused:
 * numbers that are not finite, texts with lone surrogates, objects that are not plain (dates, maps, classes).
 *
 * @param value at most `bytesMax` bytes and OPERATION_BODY_DEPTH_MAX levels
 * @throws what `refuse` throws
 */
export function canonicalText(value: unknown, rules: CanonicalRules): string {
  refuseUnlessJson(value, 1, rules);
  const text = rfc8785(value);
  if (utf8(text).length > (rules.bytesMax ?? OPERATION_BODY_BYTES_MAX)) rules.refuse('size');
  return text;
}

/** A flat object of our own making, whose text has one spelling only. */
export type CanonicalObject = Readonly<Record<string, string | number>>;

/** The bytes of a flat object in the canonical form of RFC 8785. */
export function canonicalBytes(object: CanonicalObject): Uint8Array<ArrayBuffer> {
  return utf8(rfc8785(object));
}

/** The UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return utf8Encoder.encode(text);
}

function refuseUnlessJson(value: unknown, depth: number, rules: CanonicalRules): void {
  const { refuse, undefinedMembers } = rules;
  if (depth > OPERATION_BODY_DEPTH_MAX) refuse('depth');
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (typeof value === 'string' && value.isWellFormed()) return;
  if (Array.isArray(value)) {
    for (const element of value) refuseUnlessJson(element, depth + 1, rules);
    return;
  }
  if (!isPlainObject(value)) return refuse('value');
  for (const [name, member] of Object.entries(value)) {
    refuseUnlessJson(name, depth, rules);
    if (member !== undefined || undefinedMembers !== 'leftOut') refuseUnlessJson(member, depth + 1, rules);
  }
}

/** By its tag, not by its prototype: objects of another window or context are as plain. */
function isPlainObject(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    Object.prototype.toString.call(value) === '[object Object]' &&
    typeof (value as { toJSON?: unknown }).toJSON !== 'function' &&
    isPlainPrototype(Object.getPrototypeOf(value))
  );
}

function isPlainPrototype(prototype: unknown): boolean {
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
