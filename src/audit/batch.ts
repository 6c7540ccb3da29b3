import type { Session } from '../kernel/database/database.js';
import { KuramoriError } from '../kernel/errors.js';
import { AUDIT_BODY_BYTES_MAX } from '../kernel/limits.js';
import { encodeBody } from './body.js';
import { assertRecord } from './assert.js';
import type { Appended, AuditRecord } from './record.js';
import { withMicroseconds } from './text.js';

/** A record as it goes to the database: its bytes, from which everything that searches read is made there. */
export interface PreparedRecord {
  readonly body: string;
  readonly bodyBytes: number;
  /** ISO instant in UTC with six places, so that instants sort as texts. */
  readonly at: string;
  readonly entryCount: number;
  readonly subjectCount: number;
}

/**
 * Checks a record and writes its bytes.
 * @throws KuramoriError BAD_INPUT
 */
export function prepare(record: AuditRecord): PreparedRecord {
  const { names, subjectCount } = assertRecord(record);
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
    at: withMicroseconds(record.at),
    entryCount: record.entries.length,
    subjectCount,
  };
}

/**
 * Appends a batch in one statement, within the session's transaction if it is one.
 * Bodies travel joined, by what cannot be in them: as an array they would be quoted and escaped one by one.
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
  const bodies = batch.map((record) => record.body).join('\n');
  const entryCounts = `{${batch.map((record) => record.entryCount).join(',')}}`;
  const { from, to } = spanOf(batch);
  const rows = await session.run(
    commit === 'ahead' ? 'audit.appendAhead' : 'audit.append',
    ({ raw }) => raw<{ first_record: bigint; first_sequence: bigint }[]>`
    select first_record, first_sequence from audit.append(
      ${bodies}::text, ${entryCounts}::integer[], ${from}::text::timestamptz, ${to}::text::timestamptz,
      ${commit === 'ahead'}::boolean)`,
  );
  return rows.flatMap((head) => numbered(batch, head.first_record, head.first_sequence));
}

/** The first and the last time of a batch. */
function spanOf(batch: readonly PreparedRecord[]): { readonly from: string; readonly to: string } {
  // After and before every instant, as texts.
  let from = '~';
  let to = '';
  for (const { at } of batch) {
    if (at < from) from = at;
    if (at > to) to = at;
  }
  return { from, to };
}

function numbered(batch: readonly PreparedRecord[], firstRecord: bigint, firstSequence: bigint): Appended[] {
  let sequence = firstSequence;
  return batch.map((record, index) => {
    const appended = { recordNo: firstRecord + BigInt(index), firstSequence: sequence };
    sequence += BigInt(record.entryCount);
    return appended;
  });
}
