import { beforeAll, describe, expect, it } from 'vitest';
import { appendBatch, prepare } from '../../src/audit/batch.js';
import { catchUp } from '../../src/audit/catchUp.js';
import { logCandidatesQuery } from '../../src/audit/evidence/log.js';
import { AUDIT_KINDS } from '../../src/audit/record.js';
import { candidatesQuery } from '../../src/audit/search.candidates.js';
import type { AuditFilter } from '../../src/audit/search.js';
import { rangeOf, shapesOf } from '../../src/audit/search.sql.js';
import { AUDIT_SCAN_RECORDS_FIRST, AUDIT_SCAN_RECORDS_MAX } from '../../src/kernel/limits.js';
import { testDatabase } from '../support/database.js';
import { entryOf, recordOf } from './records.js';

const db = await testDatabase();
const BATCHES = 40;
const SIZE = 500;

function madeRecord(number: number) {
  const odd = <T>(every: number, changes: T): T | Record<string, never> =>
    number % every === 0 ? changes : {};
  return recordOf({
    at: new Date(Date.UTC(2026, 10, 1) + number * 1_000).toISOString(),
    actorId: `S${number % 500}`,
    purpose: ['COLLECTION', 'REFUND', 'COUNTER', 'AUDIT', 'DELINQUENCY', 'TRANSFER'][number % 6]!,
    kind: (['query', 'mutation', 'signIn', 'load', 'export'] as const)[number % 5]!,
    ...odd(50, { caseRef: `C-${number % 97}` }),
    entries: [
      entryOf({
        coordinate: `Type${number % 40}.field`,
        subjects: [`${(number * 7_919) % 5_000}`],
        ...odd(100, { decision: 'mask' as const }),
        ...odd(150, { decision: 'refuse' as const }),
        ...odd(170, { raised: true }),
      }),
    ],
  });
}

beforeAll(async () => {
  for (let batch = 0; batch < BATCHES; batch++) {
    await appendBatch(
      db.gateway,
      Array.from({ length: SIZE }, (_, i) => prepare(madeRecord(batch * SIZE + i))),
    );
  }
  await catchUp(db.gateway);
  await db.owner.run('test.analyze', ({ raw }) => raw.unsafe('analyze'));
});

async function planOf(filter: AuditFilter, scanned: number): Promise<string> {
  const shapes = filter.coordinate === undefined ? undefined : await shapesOf(db.gateway, filter.coordinate);
  const range = await rangeOf(db.gateway, filter, undefined);
  const lines = await db.gateway.run(
    'test.explain',
    ({ raw }) => raw<Record<string, string>[]>`
    explain ${candidatesQuery(raw, filter, shapes, range, { wanted: 21, scanned })}`,
  );
  return lines.map((line) => line['QUERY PLAN']).join('\n');
}

describe('a search of 20,000 records', () => {
  it.each<[string, AuditFilter, RegExp]>([
    ['the person', { actorId: 'S7' }, /Scan.* using record_\d+_actor_id_record_no_idx/],
    ['the subject', { subject: '17' }, /Scan.* using subject_\d+_pkey/],
    ['the coordinate', { coordinate: 'Type7.field' }, /Scan.* using record_\d+_shape_id_record_no_idx/],
    ['the type', { coordinate: 'Type7.*' }, /Scan.* using record_\d+_shape_id_record_no_idx/],
    ['the purpose', { purpose: 'REFUND' }, /Scan.* using record_\d+_purpose_record_no_idx/],
    ['the kind', { kind: 'export' }, /Scan.* using record_\d+_kind_record_no_idx/],
    ['the case', { caseRef: 'C-50' }, /Scan.* using record_\d+_case_ref_record_no_idx/],
    ['refusals', { decision: 'refuse' }, /Scan.* using record_\d+_record_no_idx\d*/],
    ['masks', { decision: 'mask' }, /Scan.* using record_\d+_record_no_idx\d*/],
    ['what raised', { raised: true }, /Scan.* using record_\d+_record_no_idx\d*/],
    ['nothing but the newest', {}, /Scan Backward using record_\d+_pkey/],
    [
      'a period',
      { from: '2026-11-01T01:00:00Z', to: '2026-11-01T01:10:00Z' },
      /Scan.* using record_\d+_pkey/,
    ],
    [
      'the person and the purpose',
      { actorId: 'S7', purpose: 'COLLECTION' },
      /using record_\d+_actor_id_record_no_idx/,
    ],
    [
      'the subject and the coordinate',
      { subject: '17', coordinate: 'Type7.field' },
      /using subject_\d+_pkey/,
    ],
  ])('by %s goes over the index for it', async (_, filter, index) => {
    for (const scanned of [AUDIT_SCAN_RECORDS_FIRST, AUDIT_SCAN_RECORDS_MAX]) {
      const plan = await planOf(filter, scanned);
      expect(plan).toMatch(index);
      expect(plan).not.toMatch(/Seq Scan on (record|subject)_0/);
    }
  });

  it.each([[['export', 'signIn'] as const], [AUDIT_KINDS]])(
    'forwards, for an evidence of the kinds %j, goes over the index of the kinds',
    async (kinds) => {
      const period = { from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z' };
      const range = await rangeOf(db.gateway, period, undefined);
      const lines = await db.gateway.run(
        'test.explain',
        ({ raw }) => raw<Record<string, string>[]>`
        explain ${logCandidatesQuery(raw, kinds, period, range)}`,
      );
      const plan = lines.map((line) => line['QUERY PLAN']).join('\n');
      expect(plan).toMatch(/Scan.* using record_\d+_kind_record_no_idx/);
      expect(plan).not.toMatch(/Seq Scan on record_0|body/);
    },
  );

  it('by a period looks at the records of the period only', async () => {
    const range = await rangeOf(
      db.gateway,
      { from: '2026-11-01T01:00:00Z', to: '2026-11-01T01:10:00Z' },
      undefined,
    );
    expect(range.low).toBeGreaterThan(3_000n);
    expect(range.high).toBeLessThan(6_000n);
  });

  it('by a coordinate finds the shapes over their index', async () => {
    const lines = await db.owner.transaction('test.explain', async (tx) => {
      await tx.run('test.noseq', ({ raw }) => raw.unsafe('set local enable_seqscan = off'));
      return tx.run(
        'test.explain',
        ({ raw }) => raw<Record<string, string>[]>`
        explain select shape_id from audit.shape_coordinate where coordinate >= 'Type7.' and coordinate < 'Type7/'`,
      );
    });
    expect(lines.map((line) => line['QUERY PLAN']).join('\n')).toMatch(/shape_coordinate_pkey/);
  });

  it('reads no body before it knows which records it wants', async () => {
    expect(await planOf({ actorId: 'S7', purpose: 'COLLECTION' }, AUDIT_SCAN_RECORDS_MAX)).not.toMatch(
      /body|convert_from/,
    );
  });
});
