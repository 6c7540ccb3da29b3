import { randomUUID } from 'node:crypto';
import { openAuditLog } from '../../src/audit/log.js';
import type { LoadActor } from '../../src/exchange/load/job.js';
import { loadReceipts } from '../../src/exchange/load/loadReceipts.js';
import type { Clock } from '../../src/kernel/clock.js';
import { Temporal } from '../../src/kernel/dates.js';
import type { Database } from '../../src/kernel/database/database.js';
import { progress, type FigureLine } from '../support/figure.js';
import type { BenchHouse } from '../support/house.js';
import { BANK_DAY, writeReceiptFile, type ReceiptFile } from '../support/receiptFile.js';
import { alternate, assertMeasured, median, timed } from '../support/rounds.js';
import { copyRows, loadPlainly } from './receiptsLoad.floor.js';

const RECORDS = 50_000;
const ROUNDS = 3;
const DATABASE = 'bench_receipts';
const CONNECTIONS = 3;
const CLOCK: Clock = { now: () => Temporal.Instant.from(`${BANK_DAY}T19:00:00+09:00`) };
const ACTOR: LoadActor = {
  actorId: 'W1101',
  roles: ['collectionClerk'],
  department: '1110',
  terminal: 'bench',
  sessionId: 'console',
  strength: 'console',
  clientApp: 'kuramori',
  purpose: 'COLLECTION',
};

/**
 * 収入済データの取込・消込: records per second of a bank-day file, from its path to the commit, as the loader. Floor:
 * the same rows by COPY into a temporary table and one statement that matches and inserts them into the same ledger,
 * on another copy of the same database.
 */
export async function receiptsLoad(house: BenchHouse): Promise<readonly FigureLine[]> {
  const file = await makeFile(house);
  const rows = copyRows(file.slips);
  const { values, floors } = await alternate(
    ROUNDS,
    () => onCopy(house, file, (database) => load(database, file)),
    () => onCopy(house, file, (database) => loadPlainly(database, rows, BANK_DAY)),
    (rate) => `${Math.round(rate)} records/s`,
  );
  return [{ figure: 'receipts.load', value: median(values), unit: 'records/s', floor: median(floors) }];
}

async function makeFile(house: BenchHouse): Promise<ReceiptFile> {
  const owner = house.open(await house.demonstration(), 'owner', 1);
  try {
    const file = await writeReceiptFile(owner, house.home, RECORDS);
    assertMeasured(
      file.slips.length > 0,
      'The demonstration has too few open levy lines for a receipt file.',
    );
    const plain = file.slips.filter((slip) => slip.case === 'exact').length;
    progress(`  a file of ${file.slips.length} records, ${file.slips.length - plain} of them troubled`);
    return file;
  } finally {
    await owner.close();
  }
}

/** Runs one load on a fresh copy and checks the ledger after it. @returns records per second */
async function onCopy(
  house: BenchHouse,
  file: ReceiptFile,
  work: (database: Database) => Promise<void>,
): Promise<number> {
  await house.demonstrationCopy(DATABASE);
  const database = house.open(DATABASE, 'loader', CONNECTIONS);
  try {
    const before = await received(database);
    const ms = await timed(() => work(database));
    const after = await received(database);
    assertMeasured(
      after.receipts - before.receipts === BigInt(file.slips.length) && after.yen - before.yen === file.yen,
      'The load did not enter every record and yen of the file.',
    );
    return (file.slips.length * 1000) / ms;
  } finally {
    await database.close();
    await house.drop(DATABASE);
  }
}

/** The loader's tables are read whole, which also brings their pages to memory for both sides alike. */
async function received(database: Database): Promise<{ receipts: bigint; yen: bigint }> {
  const [row] = await database.run(
    'bench.received',
    ({ raw }) => raw<{ receipts: bigint; yen: bigint }[]>`
    select count(*) as receipts, coalesce(sum(amount), 0)::bigint as yen from records.receipt`,
  );
  return row ?? { receipts: 0n, yen: 0n };
}

async function load(database: Database, file: ReceiptFile): Promise<void> {
  const audit = openAuditLog(database);
  try {
    const { outcome, repeated } = await loadReceipts({
      database,
      audit,
      clock: CLOCK,
      path: file.path,
      actor: ACTOR,
      requestId: randomUUID(),
    });
    const counted = Object.values(outcome.classes).reduce((sum, { count }) => sum + count, 0);
    assertMeasured(
      !repeated &&
        outcome.setAside.count === 0 &&
        counted === file.slips.length &&
        BigInt(outcome.trailer.yen) === file.yen,
      'The outcome of the load is not that of the file.',
    );
  } finally {
    await audit.close();
  }
}
