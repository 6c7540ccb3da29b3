import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { appendBatch, prepare } from '../../src/audit/batch.js';
import { AUDIT_KINDS, type AuditRecord } from '../../src/audit/record.js';
import {
  findAuditEntry,
  searchAuditEntries,
  type AuditFilter,
  type FoundAuditEntry,
} from '../../src/audit/search.js';
import {
  AUDIT_PAGE_SIZE_MAX,
  AUDIT_SCAN_RECORDS_MAX,
  AUDIT_SEARCH_ROUNDS_MAX,
} from '../../src/kernel/limits.js';
import { testDatabase } from '../support/database.js';
import { entryOf, recordOf } from './records.js';

const db = await testDatabase();
const RECORDS = 400;
const COORDINATES = [
  'Addressee.name',
  'Addressee.levies',
  'Levy.amount',
  'Query.levies',
  'AddresseeKana.text',
];
const DECISIONS = ['allow', 'allow', 'allow', 'mask', 'refuse'] as const;
const all: FoundAuditEntry[] = [];

/** A spread of values that does not repeat in step, without chance. */
const pick = <T>(values: readonly T[], seed: number): T =>
  values[(Math.imul(seed + 1, 2_654_435_761) >>> 16) % values.length]!;

function madeRecord(number: number): AuditRecord {
  const entries = Array.from({ length: 1 + (number % 4) }, (_, place) => {
    const seed = number * 7 + place;
    const decision = pick(DECISIONS, seed);
    return entryOf({
      coordinate: pick(COORDINATES, seed + 1),
      decision,
      rows: seed % 9,
      subjects: seed % 3 === 0 ? [] : [`${pick([1, 2, 3, 4, 5, 6], seed + 2)}`, '9'],
      ...(decision === 'allow' ? {} : { reason: 'ledger:read' }),
      ...(seed % 13 === 0 ? { raised: true } : {}),
    });
  });
  // Some records come up to ten minutes late.
  const at = new Date(
    Date.UTC(2026, 10, 1) + number * 60_000 - (number % 17 === 0 ? 600_000 : 0),
  ).toISOString();
  return recordOf({
    at,
    entries,
    kind: pick(AUDIT_KINDS, number),
    actorId: `S${number % 7}`,
    purpose: pick(['COLLECTION', 'REFUND', 'AUDIT'], number),
    ...(number % 10 === 0 ? { caseRef: `C-${number % 3}` } : {}),
  });
}

beforeAll(async () => {
  for (let start = 0; start < RECORDS; start += 100) {
    const records = Array.from({ length: 100 }, (_, i) => madeRecord(start + i));
    const appended = await appendBatch(db.gateway, records.map(prepare));
    appended.forEach(({ recordNo, firstSequence }, index) => {
      const { entries, ...context } = records[index]!;
      entries.forEach((entry, place) => {
        all.unshift({
          ...context,
          ...entry,
          raised: entry.raised ?? false,
          recordNo,
          sequence: firstSequence + BigInt(place),
        });
      });
    });
  }
});

function matches(entry: FoundAuditEntry, filter: AuditFilter): boolean {
  const { coordinate } = filter;
  const ofType =
    coordinate?.endsWith('.*') === true ? entry.coordinate.startsWith(coordinate.slice(0, -1)) : undefined;
  return (
    (filter.actorId ?? entry.actorId) === entry.actorId &&
    (filter.kind ?? entry.kind) === entry.kind &&
    (filter.purpose ?? entry.purpose) === entry.purpose &&
    (filter.decision ?? entry.decision) === entry.decision &&
    (filter.raised ?? entry.raised) === entry.raised &&
    (ofType ?? (coordinate ?? entry.coordinate) === entry.coordinate) &&
    (filter.caseRef === undefined || filter.caseRef === entry.caseRef) &&
    (filter.subject === undefined || entry.subjects.includes(filter.subject)) &&
    (filter.from === undefined || entry.at >= filter.from) &&
    (filter.to === undefined || entry.at < filter.to)
  );
}

async function everyPage(filter: AuditFilter, size: number): Promise<FoundAuditEntry[]> {
  const found: FoundAuditEntry[] = [];
  for (let before: bigint | undefined, pages = 0; ; pages++) {
    expect(pages).toBeLessThan(2_000);
    const page = await searchAuditEntries(db.gateway, filter, {
      size,
      ...(before === undefined ? {} : { before }),
    });
    expect(page.entries.length).toBeLessThanOrEqual(size);
    found.push(...page.entries);
    if (page.nextCursor === undefined) return found;
    before = page.nextCursor;
  }
}

const minute = fc
  .integer({ min: -20, max: RECORDS + 20 })
  .map((n) => new Date(Date.UTC(2026, 10, 1) + n * 60_000).toISOString());
const anyFilter: fc.Arbitrary<AuditFilter> = fc
  .record(
    {
      actorId: fc.constantFrom('S1', 'S6', 'nobody'),
      subject: fc.constantFrom('1', '6', '9', '77'),
      coordinate: fc.constantFrom(...COORDINATES, 'Addressee.*', 'Query.*', 'None.*', 'None.none'),
      purpose: fc.constantFrom('COLLECTION', 'REFUND'),
      decision: fc.constantFrom('allow' as const, 'mask' as const, 'refuse' as const),
      kind: fc.constantFrom(...AUDIT_KINDS),
      raised: fc.boolean(),
      caseRef: fc.constantFrom('C-0', 'C-2', 'C-9'),
      from: minute,
      to: minute,
    },
    { requiredKeys: [] },
  )
  .map((drawn) => {
    // Few conditions at a time, so that something is found.
    const kept = Object.entries(drawn).slice(0, 3);
    return Object.fromEntries(kept);
  });

describe('the search of the audit log', () => {
  it.each<AuditFilter>([
    {},
    { actorId: 'S3' },
    { subject: '4' },
    { coordinate: 'Levy.amount' },
    { coordinate: 'Addressee.*' },
    { purpose: 'REFUND' },
    { decision: 'mask' },
    { decision: 'refuse' },
    { decision: 'allow' },
    { kind: 'signIn' },
    { raised: true },
    { raised: false },
    { caseRef: 'C-1' },
    { from: '2026-11-01T01:00:00.000Z', to: '2026-11-01T02:00:00.000Z' },
    { coordinate: 'Levy.amount', decision: 'mask' },
    { coordinate: 'Levy.amount', decision: 'refuse', raised: true },
  ])('finds exactly what fits %j, newest first', async (filter) => {
    const expected = all.filter((entry) => matches(entry, filter));
    expect(expected.length).toBeGreaterThan(0);
    expect(await everyPage(filter, 50)).toEqual(expected);
  });

  it('finds the same whatever the conditions and the size of a page', async () => {
    await fc.assert(
      fc.asyncProperty(anyFilter, fc.integer({ min: 1, max: AUDIT_PAGE_SIZE_MAX }), async (filter, size) => {
        const pageSize = Math.max(size, 20);
        expect(await everyPage(filter, pageSize)).toEqual(all.filter((entry) => matches(entry, filter)));
      }),
      { numRuns: 80 },
    );
  });

  it('takes pages of one entry through records of many', async () => {
    const filter = { actorId: 'S2', decision: 'mask' } as const;
    expect(await everyPage(filter, 1)).toEqual(all.filter((entry) => matches(entry, filter)));
  });

  it('finds one entry by its number', async () => {
    for (const entry of [all[0]!, all[77]!, all.at(-1)!])
      expect(await findAuditEntry(db.gateway, entry.sequence)).toEqual(entry);
    expect(await findAuditEntry(db.gateway, BigInt(all.length) + 1n)).toBeUndefined();
    expect(await findAuditEntry(db.gateway, 0n)).toBeUndefined();
  });

  it.each([0, AUDIT_PAGE_SIZE_MAX + 1, 1.5])('refuses a page of %d entries', async (size) => {
    await expect(searchAuditEntries(db.gateway, {}, { size })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it.each([{ from: 'yesterday' }, { to: '2026-11-01' }])('refuses the period %j', async (filter) => {
    await expect(searchAuditEntries(db.gateway, filter, { size: 1 })).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
  });

  it('ends a page that found nothing after a bounded number of records, and goes on from there', async () => {
    const batch = Array.from({ length: 512 }, () => prepare(recordOf({ purpose: 'COUNTER' })));
    const rounds = Math.ceil((AUDIT_SCAN_RECORDS_MAX * AUDIT_SEARCH_ROUNDS_MAX) / 512) + 1;
    for (let round = 0; round < rounds; round++) await appendBatch(db.gateway, batch);
    const coordinate = 'Addressee.levies';
    const page = await searchAuditEntries(db.gateway, { coordinate, purpose: 'AUDIT' }, { size: 10 });
    expect(page.entries).toEqual([]);
    expect(page.nextCursor).toBeGreaterThan(BigInt(all.length));
    const found = await everyPage({ coordinate, purpose: 'AUDIT' }, 100);
    expect(found).toEqual(all.filter((entry) => matches(entry, { coordinate, purpose: 'AUDIT' })));
  }, 60_000);
});
