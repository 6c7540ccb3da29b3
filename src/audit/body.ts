import { decodeBodyV1, encodeBodyV1, isBodyV1 } from './body.v1.js';
import { fromNames, namesOf } from './coordinates.js';
import type { AuditEntry, AuditRecord } from './record.js';
import { SubjectLists } from './subjects.js';
import { quoted } from './text.js';

/** Version of the form in which bodies are written; those of version 1 are read for ever. */
export const AUDIT_BODY_VERSION = 2;

/**
 * The stored form of a record: canonical JSON (RFC 8785), the bytes that are hashed. It stands alone: no column is
 * needed to read it. What a list of fields repeats stands once: the coordinates of all entries, in their order, in
 * one text (`namesOf`); what neighbouring entries share in one run; each distinct list of subjects in `subjects`.
 */
export interface AuditBody extends Omit<AuditRecord, 'entries'> {
  readonly coordinates: string;
  readonly entries: readonly AuditBodyRun[];
  readonly subjects: readonly (readonly string[])[];
  readonly v: typeof AUDIT_BODY_VERSION;
}

/** The next `count` entries, which differ in their coordinate only. */
export interface AuditBodyRun extends Omit<AuditEntry, 'coordinate' | 'subjects'> {
  readonly count: number;
  /** Place in the body's `subjects`, from 0; none if empty. */
  readonly subjects?: number;
}

/**
 * Writes a record's body. RFC 8785 §3.2: keys in order of their UTF-16 units, texts and numbers as ECMAScript
 * writes them; the order is therefore written out here, which is several times faster than sorting.
 * @param record one that `assertRecord` passed: coordinates need no escapes then
 * @param names its coordinates, where the caller has them written out already
 */
export function encodeBody(
  record: AuditRecord,
  names = namesOf(record.entries.map(({ coordinate }) => coordinate)),
): string {
  const lists = new SubjectLists();
  const runs = encodeRuns(record.entries, lists);
  return (
    `{"actorId":${quoted(record.actorId)},"at":"${record.at}"` +
    optional('caseRef', record.caseRef) +
    `,"clientApp":${quoted(record.clientApp)},"coordinates":"${names}"` +
    optional('counterpart', record.counterpart) +
    `,"department":${quoted(record.department)}` +
    optional('documentHash', record.documentHash) +
    `,"entries":[${runs}],"kind":"${record.kind}"` +
    optional('operationName', record.operationName) +
    `,"purpose":${quoted(record.purpose)},"requestId":${quoted(record.requestId)}` +
    `,"roles":[${record.roles.map(quoted).join(',')}],"sessionId":${quoted(record.sessionId)}` +
    `,"strength":${quoted(record.strength)},"subjects":[${lists.texts.join(',')}]` +
    `,"terminal":${quoted(record.terminal)},"v":${AUDIT_BODY_VERSION}}`
  );
}

interface Run {
  readonly entry: AuditEntry;
  /** Place of its list of subjects. */
  readonly place: number | undefined;
  count: number;
}

function encodeRuns(entries: readonly AuditEntry[], lists: SubjectLists): string {
  const runs: Run[] = [];
  let last: Run | undefined;
  for (const entry of entries) {
    const place = entry.subjects === last?.entry.subjects ? last.place : lists.placeOf(entry.subjects);
    if (last !== undefined && place === last.place && isAlike(entry, last.entry)) last.count += 1;
    else runs.push((last = { entry, place, count: 1 }));
  }
  return runs.map(encodeRun).join(',');
}

function isAlike(a: AuditEntry, b: AuditEntry): boolean {
  return (
    a.rows === b.rows &&
    a.decision === b.decision &&
    a.reason === b.reason &&
    (a.raised === true) === (b.raised === true)
  );
}

function encodeRun({ entry, place, count }: Run): string {
  return (
    `{"count":${count},"decision":"${entry.decision}"` +
    (entry.raised === true ? ',"raised":true' : '') +
    optional('reason', entry.reason) +
    `,"rows":${entry.rows}` +
    (place === undefined ? '}' : `,"subjects":${place}}`)
  );
}

function optional(key: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${key}":${quoted(value)}`;
}

/**
 * Reads a body of any version back. `isCanonical` tells whether the text is the one that was to be written.
 * @returns undefined when it is not a body: the caller knows which record it looked at
 */
export function decodeBody(text: string): AuditRecord | undefined {
  const body = parsed(text);
  if (isBodyV1(body)) return decodeBodyV1(body);
  return isBody(body) ? decoded(body) : undefined;
}

/** Whether a text is exactly the body that was written of a record, now or by an earlier release. */
export function isCanonical(text: string, record: AuditRecord): boolean {
  return encodeBody(record) === text || encodeBodyV1(record) === text;
}

function decoded({ v: _, coordinates, subjects: lists, entries: runs, ...context }: AuditBody): AuditRecord {
  const entries: AuditEntry[] = [];
  const places = runs.values();
  let run: Partial<AuditBodyRun> = {};
  let left = 0;
  for (const coordinate of fromNames(coordinates)) {
    if (left === 0) {
      run = places.next().value ?? {};
      left = run.count ?? 0;
    }
    left -= 1;
    const { count: _count, subjects, ...shared } = run;
    const people = subjects === undefined ? [] : (lists[subjects] ?? []);
    entries.push({ coordinate, ...shared, subjects: people } as AuditEntry);
  }
  return { ...context, entries };
}

function isBody(value: unknown): value is AuditBody {
  const body = value as Partial<AuditBody> | null;
  return (
    body?.v === AUDIT_BODY_VERSION &&
    typeof body.coordinates === 'string' &&
    Array.isArray(body.entries) &&
    Array.isArray(body.subjects)
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
