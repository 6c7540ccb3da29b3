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

/** A record as it goes to the database: its bytes, and what the index columns need beside them. */
export interface PreparedRecord {
  readonly body: string;
  readonly bodyBytes: number;
  readonly at: string;
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
  const { names, shape } = assertRecord(record);
  const body = encodeBody(record, names);
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
    entryCount: record.entries.length,
    decisionBits: decisionBitsOf(record.entries),
    shape,
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

/** The distinct subjects of a record, in order of first use. */
export function subjectsOf(entries: readonly AuditEntry[]): readonly string[] {
  let alone: readonly string[] | undefined;
  for (const { subjects } of entries) {
    if (subjects === alone || subjects.length === 0) continue;
    if (alone !== undefined) return distinctSubjects(entries);
    alone = subjects;
  }
  return alone === undefined ? [] : [...new Set(alone)];
}

function distinctSubjects(entries: readonly AuditEntry[]): string[] {
  const lists = new Set(entries.map((entry) => entry.subjects));
  return [...new Set([...lists].flat())];
}

/**
 * Appends a batch in one statement, within the session's transaction if it is one.
 * Texts travel joined, by what cannot be in them: as arrays they would be quoted and escaped one by one.
 * @param commit `durable`: the commit waits for the disk; `ahead`: it does not, and a `SharedFlush` has to come before
 *   any answer
 * @returns where each record came to lie, in the batch's order, without a gap between them
 * @throws KuramoriError as `Session.run`
 */
export async function appendBatch(
  session: Session,
  batch: readonly PreparedRecord[],
  commit: 'durable' | 'ahead' = 'durable',
): Promise<Appended[]> {
  const columns = columnsOf(batch);
  const rows = await session.run(
    'audit.append',
    ({ raw }) => raw<{ first_record: bigint; first_sequence: bigint }[]>`
    select first_record, first_sequence from ${raw(commit === 'ahead' ? 'audit.append_ahead' : 'audit.append')}(
      ${columns.bodies}::text, ${`{${columns.entryCounts}}`}::integer[], ${`{${columns.ats}}`}::timestamptz[],
      ${`{${columns.decisionBits}}`}::smallint[], ${columns.shapes}::text, ${`{${columns.shapeOf}}`}::integer[],
      ${columns.subjects}::text, ${`{${columns.subjectOf}}`}::integer[])`,
  );
  return rows.flatMap((head) => numbered(batch, head.first_record, head.first_sequence));
}

/** The parameters of `audit.append`; numbers and checked instants need no quotes in an array's text. */
function columnsOf(batch: readonly PreparedRecord[]) {
  const shapes = new Map<string, number>();
  const shapeOf: number[] = [];
  const subjects: string[] = [];
  const subjectOf: number[] = [];
  batch.forEach((record, index) => {
    const place = shapes.get(record.shape) ?? shapes.size + 1;
    shapes.set(record.shape, place);
    shapeOf.push(place);
    for (const subject of record.subjects) {
      subjects.push(subject);
      subjectOf.push(index + 1);
    }
  });
  return {
    bodies: batch.map((record) => record.body).join('\n'),
    entryCounts: batch.map((record) => record.entryCount).join(','),
    ats: batch.map((record) => record.at).join(','),
    decisionBits: batch.map((record) => record.decisionBits).join(','),
    shapes: [...shapes.keys()].join('\n\n'),
    shapeOf: shapeOf.join(','),
    subjects: subjects.join(' '),
    subjectOf: subjectOf.join(','),
  };
}

function numbered(batch: readonly PreparedRecord[], firstRecord: bigint, firstSequence: bigint): Appended[] {
  let sequence = firstSequence;
  return batch.map((record, index) => {
    const appended = { recordNo: firstRecord + BigInt(index), firstSequence: sequence };
    sequence += BigInt(record.entryCount);
    return appended;
  });
}
