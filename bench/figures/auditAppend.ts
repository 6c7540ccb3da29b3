import { randomUUID } from 'node:crypto';
import { appendBatch, prepare } from '../../src/audit/batch.js';
import { encodeBody } from '../../src/audit/body.js';
import { catchUp } from '../../src/audit/catchUp.js';
import { openAuditLog, type AuditLog } from '../../src/audit/log.js';
import type { AuditEntry, AuditRecord } from '../../src/audit/record.js';
import { systemClock } from '../../src/kernel/clock.js';
import type { Database } from '../../src/kernel/database/database.js';
import { progress, type FigureLine } from '../support/figure.js';
import type { BenchHouse } from '../support/house.js';
import { alternate, assertMeasured, median } from '../support/rounds.js';

const APPENDERS = 32;
const ROUNDS = 5;
const ROUND_MS = 4_000;
const WARM_MS = 2_000;
const AUDIT_CONNECTIONS = 3;
const DATABASE = 'bench_audit';
const ENTERED_RECORDS = 20_000;

/** What a clerk's look into the ledger leaves: an entry for each field of the query, one person, one decision. */
const COORDINATES = [
  'Query.addressee',
  'Addressee.addresseeNo',
  'Addressee.name',
  'Addressee.levies',
  'LevyLineConnection.nodes',
  'LevyLine.id',
  'LevyLine.noticeNo',
  'LevyLine.taxItem',
  'TaxItem.name',
  'LevyLine.instalmentNo',
  'LevyLine.dueOn',
  'LevyLine.levied',
  'LevyLine.received',
  'LevyLine.taxOutstanding',
  'LevyLine.lateChargeOutstanding',
  'LevyLine.settled',
  'LevyLine.allocations',
  'AllocationConnection.nodes',
  'Allocation.amount',
  'Allocation.effectiveOn',
  'Allocation.receipt',
  'Receipt.id',
  'Receipt.channel',
  'Receipt.paidOn',
  'Receipt.bookedOn',
  'Receipt.amount',
];

/**
 * 監査ログの追記: records and entries per second with 32 at a time, each waiting until its record is durable. Floor:
 * the same bodies in batches of the size that the log's own batches had, one INSERT … unnest each into a plain table,
 * no order, no search columns, no people. `audit.enter`: the records made into what searches read; nobody waits for it.
 */
export async function auditAppend(house: BenchHouse): Promise<readonly FigureLine[]> {
  await house.emptyDatabase(DATABASE);
  const database = house.open(DATABASE, 'gateway', AUDIT_CONNECTIONS);
  const owner = house.open(DATABASE, 'owner', 1);
  const log = openAuditLog(database);
  try {
    await appendFor(log, WARM_MS);
    const batch = await batchSize(owner);
    progress(
      `  the log's batches hold ${batch} records, ${Buffer.byteLength(encodeBody(record(0)))} bytes each`,
    );
    await owner.run(
      'bench.plain',
      ({ raw }) => raw`
      create table plain_log (id bigint primary key generated always as identity, body text not null)`,
    );
    const arrays = bodyArrays(batch);
    const { values, floors } = await alternate(
      ROUNDS,
      () => appendFor(log, ROUND_MS),
      () => insertFor(owner, arrays, batch),
      (rate) => `${Math.round(rate)} records/s`,
    );
    const [value, floor] = [median(values), median(floors)];
    const entries = COORDINATES.length;
    const entered = await enterAll(owner);
    return [
      { figure: 'audit.append', value, unit: 'records/s', floor },
      { figure: 'audit.append.entries', value: value * entries, unit: 'entries/s', floor: floor * entries },
      { figure: 'audit.enter', value: entered, unit: 'records/s', floor },
    ];
  } finally {
    await log.close();
    await Promise.all([database.close(), owner.close()]);
    await house.drop(DATABASE);
  }
}

/** @returns records per second */
async function appendFor(log: AuditLog, ms: number): Promise<number> {
  const startedAt = performance.now();
  const places = new Set<bigint>();
  let appended = 0;
  const append = async () => {
    while (performance.now() - startedAt < ms) {
      places.add((await log.append(record(appended))).recordNo);
      appended += 1;
    }
  };
  await Promise.all(Array.from({ length: APPENDERS }, append));
  const seconds = (performance.now() - startedAt) / 1000;
  assertMeasured(places.size === appended, 'Two appended records were given the same place.');
  return appended / seconds;
}

/** Enters everything that was appended into the tables that searches read. @returns records per second */
async function enterAll(owner: Database): Promise<number> {
  await appendMore(owner);
  const startedAt = performance.now();
  await catchUp(owner);
  return ENTERED_RECORDS / ((performance.now() - startedAt) / 1000);
}

/** With what was left entered first, and nobody who enters the new ones by the way. */
async function appendMore(owner: Database): Promise<void> {
  await catchUp(owner);
  const batch = 50;
  for (let at = 0; at < ENTERED_RECORDS; at += batch) {
    await appendBatch(
      owner,
      Array.from({ length: batch }, (_, place) => prepare(record(at + place))),
    );
  }
}

/** Records per batch that the log has written so far, rounded. */
async function batchSize(owner: Database): Promise<number> {
  const [row] = await owner.run(
    'bench.batches',
    ({ raw }) => raw<{ batch: number }[]>`
    select round(avg(records))::integer as batch from audit.block`,
  );
  assertMeasured(
    row !== undefined && row.batch > 0,
    'The audit log has no records although some were appended.',
  );
  return row?.batch ?? 0;
}

/** @returns records per second */
async function insertFor(owner: Database, arrays: readonly string[], batch: number): Promise<number> {
  const before = await plainRows(owner);
  const startedAt = performance.now();
  let batches = 0;
  while (performance.now() - startedAt < ROUND_MS) {
    const bodies = arrays[batches % arrays.length] ?? '';
    await owner.run(
      'bench.insert',
      ({ raw }) => raw`
      insert into plain_log (body) select unnest(${bodies}::text::text[])`,
    );
    batches += 1;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const written = (await plainRows(owner)) - before;
  assertMeasured(written === BigInt(batches * batch), 'The floor did not write what it should have.');
  return (batches * batch) / seconds;
}

async function plainRows(owner: Database): Promise<bigint> {
  const [row] = await owner.run(
    'bench.rows',
    ({ raw }) => raw<{ rows: bigint }[]>`
    select count(*) as rows from plain_log`,
  );
  return row?.rows ?? 0n;
}

/** Arrays of bodies as PostgreSQL reads them, made beforehand: the floor pays for nothing but the insert. */
function bodyArrays(batch: number): readonly string[] {
  const quoted = (body: string) => `"${body.replace(/["\\]/g, '\\$&')}"`;
  return Array.from(
    { length: 50 },
    (_, array) =>
      `{${Array.from({ length: batch }, (_each, at) => quoted(encodeBody(record(array * batch + at)))).join(',')}}`,
  );
}

/** One person, eight levy lines, nine allocations with a receipt each. */
function rowsOf(coordinate: string): number {
  if (coordinate.startsWith('Allocation') || coordinate.startsWith('Receipt')) return 9;
  const onThePerson = coordinate.startsWith('Query') || coordinate === 'Addressee.name';
  return onThePerson || coordinate === 'Addressee.addresseeNo' ? 1 : 8;
}

function record(number: number): AuditRecord {
  const subjects = [String(1_000_000 + (number % 100_000))];
  const entries = COORDINATES.map((coordinate): AuditEntry => ({
    coordinate,
    decision: 'allow',
    rows: rowsOf(coordinate),
    subjects,
  }));
  return {
    kind: 'query',
    at: systemClock.now().toString({ fractionalSecondDigits: 3 }),
    requestId: randomUUID(),
    actorId: 'W1501',
    roles: ['counterClerk'],
    department: '2110',
    terminal: 'T-01',
    sessionId: '00000000-0000-4000-8000-000000000001',
    strength: 'password+totp',
    clientApp: 'bench',
    purpose: 'COUNTER',
    operationName: 'Ledger',
    documentHash: 'b'.repeat(64),
    entries,
  };
}
