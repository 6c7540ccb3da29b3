import type { AuditEntry, AuditRecord } from './record.js';
import { SubjectLists } from './subjects.js';
import { quoted } from './text.js';

const VERSION = 1;

/** A body as releases before bodies of version 2 wrote it: an object for each entry. */
export interface AuditBodyV1 extends Omit<AuditRecord, 'entries'> {
  readonly entries: readonly AuditBodyEntryV1[];
  readonly subjects: readonly (readonly string[])[];
  readonly v: typeof VERSION;
}

interface AuditBodyEntryV1 extends Omit<AuditEntry, 'subjects'> {
  /** Place in the body's `subjects`, from 0; none if empty. */
  readonly subjects?: number;
}

/** Writes a body of version 1, to hold stored bytes against; nothing is stored in this form any more. */
export function encodeBodyV1(record: AuditRecord): string {
  const lists = new SubjectLists();
  const entries = record.entries.map((entry) => encodeEntry(entry, lists));
  return (
    `{"actorId":${quoted(record.actorId)},"at":"${record.at}"` +
    optional('caseRef', record.caseRef) +
    `,"clientApp":${quoted(record.clientApp)},"department":${quoted(record.department)}` +
    optional('documentHash', record.documentHash) +
    `,"entries":[${entries.join(',')}],"kind":"${record.kind}"` +
    optional('operationName', record.operationName) +
    `,"purpose":${quoted(record.purpose)},"requestId":${quoted(record.requestId)}` +
    `,"roles":[${record.roles.map(quoted).join(',')}],"sessionId":${quoted(record.sessionId)}` +
    `,"strength":${quoted(record.strength)},"subjects":[${lists.texts.join(',')}]` +
    `,"terminal":${quoted(record.terminal)},"v":${VERSION}}`
  );
}

function encodeEntry(entry: AuditEntry, lists: SubjectLists): string {
  const place = lists.placeOf(entry.subjects);
  return (
    `{"coordinate":"${entry.coordinate}","decision":"${entry.decision}"` +
    (entry.raised === true ? ',"raised":true' : '') +
    optional('reason', entry.reason) +
    `,"rows":${entry.rows}` +
    (place === undefined ? '}' : `,"subjects":${place}}`)
  );
}

function optional(key: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${key}":${quoted(value)}`;
}

/** Whether a parsed text is a body of version 1. */
export function isBodyV1(value: unknown): value is AuditBodyV1 {
  const body = value as Partial<AuditBodyV1> | null;
  return body?.v === VERSION && Array.isArray(body.entries) && Array.isArray(body.subjects);
}

/** Reads a body of version 1 back. */
export function decodeBodyV1({ v: _, subjects: lists, entries, ...context }: AuditBodyV1): AuditRecord {
  return {
    ...context,
    entries: entries.map(({ subjects, ...entry }) => ({
      ...entry,
      subjects: subjects === undefined ? [] : (lists[subjects] ?? []),
    })),
  };
}
