import { beforeAll, describe, expect, test } from 'vitest';
import { AUDIT_KINDS, type AuditEntry, type AuditRecord } from '../../../src/audit/record.js';
import { STAFF } from '../../../src/demonstration/staffList.js';
import { encodeCursor } from '../../../src/gateway/plan/cursor.js';
import { AUDIT_SCAN_RECORDS_MAX, AUDIT_SEARCH_ROUNDS_MAX } from '../../../src/kernel/limits.js';
import { testGateway, type GraphqlAnswer, type TestGateway } from '../../support/gateway.js';

/** One entry of the log as the test wrote it, with the names under which it must be published. */
interface Written {
  readonly sequence: string;
  readonly recordNo: string;
  readonly record: AuditRecord;
  readonly entry: AuditEntry;
}

const RECORDS = 96;
const FROM = '2026-09-01T00:00:00Z';
const TO = '2026-10-01T00:00:00Z';

let gateway: TestGateway;
/** Newest first, as the query answers. */
const written: Written[] = [];

beforeAll(async () => {
  gateway = await testGateway(60);
  for (let n = 0; n < RECORDS; n++) {
    const record = recordNumber(n);
    const { recordNo, firstSequence } = await gateway.audit.append(record);
    record.entries.forEach((entry, place) => {
      const sequence = String(firstSequence + BigInt(place));
      written.unshift({ sequence, recordNo: String(recordNo), record, entry });
    });
  }
});

function recordNumber(n: number): AuditRecord {
  const entries: AuditEntry[] = Array.from({ length: 1 + (n % 3) }, (_, place) => {
    const seed = n + place;
    const decision = (['allow', 'mask', 'refuse', 'allow'] as const)[seed % 4] ?? 'allow';
    return {
      coordinate: ['Addressee.name', 'Addressee.phone', 'LevyLine.levied'][seed % 3] ?? '',
      decision,
      rows: seed,
      subjects: seed % 5 === 0 ? [] : [`90000${seed % 7}`, '900099'],
      ...(decision === 'allow' ? {} : { reason: 'addressee:contact' }),
      ...(seed % 6 === 0 ? { raised: true } : {}),
    };
  });
  return {
    kind: AUDIT_KINDS[n % AUDIT_KINDS.length] ?? 'query',
    at: new Date(Date.UTC(2026, 8, 2) + n * 3_600_000).toISOString(),
    requestId: `request-${n}`,
    actorId: `T${n % 4}`,
    roles: ['collectionClerk', 'counterClerk'],
    department: '1110',
    terminal: 'T-07',
    sessionId: `session-${n % 4}`,
    strength: 'password+totp',
    clientApp: 'tests',
    purpose: ['COLLECTION', 'REFUND', 'COUNTER'][n % 3] ?? '',
    ...(n % 8 === 0 ? { caseRef: `C-${n % 3}` } : {}),
    ...(n % 2 === 0 ? { operationName: 'Ledger', documentHash: 'a'.repeat(64) } : {}),
    entries,
  };
}

interface Entries {
  readonly nodes: readonly { readonly sequence: string }[];
  readonly edges: readonly { readonly cursor: string; readonly node: object }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

const entriesOf = (answer: GraphqlAnswer) => (answer.data as { auditEntries: Entries }).auditEntries;
const firstError = (answer: GraphqlAnswer) =>
  answer.errors[0]?.extensions as { code: string; auditEntry: string } | undefined;
const published = (word: string) => word.replaceAll(/[A-Z]/g, '_$&').toUpperCase();

const PAGE = `query Page($filter: AuditEntryFilter, $first: Int, $after: String) {
  auditEntries(filter: $filter, first: $first, after: $after) {
    nodes { sequence } edges { cursor node { sequence } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;

function page(variables: Record<string, unknown>): Promise<GraphqlAnswer> {
  return gateway.ask('auditor', PAGE, { variables });
}

/** Numbers of all entries of a search, page by page, checking each page on the way. */
async function everyPage(filter: Record<string, unknown>, first: number): Promise<string[]> {
  const seen: string[] = [];
  let after: string | null = null;
  for (let pages = 0; ; pages++) {
    expect(pages).toBeLessThan(500);
    const answer: GraphqlAnswer = await page({ filter, first, after });
    expect(answer.errors).toEqual([]);
    const { nodes, edges, pageInfo } = entriesOf(answer);
    expect(nodes.length).toBeLessThanOrEqual(first);
    expect(edges.map((edge) => edge.node)).toEqual(nodes);
    expect(pageInfo.hasPreviousPage).toBe(after !== null);
    expect(pageInfo.startCursor).toBe(edges[0]?.cursor ?? null);
    seen.push(...nodes.map(({ sequence }) => sequence));
    if (!pageInfo.hasNextPage) return seen;
    expect(pageInfo.endCursor).not.toBeNull();
    after = pageInfo.endCursor;
  }
}

const inPeriod = { from: FROM, to: TO };

describe('a search of the log', () => {
  test('answers every field of an entry, with published names', async () => {
    const answer = await gateway.ask(
      'auditor',
      `query($filter: AuditEntryFilter!) { auditEntries(first: 100, filter: $filter) { nodes {
        __typename sequence recordNo at kind actorId roles department terminal sessionId strength clientApp purpose
        caseRef operationName documentHash coordinate decision reason rows subjects raised requestId } } }`,
      { variables: { filter: inPeriod } },
    );
    expect(answer.errors).toEqual([]);
    expect(entriesOf(answer).nodes).toEqual(
      written.slice(0, 100).map(({ sequence, recordNo, record, entry }) => ({
        __typename: 'AuditEntry',
        sequence,
        recordNo,
        at: record.at,
        kind: published(record.kind),
        actorId: record.actorId,
        roles: record.roles,
        department: '1110',
        terminal: 'T-07',
        sessionId: record.sessionId,
        strength: 'password+totp',
        clientApp: 'tests',
        purpose: record.purpose,
        caseRef: record.caseRef ?? null,
        operationName: record.operationName ?? null,
        documentHash: record.documentHash ?? null,
        coordinate: entry.coordinate,
        decision: published(entry.decision),
        reason: entry.reason ?? null,
        rows: entry.rows,
        subjects: entry.subjects,
        raised: entry.raised ?? false,
        requestId: record.requestId,
      })),
    );
  });

  test.each<[string, Record<string, unknown>, (one: Written) => boolean]>([
    ['who', { actorId: 'T2' }, ({ record }) => record.actorId === 'T2'],
    ['whom', { subject: '900003' }, ({ entry }) => entry.subjects.includes('900003')],
    ['field', { coordinate: 'Addressee.phone' }, ({ entry }) => entry.coordinate === 'Addressee.phone'],
    ['type', { coordinate: 'Addressee.*' }, ({ entry }) => entry.coordinate.startsWith('Addressee.')],
    ['purpose', { purpose: 'REFUND' }, ({ record }) => record.purpose === 'REFUND'],
    ['case', { caseRef: 'C-2' }, ({ record }) => record.caseRef === 'C-2'],
    ['decision ALLOW', { decision: 'ALLOW' }, ({ entry }) => entry.decision === 'allow'],
    ['decision MASK', { decision: 'MASK' }, ({ entry }) => entry.decision === 'mask'],
    ['decision REFUSE', { decision: 'REFUSE' }, ({ entry }) => entry.decision === 'refuse'],
    ['what was raised', { raised: true }, ({ entry }) => entry.raised === true],
    ['what was not raised', { raised: false }, ({ entry }) => entry.raised !== true],
    [
      'a shorter period, whose end it leaves out',
      { from: '2026-09-03T00:00:00Z', to: '2026-09-04T09:00:00+09:00' },
      ({ record }) => record.at >= '2026-09-03T00:00:00.000Z' && record.at < '2026-09-04T00:00:00.000Z',
    ],
    [
      'several conditions at once',
      {
        actorId: 'T0',
        subject: '900099',
        decision: 'ALLOW',
        coordinate: 'Addressee.*',
        purpose: 'COLLECTION',
      },
      ({ record, entry }) =>
        record.actorId === 'T0' &&
        entry.subjects.includes('900099') &&
        entry.decision === 'allow' &&
        entry.coordinate.startsWith('Addressee.') &&
        record.purpose === 'COLLECTION',
    ],
    [
      'conditions that are null as if they were absent',
      { actorId: 'T1', kind: null, subject: null },
      ({ record }) => record.actorId === 'T1',
    ],
  ])('by %s finds what holds and nothing else', async (_, filter, holds) => {
    const expected = written.filter(holds).map(({ sequence }) => sequence);
    expect(expected.length).toBeGreaterThan(0);
    expect(expected.length).toBeLessThan(written.length);
    expect(await everyPage({ ...inPeriod, ...filter }, 40)).toEqual(expected);
  });

  test.each(AUDIT_KINDS)('by the kind %s under its published name', async (kind) => {
    const expected = written.filter(({ record }) => record.kind === kind).map(({ sequence }) => sequence);
    expect(await everyPage({ ...inPeriod, kind: published(kind) }, 100)).toEqual(expected);
  });

  test('by a word of the store instead of its published name is refused', async () => {
    for (const filter of [{ kind: 'signIn' }, { decision: 'allow' }, { kind: 'SIGNIN' }]) {
      const answer = await page({ filter });
      expect(firstError(answer)?.code).toBe('BAD_INPUT');
      expect(answer.data).toBeUndefined();
    }
  });

  test('for what nobody did is an empty page, not an error', async () => {
    for (const filter of [{ actorId: 'nobody' }, { coordinate: 'Nothing.here' }, { subject: '0' }]) {
      const answer = await page({ filter });
      expect(answer.errors).toEqual([]);
      expect(entriesOf(answer)).toEqual({
        nodes: [],
        edges: [],
        pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
      });
    }
  });
});

describe('pages', () => {
  test.each([1, 7, 100])('of %i hold every entry once, newest first, to the end', async (first) => {
    const filter = { ...inPeriod, coordinate: 'Addressee.*', purpose: 'COUNTER' };
    const expected = written
      .filter(
        ({ record, entry }) => entry.coordinate.startsWith('Addressee.') && record.purpose === 'COUNTER',
      )
      .map(({ sequence }) => sequence);
    expect(await everyPage(filter, first)).toEqual(expected);
  });

  test('do not shift when entries are written between them', async () => {
    const filter = { actorId: 'X1801' };
    const first = await page({ filter, first: 3 });
    await page({ filter, first: 3 });
    const { endCursor } = entriesOf(first).pageInfo;
    const second = await page({ filter, first: 3, after: endCursor });
    const numbers = [...entriesOf(first).nodes, ...entriesOf(second).nodes].map((node) =>
      BigInt(node.sequence),
    );
    expect(numbers).toHaveLength(6);
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => (a < b ? 1 : -1)));
  });

  test('hold twenty entries when nothing is said', async () => {
    const answer = await page({ filter: inPeriod });
    expect(entriesOf(answer).nodes).toHaveLength(20);
    expect(entriesOf(await page({ filter: inPeriod, first: null })).nodes).toHaveLength(20);
  });

  test.each([0, -1, 101, 200, 2 ** 31 - 1])(
    'of %i are refused, and the refusal is an entry',
    async (first) => {
      const answer = await page({ first });
      expect(answer.data).toBeUndefined();
      expect(firstError(answer)?.code).toBe('BAD_INPUT');
      const [entry] = await gateway.db.owner.run(
        'test.refusal',
        ({ raw }) => raw`select kind, coordinate, reason from audit.entry
        where sequence = ${firstError(answer)?.auditEntry ?? ''}`,
      );
      expect(entry).toMatchObject({ kind: 'refusal', coordinate: 'Operation' });
    },
  );

  test.each([
    ['the cursor of another list', encodeCursor('Addressee', '1')],
    ['a cursor without a number', encodeCursor('AuditEntry', '')],
    ['a cursor with a word', encodeCursor('AuditEntry', 'last')],
    ['a cursor with a statement', encodeCursor('AuditEntry', '1; drop table audit.record')],
    ['a cursor with a fraction', encodeCursor('AuditEntry', '1.5')],
    ['a cursor in hexadecimal', encodeCursor('AuditEntry', '0x10')],
    ['a cursor beyond eight bytes', encodeCursor('AuditEntry', '9'.repeat(30))],
    ['a cursor before the first entry', encodeCursor('AuditEntry', '-1')],
    ['padding', `${encodeCursor('AuditEntry', '5')}=`],
    ['nothing', ''],
    ['a very long text', 'A'.repeat(5_000)],
  ])('after %s are refused without repeating it', async (_, after) => {
    const answer = await page({ after });
    expect(answer.data).toBeUndefined();
    expect(firstError(answer)?.code).toBe('BAD_INPUT');
    if (after.length > 3) expect(JSON.stringify(answer)).not.toContain(after);
  });

  test('after a number the log has not reached begin at the newest entry', async () => {
    const answer = await page({ filter: inPeriod, first: 1, after: encodeCursor('AuditEntry', '999999999') });
    expect(entriesOf(answer).nodes).toEqual([{ sequence: written[0]?.sequence }]);
  });
});

describe('who reads the log', () => {
  test('leaves an entry of its own kind, with the person asked for as its subject', async () => {
    const before = await reads();
    await page({ filter: { ...inPeriod, subject: '900004' }, first: 5 });
    const [entry, ...more] = (await reads()).slice(before.length);
    expect(more).toEqual([]);
    expect(entry).toEqual({
      actor: 'X1801',
      purpose: 'AUDIT',
      decision: 'allow',
      rows: 5n,
      subjects: ['900004'],
      operation: 'Page',
    });
  });

  test('twice in one operation leaves one entry with the rows and people of both', async () => {
    const before = await reads();
    const answer = await gateway.ask(
      'auditor',
      `query Twice($a: AuditEntryFilter, $b: AuditEntryFilter) {
        a: auditEntries(first: 1, filter: $a) { nodes { sequence } }
        b: auditEntries(first: 3, filter: $b) { nodes { sequence } } }`,
      { variables: { a: { ...inPeriod, subject: '900004' }, b: { ...inPeriod, subject: '900003' } } },
    );
    const { a, b } = answer.data as Record<'a' | 'b', { nodes: readonly object[] }>;
    expect([a.nodes.length, b.nodes.length]).toEqual([1, 3]);
    const [entry, ...more] = (await reads()).slice(before.length);
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ rows: 4n, subjects: ['900004', '900003'], operation: 'Twice' });
  });

  test('after somebody who has no addressee number is told so, and reads nothing', async () => {
    for (const subject of ['あ', '', '900 004', '9'.repeat(33)]) {
      const answer = await page({ filter: { ...inPeriod, subject } });
      expect(firstError(answer)).toMatchObject({ code: 'BAD_INPUT', field: 'filter.subject' });
      expect(answer.errors[0]?.message).toContain('is not an addressee number');
    }
  });

  test('before or after all time is told which times there are', async () => {
    for (const filter of [{ from: '+275760-09-13T00:00:00Z' }, { to: '-000001-01-01T00:00:00Z' }]) {
      const answer = await page({ filter });
      expect(firstError(answer)).toMatchObject({ code: 'BAD_INPUT', variable: 'filter' });
    }
    for (const filter of [{ from: '9999-12-31T23:59:59Z' }, { to: '0001-01-01T00:00:00Z' }])
      expect(entriesOf(await page({ filter })).nodes).toEqual([]);
  });

  test('finds that reading among the entries', async () => {
    await page({ filter: { ...inPeriod, actorId: 'T3' }, first: 1 });
    const answer = await gateway.ask(
      'auditor',
      `{ auditEntries(first: 1, filter: { actorId: "X1801", kind: AUDIT_READ, coordinate: "Query.auditEntries" }) {
        nodes { kind coordinate rows operationName purpose } } }`,
    );
    expect(entriesOf(answer).nodes).toEqual([
      {
        kind: 'AUDIT_READ',
        coordinate: 'Query.auditEntries',
        rows: 1,
        operationName: 'Page',
        purpose: 'AUDIT',
      },
    ]);
  });

  test.each([...new Set(STAFF.map(({ role }) => role))].filter((role) => role !== 'auditor'))(
    'is not a %s, whose attempt is an entry',
    async (role) => {
      const answer = await gateway.ask(
        role,
        '{ auditEntries(filter: { actorId: "T1" }) { nodes { subjects } pageInfo { hasNextPage } } }',
      );
      expect(answer.data).toEqual({ auditEntries: null });
      expect(answer.errors).toMatchObject([
        { path: ['auditEntries'], extensions: { code: 'FORBIDDEN_FIELD', function: 'audit:read' } },
      ]);
      const [entry] = await gateway.db.owner.run(
        'test.refusal',
        ({ raw }) => raw`select coordinate, decision, reason, rows from audit.entry
          where sequence = ${firstError(answer)?.auditEntry ?? ''}`,
      );
      expect(entry).toEqual({
        coordinate: 'Query.auditEntries',
        decision: 'refuse',
        reason: 'function:audit:read',
        rows: 1n,
      });
    },
  );

  test('must state the purpose of an audit', async () => {
    const answer = await gateway.ask('auditor', PAGE, { purpose: 'COLLECTION' });
    expect(firstError(answer)?.code).toBe('FORBIDDEN_PURPOSE');
    expect(answer.data).toBeUndefined();
  });
});

/** Records of reading the log, oldest first. */
function reads() {
  return gateway.db.owner.run(
    'test.reads',
    ({ raw }) => raw`
    select context ->> 'actorId' as actor, context ->> 'purpose' as purpose, decision, rows, subjects,
      context ->> 'operationName' as operation
    from audit.entry where kind = 'auditRead' and coordinate = 'Query.auditEntries'
      and context ->> 'actorId' = 'X1801' order by sequence`,
  );
}

// Last: an entry is found by its number only by reading all before it.
describe('a search through very much', () => {
  test('answers a short page that says there is more, and finds the entry in the end', async () => {
    const many = AUDIT_SCAN_RECORDS_MAX * AUDIT_SEARCH_ROUNDS_MAX + 500;
    const base = recordNumber(1);
    const sought = { ...base, actorId: 'BUSY', purpose: 'RARE', caseRef: 'C-needle' };
    await gateway.audit.append(sought);
    const entries = [{ coordinate: 'Addressee.name', decision: 'allow' as const, rows: 1, subjects: [] }];
    const noise = { ...base, actorId: 'BUSY', entries };
    for (let done = 0; done < many; done += 4_000) {
      const batch = Math.min(4_000, many - done);
      await Promise.all(Array.from({ length: batch }, () => gateway.audit.append(noise)));
    }
    const filter = { actorId: 'BUSY', purpose: 'RARE' };
    const first = await page({ filter });
    expect(first.errors).toEqual([]);
    expect(entriesOf(first).nodes).toEqual([]);
    expect(entriesOf(first).pageInfo).toMatchObject({ hasNextPage: true, startCursor: null });
    expect(await everyPage(filter, 20)).toHaveLength(sought.entries.length);
  });
});
