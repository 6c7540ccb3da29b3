import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAuditLog } from '../../src/audit/log.js';
import { verifyLedger } from '../../src/collection/ledger/ledger.verify.js';
import type { ExpectedRecord } from '../../src/demonstration/files/expected.js';
import { SLIP_CASES } from '../../src/demonstration/files/slips.js';
import { writeDemonstrationFiles, type ExpectedFiles } from '../../src/demonstration/files/write.js';
import { loadLevies } from '../../src/exchange/load/loadLevies.js';
import { loadReceipts } from '../../src/exchange/load/loadReceipts.js';
import { plainDate, Temporal } from '../../src/kernel/dates.js';
import { testDatabase } from '../support/database.js';
import { demonstrationDatabase } from '../support/demonstration.js';

const TODAY = plainDate('2026-11-01');
const db = await demonstrationDatabase(2_000, 1);
const audit = openAuditLog(db.loader);
const actor = {
  actorId: 'C1101',
  roles: ['collectionClerk'],
  department: '1110',
  terminal: 'T-1',
  sessionId: '',
  strength: 'cli',
  clientApp: 'kuramori',
  purpose: 'COLLECTION',
};
const clock = { now: () => Temporal.Instant.from('2026-11-02T09:00:00Z') };
let folder: string;
let expected: ExpectedFiles;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kuramori-files-'));
  expected = await writeDemonstrationFiles(db.owner, join(folder, 'first'), {
    seed: 1,
    referenceDate: TODAY,
  });
});

afterAll(async () => {
  await audit.close();
  await rm(folder, { recursive: true, force: true });
});

const options = (name: string, at: number) => ({
  database: db.loader,
  audit,
  clock,
  actor,
  path: join(folder, 'first', name),
  requestId: `00000000-0000-8000-8000-00000000000${at}`,
});

describe('the files of the demonstration', () => {
  it('are the same bytes for the same seed, others for another', async () => {
    const write = async (name: string, seed: number) => {
      await writeDemonstrationFiles(db.owner, join(folder, name), { seed, referenceDate: TODAY });
      const names = (await readdir(join(folder, name))).toSorted();
      return Promise.all(
        names.map(async (one) => [one, await readFile(join(folder, name, one), 'utf8')] as const),
      );
    };
    const [once, again, other] = [await write('a', 1), await write('b', 1), await write('c', 2)];
    expect(once).toHaveLength(4);
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
  });

  it('have every trouble in each bank-day file', () => {
    for (const { name, records } of expected.receipts) {
      const cases = [...new Set(records.map((record) => record.case))].toSorted();
      expect([name, cases]).toEqual([name, SLIP_CASES.toSorted()]);
    }
  });

  it('refuse a database that holds no demonstration', async () => {
    const empty = await testDatabase();
    const writing = writeDemonstrationFiles(empty.owner, join(folder, 'none'), {
      seed: 1,
      referenceDate: TODAY,
    });
    await expect(writing).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('become, record by record, what expected.json says when they are loaded', async () => {
    for (const [at, file] of expected.receipts.entries()) {
      const { fileId, outcome } = await loadReceipts(options(file.name, at + 1));
      expect(outcome.trailer).toEqual({ count: file.count, yen: file.total });
      const classes = Object.fromEntries(
        Object.entries(outcome.classes).filter(([, { count }]) => count > 0),
      );
      expect(classes).toEqual(file.classes);
      expect(await stored(fileId)).toEqual(file.records.map(comparable));
    }
    expect(await verifyLedger(db.owner)).toMatchObject({ sound: true });
  });

  it('load the assessment file as expected: new, changed and unchanged lines', async () => {
    const { outcome } = await loadLevies(options(expected.levies.name, 9));
    const { cases, count, total } = expected.levies;
    const sum = (...names: (keyof typeof cases)[]) => ({
      count: names.reduce((all, name) => all + (cases[name]?.count ?? 0), 0),
      yen: String(names.reduce((all, name) => all + BigInt(cases[name]?.delta ?? '0'), 0n)),
    });
    expect(outcome.trailer).toEqual({ count, yen: total });
    expect(outcome.created).toEqual(sum('new'));
    expect(outcome.adjusted).toEqual(sum('decrease', 'increase', 'decreaseAfterPayment'));
    expect(outcome.unchanged.count).toBe(cases.unchanged?.count);
    expect(outcome.overassessed).toEqual({
      count: cases.decreaseAfterPayment?.count,
      yen: (cases.decreaseAfterPayment?.delta ?? '').slice(1),
    });
    expect(outcome.dueDatesShifted).toBeGreaterThan(0);
    expect(await verifyLedger(db.owner)).toMatchObject({ sound: true });
  });
});

type Comparable = Pick<ExpectedRecord, 'recordNo' | 'paid' | 'unidentified'> & {
  readonly applied: string;
  readonly overpaid: string;
  readonly charged: string;
};

function comparable(record: ExpectedRecord): Comparable {
  const { recordNo, paid, overpayment, unidentified, lateChargeFixed, applied } = record;
  return {
    recordNo,
    paid,
    unidentified,
    applied: applied
      .map(({ component, amount }) => `${component} ${amount}`)
      .toSorted()
      .join(),
    overpaid: overpayment === null ? '' : `${overpayment.cause} ${overpayment.amount}`,
    charged: lateChargeFixed === '0' ? '' : lateChargeFixed,
  };
}

/** What the ledger holds of a file, in the order of its records. */
async function stored(fileId: bigint): Promise<Comparable[]> {
  const rows = await db.owner.run(
    'test',
    ({ raw }) => raw<Comparable[]>`
    select r.record_no as "recordNo", r.amount::text as paid,
      (select u.reason from records.unidentified_entry u
        where u.receipt_id = r.id and u.amount = r.amount) as unidentified,
      coalesce((select string_agg(a.component || ' ' || a.amount, ',' order by (a.component || a.amount) collate "C")
        from records.allocation a where a.receipt_id = r.id), '') as applied,
      coalesce((select p.cause || ' ' || p.amount from records.overpayment p
        where p.receipt_id = r.id), '') as overpaid,
      coalesce((select c.amount::text from records.levy_charge c
        where c.levy_id = r.levy_id and c.component = 'lateCharge' and c.change_id = r.change_id), '') as charged
    from records.receipt r where r.file_id = ${String(fileId)}::bigint order by r.record_no`,
  );
  return [...rows];
}
