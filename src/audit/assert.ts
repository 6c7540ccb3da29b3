import { KuramoriError } from '../kernel/errors.js';
import {
  AUDIT_ENTRIES_MAX,
  AUDIT_RECORD_SUBJECTS_MAX,
  AUDIT_ROLES_MAX,
  AUDIT_SUBJECTS_MAX,
  AUDIT_TEXT_CHARS_MAX,
} from '../kernel/limits.js';
import { coordinatesOf, type CoordinateList } from './coordinates.js';
import { AUDIT_KINDS, type AuditEntry, type AuditRecord } from './record.js';
import { isStorable } from './text.js';

const DECISIONS: ReadonlySet<string> = new Set(['allow', 'mask', 'refuse']);
const KINDS: ReadonlySet<string> = new Set(AUDIT_KINDS);
const TEXTS = [
  'requestId',
  'actorId',
  'department',
  'terminal',
  'sessionId',
  'strength',
  'clientApp',
  'purpose',
] as const satisfies readonly (keyof AuditRecord)[];
const OPTIONAL_TEXTS = [
  'caseRef',
  'operationName',
  'documentHash',
  'counterpart',
] as const satisfies readonly (keyof AuditRecord)[];
/** No more than microseconds, which is what the database keeps (lessons 20). */
const INSTANT = /^[12]\d{3}-[01]\d-[0-3]\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?Z$/;
const SUBJECT = /^[\x21-\x7e]{1,32}$/;

/** Coordinates of a record, written out, and how many people its lists name. */
export interface AssertedRecord extends CoordinateList {
  readonly subjectCount: number;
}

/**
 * Refuses a record that could not be stored exactly as it is. One defective record must not fail the batch that
 * others share: an attacker would choose, say, a terminal name that holds NUL.
 * @returns what was found out on the way
 * @throws KuramoriError BAD_INPUT; `facts.field` names the part
 */
export function assertRecord(record: AuditRecord): AssertedRecord {
  demand(KINDS.has(record.kind), 'kind');
  demand(isInstant(record.at), 'at');
  for (const field of TEXTS) demand(isText(record[field]), field);
  for (const field of OPTIONAL_TEXTS) {
    const text = record[field];
    demand(text === undefined || isText(text), field);
  }
  demand(record.roles.length <= AUDIT_ROLES_MAX && record.roles.every(isText), 'roles');
  demand(record.entries.length > 0 && record.entries.length <= AUDIT_ENTRIES_MAX, 'entries');
  for (const entry of record.entries) assertEntry(entry);
  const subjectCount = demanded(subjectsIn(record.entries), 'subjects');
  return { ...demanded(coordinatesOf(record.entries), 'coordinate'), subjectCount };
}

function assertEntry(entry: AuditEntry): void {
  demand(DECISIONS.has(entry.decision), 'decision');
  demand(entry.reason === undefined || isText(entry.reason), 'reason');
  demand(Number.isSafeInteger(entry.rows) && entry.rows >= 0, 'rows');
}

/**
 * How many people the lists of some entries name. Entries of one object share their list, which is then looked at once.
 * @returns undefined when one is malformed, or there are too many
 */
function subjectsIn(entries: readonly AuditEntry[]): number | undefined {
  const lists = new Set<readonly string[]>();
  let latest: readonly string[] | undefined;
  for (const { subjects } of entries) {
    if (subjects !== latest) lists.add(subjects);
    latest = subjects;
  }
  let count = 0;
  for (const list of lists) {
    if (!areSubjects(list)) return undefined;
    count += list.length;
  }
  return count <= AUDIT_RECORD_SUBJECTS_MAX ? count : undefined;
}

function areSubjects(subjects: readonly string[]): boolean {
  return subjects.length <= AUDIT_SUBJECTS_MAX && subjects.every((subject) => SUBJECT.test(subject));
}

function isText(text: string): boolean {
  return text.length <= AUDIT_TEXT_CHARS_MAX && isStorable(text);
}

/** The day that was found to be in the calendar last: most records are of today. */
let lastDay = '';

function isInstant(text: string): boolean {
  if (!INSTANT.test(text)) return false;
  const day = text.slice(0, 10);
  if (day === lastDay) return true;
  const at = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(at.getTime()) || !at.toISOString().startsWith(day)) return false;
  lastDay = day;
  return true;
}

function demand(sound: boolean, field: string): void {
  demanded(sound || undefined, field);
}

function demanded<T>(part: T | undefined, field: string): T {
  if (part !== undefined) return part;
  const sentence = `The audit record's ${field} is missing, malformed or over its limit. Nothing was written.`;
  throw new KuramoriError('BAD_INPUT', sentence, { field });
}
