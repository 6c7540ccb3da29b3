import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeBodyV1 } from '../../src/audit/body.v1.js';
import { decisionBitsOf, subjectsOf } from '../../src/audit/columns.js';
import { coordinatesOf } from '../../src/audit/coordinates.js';
import { openAuditLog } from '../../src/audit/log.js';
import type { AuditRecord } from '../../src/audit/record.js';
import { searchAuditEntries } from '../../src/audit/search.js';
import { verifySequence } from '../../src/audit/verify.js';
import { openDatabase, type Database } from '../../src/kernel/database/database.js';
import { assertMigrated, migrate } from '../../src/kernel/database/migrations.js';
import { RECORDS_MIGRATIONS } from '../../src/kernel/paths.js';
import { testDatabase } from '../support/database.js';
import { anyRecord } from './arbitrary.js';
import { entryOf, recordOf } from './records.js';

/** The release whose log held bodies of version 1 only. */
const LAST_OF_VERSION_1 = '0004_views.sql';
const SEED = 20_261_122;

const db = await testDatabase();
const name = `${db.name}_landed`;
const urlOf = (url: string) => {
  const copy = new URL(url);
  copy.pathname = `/${name}`;
  return copy.toString();
};
await db.owner.run('test.create', ({ raw }) => raw.unsafe(`create database ${name}`));
const open = (url: string) => openDatabase({ url: urlOf(url), application: 'tests', connections: 3 });
const [owner, gateway] = [open(db.urls.owner), open(db.urls.gateway)];
const folder = mkdtempSync(join(tmpdir(), 'kuramori-landed-'));
afterAll(async () => {
  await Promise.all([owner.close(), gateway.close()]);
  await db.owner.run('test.drop', ({ raw }) => raw.unsafe(`drop database ${name} with (force)`));
  rmSync(folder, { recursive: true, force: true });
});

/** Every kind of entry by hand, and whatever else chance brings. */
const records: readonly AuditRecord[] = [
  recordOf(),
  recordOf({
    caseRef: 'C-1',
    entries: [
      entryOf(),
      entryOf({ coordinate: 'Addressee.name', decision: 'mask', reason: 'protectedPerson', raised: true }),
      entryOf({ coordinate: 'Addressee.phone', decision: 'refuse', reason: 'function:addressee:contact' }),
      entryOf({ coordinate: 'Query.levies', rows: 0, subjects: [] }),
      entryOf({ coordinate: 'LevyLine.id', subjects: ['000000012345', '7'] }),
    ],
  }),
  recordOf({ kind: 'signIn', entries: [entryOf({ coordinate: 'Session.open', subjects: [], rows: 1 })] }),
  recordOf({
    terminal: 'C:\\users "受付" 😀',
    entries: [entryOf({ coordinate: 'load', rows: 9_007_199_254_740_991 })],
  }),
  ...fc.sample(anyRecord, { numRuns: 60, seed: SEED }),
];

/** Appends one record as the release of version 1 did. */
async function appendV1(session: Database, record: AuditRecord): Promise<void> {
  const body = encodeBodyV1(record);
  const subjects = subjectsOf(record.entries);
  await session.run(
    'test.appendV1',
    ({ raw }) => raw`
    select from audit.append(${body}::text, ${`{${Buffer.byteLength(body)}}`}::integer[],
      ${`{${record.entries.length}}`}::integer[], ${`{${record.at}}`}::timestamptz[], ${[record.kind]}::text[],
      ${[record.actorId]}::text[], ${[record.purpose]}::text[], ${[record.caseRef ?? null]}::text[],
      ${`{${decisionBitsOf(record.entries)}}`}::smallint[], ${[coordinatesOf(record.entries)?.shape ?? '']}::text[],
      '{1}'::integer[], ${[...subjects]}::text[], ${`{${subjects.map(() => 1).join(',')}}`}::integer[])`,
  );
}

const read = (sql: string) => owner.run('test.read', async ({ raw }) => [...(await raw.unsafe(sql))]);
const bytesOf = (relation: string) =>
  `select record_no, first_sequence, encode(body, 'hex') as body from audit.${relation} order by record_no`;
const ENTRIES = 'select * from audit.entry order by sequence';
const before: { bytes: unknown[]; entries: unknown[] } = { bytes: [], entries: [] };

beforeAll(async () => {
  cpSync(RECORDS_MIGRATIONS, folder, { recursive: true });
  for (const file of readdirSync(folder)) {
    if (file.endsWith('.sql') && file > LAST_OF_VERSION_1) rmSync(join(folder, file));
  }
  await migrate(owner, folder);
  for (const record of records) await appendV1(gateway, record);
  before.bytes = await read(bytesOf('record'));
  before.entries = await read(ENTRIES);
  await migrate(owner, RECORDS_MIGRATIONS);
});

describe('a log with bodies of version 1, when the release with version 2 is installed,', () => {
  it('is migrated', async () => {
    await expect(assertMigrated(gateway, RECORDS_MIGRATIONS)).resolves.toBeUndefined();
    expect(before.bytes).toHaveLength(records.length);
  });

  it('keeps every byte', async () => {
    expect(await read(bytesOf('written'))).toEqual(before.bytes);
  });

  it('shows every entry as before', async () => {
    expect(before.entries).toHaveLength(records.reduce((sum, { entries }) => sum + entries.length, 0));
    expect(await read(ENTRIES)).toEqual(before.entries);
  });

  it('is found sound', async () => {
    const check = await verifySequence(gateway);
    expect(check).toEqual({
      records: BigInt(records.length),
      entries: BigInt(before.entries.length),
      faults: [],
    });
  });

  it('goes on without a gap, and both versions are found together', async () => {
    const log = openAuditLog(gateway);
    const next = recordOf({
      caseRef: 'C-1',
      entries: [entryOf(), entryOf({ coordinate: 'Addressee.name' })],
    });
    expect(await log.append(next)).toEqual({
      recordNo: BigInt(records.length + 1),
      firstSequence: BigInt(before.entries.length + 1),
    });
    expect((await verifySequence(gateway)).faults).toEqual([]);
    const found = await searchAuditEntries(gateway, { caseRef: 'C-1', actorId: 'S000123' }, { size: 50 });
    expect(found.entries.map(({ coordinate, decision }) => `${coordinate} ${decision}`)).toEqual([
      'Addressee.name allow',
      'Addressee.levies allow',
      'LevyLine.id allow',
      'Query.levies allow',
      'Addressee.phone refuse',
      'Addressee.name mask',
      'Addressee.levies allow',
    ]);
  });

  it('takes no more bodies of version 1', async () => {
    await expect(appendV1(gateway, recordOf())).rejects.toMatchObject({ facts: { sqlstate: '42883' } });
  });

  it('still refuses to go back', async () => {
    await expect(
      owner.run('test.back', ({ raw }) => raw`update audit.head set next_record = next_record - 1`),
    ).rejects.toMatchObject({ facts: { sqlstate: '42501' } });
  });
});
