import type { Session } from '../kernel/database/database.js';
import { KuramoriError } from '../kernel/errors.js';
import { AUDIT_BODY_BYTES_MAX } from '../kernel/limits.js';
import { encodeBody } from './body.js';
import { assertRecord } from './assert.js';
import type { Appended, AuditDecision, AuditEntry, AuditRecord } from './record.js';

/** Bits of the column `decisions`: what a record has somewhere among its entries. */
export const DECISION_BITS = { mask: 1, refuse: 2, raised: 4, allow: 8 } as const satisfies Record<
  AuditDecision | 'raised',
  number
>;

/** A record as it goes to the database: its bytes, and what the narrow columns need. */
export interface PreparedRecord {
  readonly body: string;
  readonly bodyBytes: number;
  readonly at: string;
  readonly kind: string;
  readonly actorId: string;
  readonly purpose: string;
  readonly caseRef: string | null;
  readonly entryCount: number;
  readonly decisionBits: number;
  /** Distinct coordinates, sorted, joined by newline. */
  readonly shape: string;
  /** Distinct. */
  readonly subjects: readonly string[];
}

/**
 * Checks a record and writes its bytes.
 * @throws KuramoriError BAD_INPUT
 */
export function prepare(record: AuditRecord): PreparedRecord {
  assertRecord(record);
  const body = encodeBody(record);
  const bodyBytes = Buffer.byteLength(body);
  if (bodyBytes > AUDIT_BODY_BYTES_MAX) {
    const bytesMax = AUDIT_BODY_BYTES_MAX;
    const sentence = `The audit record is over ${bytesMax} bytes. Split the operation.`;
    throw new KuramoriError('BAD_INPUT', sentence, { bytesMax });
  }
  return {
    body,
    bodyBytes,
    at: record.at,
    kind: record.kind,
    actorId: record.actorId,
    purpose: record.purpose,
    caseRef: record.caseRef ?? null,
    entryCount: record.entries.length,
    decisionBits: decisionBitsOf(record.entries),
    shape: shapeOf(record.entries),
    subjects: subjectsOf(record.entries),
  };
}

/** What a record has somewhere among its entries. */
export function decisionBitsOf(entries: readonly AuditEntry[]): number {
  let bits = 0;
  for (const { decision, raised } of entries) {
    bits |= DECISION_BITS[decision] | (raised === true ? DECISION_BITS.raised : 0);
  }
  return bits;
}

/** The distinct coordinates of a record, sorted, joined by newline. */
export function shapeOf(entries: readonly AuditEntry[]): string {
  return [...new Set(entries.map((entry) => entry.coordinate))].toSorted().join('\n');
}

/** The distinct subjects of a record, in order of first use. */
export function subjectsOf(entries: readonly AuditEntry[]): string[] {
  const lists = new Set(entries.map((entry) => entry.subjects));
  return [...new Set([...lists].flat())];
}

/**
 * Appends a batch in one statement, within the session's transaction if it is one.
 * Bodies travel as one text: an array of bytea would be doubled into hexadecimal and escaped on the way.
 * @returns where each record came to lie, in the batch's order, without a gap between them
 * @throws KuramoriError as `Session.run`
 */
export async function appendBatch(session: Session, batch: readonly PreparedRecord[]): Promise<Appended[]> {
  const shapes = distinct(batch.map((record) => record.shape));
  const subjectOf = batch.flatMap((record, index) => record.subjects.map(() => index + 1));
  const ats = batch.map((record) => record.at);
  const rows = await session.run(
    'audit.append',
    ({ raw }) => raw<{ first_record: bigint; first_sequence: bigint }[]>`
    select first_record, first_sequence from audit.append(
      ${batch.map((record) => record.body).join('')}::text,
      ${literal(batch.map((record) => record.bodyBytes))}::integer[],
      ${literal(batch.map((record) => record.entryCount))}::integer[],
      ${literal(ats)}::timestamptz[],
      ${batch.map((record) => record.kind)}::text[],
      ${batch.map((record) => record.actorId)}::text[],
      ${batch.map((record) => record.purpose)}::text[],
      ${batch.map((record) => record.caseRef)}::text[],
      ${literal(batch.map((record) => record.decisionBits))}::smallint[],
      ${shapes.values}::text[],
      ${literal(shapes.places)}::integer[],
      ${batch.flatMap((record) => record.subjects)}::text[],
      ${literal(subjectOf)}::integer[])`,
  );
  return rows.flatMap((head) => numbered(batch, head.first_record, head.first_sequence));
}

function numbered(batch: readonly PreparedRecord[], firstRecord: bigint, firstSequence: bigint): Appended[] {
  let sequence = firstSequence;
  return batch.map((record, index) => {
    const appended = { recordNo: firstRecord + BigInt(index), firstSequence: sequence };
    sequence += BigInt(record.entryCount);
    return appended;
  });
}

/** Distinct values in order of first use, and for each given one its place, counted from 1. */
function distinct(values: readonly string[]): { values: string[]; places: number[] } {
  const known = new Map<string, number>();
  const places = values.map((value) => {
    const place = known.get(value) ?? known.size + 1;
    known.set(value, place);
    return place;
  });
  return { values: [...known.keys()], places };
}

/** An array as PostgreSQL reads it, for values that need no quotes: numbers and checked instants. */
function literal(values: readonly (number | string)[]): string {
  return `{${values.join(',')}}`;
}
