import { assertRecord } from './assert.js';
import { decodeBody } from './body.js';
import type { AuditRecord } from './record.js';
import type { FoundAuditEntry } from './search.filter.js';

/** A record as the database holds it. */
export interface StoredBody {
  readonly record_no: bigint;
  readonly first_sequence: bigint;
  readonly body: Uint8Array | null;
}

/** What stored bytes say. */
export interface ReadBody {
  readonly text: string;
  readonly record: AuditRecord;
  /** Its distinct coordinates, sorted, joined by newline. */
  readonly shape: string;
}

/** Coordinate of the one entry that a body with a defect is shown as. */
export const DEFECTIVE_COORDINATE = 'Log.body';

/** What is shown of a record whose bytes cannot be read: it must not blind a search, and raises by itself. */
const DEFECTIVE: AuditRecord = {
  kind: 'refusal',
  at: '1970-01-01T00:00:00Z',
  requestId: '',
  actorId: '',
  roles: [],
  department: '',
  terminal: '',
  sessionId: '',
  strength: '',
  clientApp: '',
  purpose: '',
  entries: [
    {
      coordinate: DEFECTIVE_COORDINATE,
      decision: 'refuse',
      reason: 'defectiveBody',
      rows: 0,
      subjects: [],
      raised: true,
    },
  ],
};

/** @returns undefined when the bytes are no record that could have been appended */
export function readBody(body: Uint8Array | null): ReadBody | undefined {
  if (body === null) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    const record = decodeBody(text);
    return record && { text, record, shape: assertRecord(record).shape };
  } catch {
    // Whatever fails on the way means: they are not.
    return undefined;
  }
}

/** The entries of a record, in their order. */
export function entriesOfBody({ record_no: recordNo, first_sequence, body }: StoredBody): FoundAuditEntry[] {
  const { entries, ...context } = readBody(body)?.record ?? DEFECTIVE;
  return entries.map((entry, place) => ({
    ...context,
    ...entry,
    raised: entry.raised === true,
    sequence: first_sequence + BigInt(place),
    recordNo,
  }));
}
