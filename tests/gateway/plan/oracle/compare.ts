import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { AuditRecord } from '../../../../src/audit/record.js';
import type { Asker } from '../../../support/read.js';
import type { LoggedRecord } from './log.js';
import type { Expected, Request } from './reference.js';

/** The body of an answer as it came over HTTP. */
export interface Body {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly path?: readonly (string | number)[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
  readonly extensions?: { readonly warnings?: readonly { readonly addresseeNo: string }[] };
}

/** What a request came to: its answer and its record. */
export interface Outcome {
  readonly request: Request;
  readonly asker: Asker;
  readonly caseRef: string;
  readonly body: Body;
  readonly logged: LoggedRecord;
}

/** Holds an outcome against what must have come of it. */
export function assertAsExpected(
  { request, asker, caseRef, body, logged }: Outcome,
  expected: Expected,
): void {
  const { record } = logged;
  const { caller, facts } = asker;
  expect(record).toMatchObject({
    actorId: caller.actorId,
    roles: caller.roles,
    department: caller.department,
    sessionId: caller.sessionId,
    strength: caller.strength,
    purpose: facts.purpose,
    caseRef,
  });
  if (expected === 'unsure') {
    expect(body.data).toBeTruthy();
    return;
  }
  if ('refused' in expected) return assertRefused(body, record, expected);
  expect(JSON.stringify(body.data)).toBe(JSON.stringify(expected.data));
  const theirs = expected.errors.map(({ path = [], extensions: { code, function: missing } }) => ({
    path,
    told: [code, missing],
  }));
  const ours = (body.errors ?? []).map(({ path = [], extensions: { code, function: missing } }) => ({
    path,
    told: [code, missing],
  }));
  expect(firstPlaces(ours)).toEqual(firstPlaces(theirs));
  expect(ours).toHaveLength(firstPlaces(ours).size);
  assertPointers(body, logged);
  assertRecord(record, expected, request.source);
  expect((body.extensions?.warnings ?? []).map(({ addresseeNo }) => addresseeNo).toSorted()).toEqual(
    [...expected.warned].toSorted(),
  );
}

function assertRefused(
  body: Body,
  record: AuditRecord,
  { refused: code, codes = [code] }: Extract<Expected, { refused: string }>,
): void {
  expect(body.data ?? null).toBeNull();
  // Validation may find several faults of a document.
  expect([...new Set(body.errors?.map(({ extensions }) => extensions['code']))]).toEqual(codes);
  expect(record.kind).toBe('refusal');
  expect(record.entries).toEqual([
    { coordinate: 'Operation', decision: 'refuse', reason: code, rows: 0, subjects: [] },
  ]);
}

/** An error names the entry of the log that tells of it. */
function assertPointers(body: Body, { record, firstSequence }: LoggedRecord): void {
  for (const { extensions } of body.errors ?? []) {
    expect(extensions['requestId']).toBe(record.requestId);
    const entry = record.entries[Number(BigInt(String(extensions['auditEntry'])) - firstSequence)];
    expect(entry?.decision).toBe('refuse');
    const step = extensions['code'] === 'STEP_UP_REQUIRED' ? 'stepUp' : 'function';
    expect(entry?.reason).toBe(`${step}:${String(extensions['function'])}`);
  }
}

function assertRecord(
  record: AuditRecord,
  { entries, kind, operation }: Exclude<Expected, { refused: string } | 'unsure'>,
  source: string,
): void {
  expect(record.kind).toBe(kind);
  expect(record.operationName).toBe(operation);
  expect(record.documentHash).toBe(createHash('sha256').update(source).digest('hex'));
  const line = (key: string, rows: number, subjects: Iterable<string>, raised: boolean) =>
    `${key} rows=${rows} subjects=${[...subjects].toSorted().join(',')}${raised ? ' raised' : ''}`;
  const ours = record.entries.map(({ coordinate, decision, reason, rows, subjects, raised = false }) =>
    line(`${coordinate} ${decision} ${reason ?? ''}`, rows, subjects, raised),
  );
  const theirs = [...entries].map(([key, { rows, subjects, raised }]) => line(key, rows, subjects, raised));
  // Only what differs: a record may have hundreds of entries.
  const [log, oracle] = [new Set(ours), new Set(theirs)];
  expect({
    logged: ours.filter((each) => !oracle.has(each)).toSorted(),
    entries: ours.length,
  }).toEqual({ logged: theirs.filter((each) => !log.has(each)).toSorted(), entries: theirs.length });
}

interface Told {
  readonly path: readonly (string | number)[];
  readonly told: readonly unknown[];
}

/** Where something was refused, by the road to it: the first place in the answer's own order. */
function firstPlaces(errors: readonly Told[]): Map<string, unknown> {
  const first = new Map<string, Told>();
  for (const error of errors) {
    const road = error.path.map((part) => (typeof part === 'number' ? '#' : part)).join('.');
    const known = first.get(road);
    if (!known || isBefore(error.path, known.path)) first.set(road, error);
  }
  return new Map([...first].map(([road, { path, told }]) => [road, [path.join('.'), ...told]]));
}

function isBefore(a: readonly (string | number)[], b: readonly (string | number)[]): boolean {
  for (const [at, part] of a.entries()) if (part !== b[at]) return Number(part) < Number(b[at]);
  return false;
}
