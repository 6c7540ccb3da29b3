import { describe, expect, test } from 'vitest';
import { entryColumns, entryLine, ACCESS_COLUMNS } from '../../../src/audit/evidence/entryCells.js';
import { lastSequence, readLog, type LogSelection } from '../../../src/audit/evidence/log.js';
import { openAuditLog } from '../../../src/audit/log.js';
import type { AuditKind } from '../../../src/audit/record.js';
import { EVIDENCE_SCAN_RECORDS_MAX, EVIDENCE_SUBJECTS_MAX } from '../../../src/kernel/limits.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { entryOf, recordOf } from '../records.js';

const { vault: database } = await testVaultDatabases();
const log = openAuditLog(database);
const KINDS: readonly AuditKind[] = ['vaultOperation', 'refusal', 'configuration'];
const DAYS = [
  '2026-10-31T14:59:59.999Z',
  '2026-10-31T15:00:00Z',
  '2026-11-15T03:00:00Z',
  '2026-11-30T15:00:00Z',
];

/** More records than a round looks at, of several kinds, days and lengths. */
const RECORDS = EVIDENCE_SCAN_RECORDS_MAX * 2 + 100;
await Promise.all(
  Array.from({ length: RECORDS }, (_, n) =>
    log.append(
      recordOf({
        kind: KINDS[n % KINDS.length]!,
        at: DAYS[n % DAYS.length]!,
        requestId: `R-${n}`,
        entries: Array.from({ length: (n % 3) + 1 }, (_each, at) =>
          entryOf({ coordinate: `Vault.${at === 0 ? 'reveal' : 'stepUp'}`, subjects: [] }),
        ),
      }),
    ),
  ),
);

const slice = { from: '2026-11-01', to: '2026-11-30', after: undefined };
const all = async (selection: LogSelection, limit: number) => {
  const entries = [];
  let after: bigint | undefined;
  do {
    const page = await readLog(database, selection, { ...slice, after }, limit);
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    entries.push(...page.entries);
    after = page.next;
  } while (after !== undefined);
  return entries;
};

describe('a log read forwards', () => {
  test.each([[7], [500], [10_000]])(
    'in pages of %d gives every entry of the period once, in order',
    async (limit) => {
      const entries = await all({}, limit);
      const rows = await database.run(
        'test.entries',
        ({ raw }) => raw<{ sequence: bigint }[]>`
      select sequence from audit.entry where at >= '2026-10-31T15:00:00Z' and at < '2026-11-30T15:00:00Z'
      order by sequence`,
      );
      expect(rows.length).toBeGreaterThan(EVIDENCE_SCAN_RECORDS_MAX);
      expect(entries.map(({ sequence }) => sequence)).toEqual(rows.map(({ sequence }) => sequence));
    },
  );

  test('gives the kinds that are asked for, and of them what is listed', async () => {
    const lists = ({ coordinate }: { coordinate: string }) => coordinate === 'Vault.stepUp';
    const entries = await all({ kinds: ['refusal'], lists }, 50);
    expect(entries.length).toBeGreaterThan(0);
    for (const { kind, coordinate } of entries)
      expect([kind, coordinate]).toEqual(['refusal', 'Vault.stepUp']);
    const rows = await database.run(
      'test.count',
      ({ raw }) => raw<{ n: bigint }[]>`
      select count(*) as n from audit.entry where at >= '2026-10-31T15:00:00Z' and at < '2026-11-30T15:00:00Z'
        and kind = 'refusal' and coordinate = 'Vault.stepUp'`,
    );
    expect(BigInt(entries.length)).toBe(rows[0]!.n);
  });

  test('of a period of another year gives nothing', async () => {
    expect(await readLog(database, {}, { from: '2025-01-01', to: '2025-01-31', after: undefined })).toEqual({
      entries: [],
      next: undefined,
    });
  });

  test('that is empty has nothing after any number', async () => {
    const { vault: empty } = await testVaultDatabases();
    expect(await readLog(empty, {}, { ...slice, after: 7n })).toEqual({ entries: [], next: undefined });
    expect(await lastSequence(empty)).toBe(0n);
  });

  test('has a newest entry', async () => {
    const [row] = await database.run(
      'test.last',
      ({ raw }) => raw<[{ last: bigint }]>`select max(sequence) as last from audit.entry`,
    );
    expect(await lastSequence(database)).toBe(row.last);
  });
});

describe('an entry as a line', () => {
  const found = { ...recordOf(), ...entryOf(), sequence: 7n, recordNo: 3n, raised: true };

  test('has a cell for each column', () => {
    const { key, cells } = entryLine(ACCESS_COLUMNS, found);
    expect(key).toBe(7n);
    expect(cells).toHaveLength(entryColumns(ACCESS_COLUMNS).length);
    expect(cells.slice(0, 2)).toEqual(['7', '2026-11-22 12:41:50']);
  });

  test('holds no number that somebody named a case by, and keeps subjects that look like one', () => {
    const numbers = { caseRef: 'C-123456789018', subjects: ['123456789018'] };
    expect(entryLine(['caseRef', 'subjects'], { ...found, ...numbers }).cells).toEqual([
      'C-［番号の疑い］',
      '123456789018',
    ]);
  });

  test('names so many subjects and counts the others', () => {
    const subjects = Array.from({ length: EVIDENCE_SUBJECTS_MAX + 3 }, (_, n) => `s${n}`);
    const [cell] = entryLine(['subjects'], { ...found, subjects }).cells;
    expect(cell).toMatch(/ s19 ほか3件$/);
    expect(entryLine(['reason', 'caseRef', 'decision'], { ...found, reason: 'intent' }).cells).toEqual([
      '着手',
      '',
      '許可',
    ]);
    expect(entryLine(['reason', 'raised'], { ...found, reason: 'role', raised: false }).cells).toEqual([
      'role',
      '',
    ]);
  });
});
