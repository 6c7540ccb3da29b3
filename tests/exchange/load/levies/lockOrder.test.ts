import { expect, test } from 'vitest';
import { lockLevies, lockReceipt } from '../../../../src/collection/receipt/lock.store.js';
import { assignUnidentified, enterManualReceipt } from '../../../../src/collection/receipt/receipt.store.js';
import { reverseReceipt } from '../../../../src/collection/receipt/reversal.store.js';
import { compileLayout } from '../../../../src/exchange/layout/compile.js';
import { encodeFile } from '../../../../src/exchange/layout/encoder.js';
import { LEVIES_CSV } from '../../../../src/exchange/layouts/levies.js';
import { loadLevies } from '../../../../src/exchange/load/loadLevies.js';
import type { Session } from '../../../../src/kernel/database/database.js';
import { testDatabase } from '../../../support/database.js';
import {
  auditOf,
  CODE_LISTS,
  fileOf,
  loadOptions,
  MUNICIPALITY,
  seedLevies,
  seedMunicipality,
} from '../support.js';

/** A load of adjustments and clerks who act on payments of the same lines: who comes second waits, nobody is undone. */
const db = await testDatabase();
const audit = auditOf(db);
const layout = compileLayout(LEVIES_CSV, CODE_LISTS);
const seeded = await seedMunicipality(db);
const DUE = '2026-06-30';
let notices = 0;

async function paidLine(paid = 30_000n) {
  const noticeNo = String((notices += 1)).padStart(10, '0');
  const line = { noticeNo, instalmentNo: 1, taxAmount: 30_000n, dueOn: DUE };
  const [levyId = 0n] = await seedLevies(db, seeded, [line]);
  return { noticeNo, levyId, receiptId: await receive(levyId, paid) };
}

async function receive(levyId: bigint | null, taxAmount: bigint): Promise<bigint> {
  const paid = { taxAmount, lateChargeAmount: 0n, paidOn: DUE, receivedOn: DUE, bookedOn: DUE };
  const slip = {
    source: 'manual',
    levyId,
    taxItem: levyId === null ? '001' : null,
    collectingBank: null,
  } as const;
  const entered = await gateway((tx) => enterManualReceipt(tx, { ...slip, ...paid }, seeded, '2026-07-04'));
  return entered.receiptId;
}

const gateway = <T>(work: (tx: Session) => Promise<T>) => db.gateway.transaction('test.clerk', work);

/** 減額更正 to 20,000 yen by a file. */
function lower(noticeNo: string) {
  const days = { nominalDueOn: DUE, statutoryDueOn: DUE, priorityOn: DUE, decidedOn: '2026-07-01' };
  const year = { assessmentYear: 2026, taxYear: 2026, levyFiscalYear: 2026, notifiedOn: '2026-07-02' };
  const key = { instalmentNo: 1, returnNo: 0, businessYearNo: 0, payrollAgentNo: '', childAddresseeNo: '' };
  const who = { municipalityCode: MUNICIPALITY, formerMunicipalityCode: '', addresseeNo: '1000001' };
  const what = { recordKind: 'adjustment', taxItemCode: '001', taxAmount: 20_000n, reason: '' };
  const rest = { noticeNo, paymentNo: '', confirmationNo: '' };
  const data = [{ ...days, ...year, ...key, ...who, ...what, ...rest }];
  return loadLevies(
    loadOptions(db.loader, audit, fileOf(`lower-${noticeNo}.csv`, encodeFile(layout, { data }))),
  );
}

/** Until so many sessions wait for a lock. */
async function waiting(sessions: number): Promise<void> {
  const waiters = () =>
    db.owner.run(
      'test.waiting',
      ({ raw }) => raw`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
  while ((await waiters()).length < sessions) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function balanceOf(levyId: bigint) {
  const [row] = await db.owner.run(
    'test.balance',
    ({ raw }) => raw`
    select b.levied, b.received, b.tax_outstanding as owed from records.levy_balance b
    where b.levy_id = ${String(levyId)}::bigint`,
  );
  return row;
}

test('a reversal that has the receipt goes on to the line, and the load comes after it', async () => {
  const { noticeNo, levyId, receiptId } = await paidLine();
  let load: ReturnType<typeof lower> | undefined;
  await gateway(async (tx) => {
    await lockReceipt(tx, receiptId);
    load = lower(noticeNo);
    await waiting(1);
    await reverseReceipt(tx, receiptId, seeded);
  });
  expect((await load)?.outcome).toMatchObject({
    adjusted: { count: 1, yen: '-10000' },
    overassessed: { count: 0, yen: '0' },
  });
  expect(await balanceOf(levyId)).toEqual({ levied: 20_000n, received: 0n, owed: 20_000n });
});

/** A clerk who takes a receipt, and does something else once he is told to. */
async function holding(receiptId: bigint, then: (tx: Session) => Promise<void>) {
  const [held, told] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const ended = gateway(async (tx) => {
    await lockReceipt(tx, receiptId);
    held.resolve();
    await told.promise;
    await then(tx);
  });
  await held.promise;
  return () => {
    told.resolve();
    return ended;
  };
}

test('a payment that comes in while the load waits is locked before the line, too', async () => {
  const { noticeNo, levyId, receiptId } = await paidLine(20_000n);
  const found = await receive(null, 10_000n);
  const first = await holding(receiptId, () => Promise.resolve());
  const load = lower(noticeNo);
  await waiting(1);
  await gateway((tx) => assignUnidentified(tx, found, levyId, seeded));
  const second = await holding(found, (tx) => lockLevies(tx, [levyId]));
  await first();
  await waiting(1);
  await second();
  expect((await load).outcome).toMatchObject({ overassessed: { count: 1, yen: '10000' } });
  expect(await balanceOf(levyId)).toEqual({ levied: 20_000n, received: 20_000n, owed: 0n });
});
