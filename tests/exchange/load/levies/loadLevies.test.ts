import { beforeAll, describe, expect, test } from 'vitest';
import { enterManualReceipt } from '../../../../src/collection/receipt/receipt.store.js';
import { compileLayout } from '../../../../src/exchange/layout/compile.js';
import { encodeFile, encodeWhole } from '../../../../src/exchange/layout/encoder.js';
import type { DecodedFields } from '../../../../src/exchange/layout/field.js';
import { loadLevies } from '../../../../src/exchange/load/loadLevies.js';
import { LEVIES_CSV } from '../../../../src/exchange/layouts/levies.js';
import { testDatabase } from '../../../support/database.js';
import { auditOf, CODE_LISTS, fileOf, loadOptions, MUNICIPALITY, seedMunicipality } from '../support.js';

const db = await testDatabase();
const audit = auditOf(db);
const layout = compileLayout(LEVIES_CSV, CODE_LISTS);
let seeded = 0n;
let files = 0;
let notices = 0;

beforeAll(async () => {
  seeded = await seedMunicipality(db);
});

const nextNotice = () => String(++notices).padStart(10, '0');

function levy(change: DecodedFields = {}): DecodedFields {
  return {
    recordKind: 'levy',
    municipalityCode: MUNICIPALITY,
    formerMunicipalityCode: '',
    assessmentYear: 2026,
    taxYear: 2026,
    levyFiscalYear: 2026,
    noticeNo: nextNotice(),
    taxItemCode: '010',
    payrollAgentNo: '',
    instalmentNo: 1,
    returnNo: 0,
    businessYearNo: 0,
    childAddresseeNo: '',
    addresseeNo: '1000001',
    taxAmount: 30_000n,
    nominalDueOn: '2026-02-28',
    statutoryDueOn: '2026-02-28',
    priorityOn: '2026-02-28',
    decidedOn: '2026-01-10',
    notifiedOn: '2026-01-15',
    paymentNo: '77',
    confirmationNo: '',
    reason: '',
    ...change,
  };
}

const fileWith = (data: DecodedFields[]) => fileOf(`levies-${++files}.csv`, encodeFile(layout, { data }));
const load = (data: DecodedFields[], more: object = {}) =>
  loadLevies({ ...loadOptions(db.loader, audit, fileWith(data)), ...more });

async function lineOf(noticeNo: DecodedFields[string] | undefined) {
  const [row] = await db.owner.run(
    'test.line',
    ({ raw }) => raw<{ id: bigint; due: string; tax: bigint; levied: bigint; left: bigint }[]>`
    select l.id, l.due_on as due, l.tax_amount as tax, b.levied, b.tax_outstanding as left
    from records.levy_line l join records.levy_balance b on b.levy_id = l.id where l.notice_no = ${String(noticeNo)}`,
  );
  return row;
}

async function pay(levyId: bigint, taxAmount: bigint, paidOn: string): Promise<bigint> {
  const input = {
    source: 'manual' as const,
    levyId,
    taxItem: null,
    taxAmount,
    lateChargeAmount: 0n,
    paidOn,
    receivedOn: paidOn,
    bookedOn: paidOn,
    collectingBank: null,
  };
  return (await db.owner.transaction('test.pay', (tx) => enterManualReceipt(tx, input, seeded, '2026-07-04')))
    .receiptId;
}

describe('an assessment file', () => {
  test('makes levy lines with their balances, due dates moved to open days', async () => {
    const one = levy();
    const { outcome } = await load([
      one,
      levy({ nominalDueOn: '2026-06-30', taxAmount: 1n, taxItemCode: '001' }),
    ]);
    expect(await lineOf(one['noticeNo'])).toMatchObject({
      due: '2026-03-02',
      tax: 30_000n,
      levied: 30_000n,
      left: 30_000n,
    });
    expect(outcome).toMatchObject({
      created: { count: 2, yen: '30001' },
      adjusted: { count: 0, yen: '0' },
      dueDatesShifted: 1,
      trailer: { count: 2, yen: '30001' },
      items: [
        { taxItem: '001', count: 1, yen: '1' },
        { taxItem: '010', count: 1, yen: '30000' },
      ],
    });
  });

  test('says the same again without effect, whether by the same bytes or in another file', async () => {
    const one = levy();
    const path = fileWith([one]);
    await loadLevies(loadOptions(db.loader, audit, path));
    expect((await loadLevies(loadOptions(db.loader, audit, path))).repeated).toBe(true);
    const { repeated, outcome } = await load([one, levy()]);
    expect({ repeated, created: outcome.created.count, unchanged: outcome.unchanged.count }).toEqual({
      repeated: false,
      created: 1,
      unchanged: 1,
    });
  });

  test('adjusts a line to its new amount, once', async () => {
    const one = levy();
    await load([one]);
    const adjusted = { ...one, recordKind: 'adjustment', taxAmount: 24_500n, reason: '評価額の修正, 当初分' };
    expect((await load([adjusted])).outcome.adjusted).toEqual({ count: 1, yen: '-5500' });
    expect((await load([adjusted, levy()])).outcome).toMatchObject({
      adjusted: { count: 0, yen: '0' },
      unchanged: { count: 1 },
    });
    expect((await load([{ ...adjusted, taxAmount: 40_000n }])).outcome.adjusted).toEqual({
      count: 1,
      yen: '15500',
    });
    const line = await lineOf(one['noticeNo']);
    expect(line).toMatchObject({ tax: 30_000n, levied: 40_000n, left: 40_000n });
    const reasons = await db.owner.run(
      'test.reasons',
      ({ raw }) => raw<{ reason: string }[]>`
      select reason from records.levy_adjustment where levy_id = ${String(line?.id)}::bigint order by id`,
    );
    expect(reasons.map(({ reason }) => reason)).toEqual(['評価額の修正, 当初分', '評価額の修正, 当初分']);
  });

  test('makes and adjusts a line in one file', async () => {
    const one = levy();
    const { outcome } = await load([{ ...one, recordKind: 'adjustment', taxAmount: 10n }, one]);
    expect(outcome).toMatchObject({ created: { count: 1 }, adjusted: { count: 1, yen: '-29990' } });
  });

  test('sets apart what a decrease leaves paid too much, from the latest receipt first (過納)', async () => {
    const one = levy();
    await load([one]);
    const id = (await lineOf(one['noticeNo']))?.id ?? 0n;
    const first = await pay(id, 20_000n, '2026-02-01');
    const second = await pay(id, 10_000n, '2026-02-20');
    const { outcome } = await load([
      { ...one, recordKind: 'adjustment', taxAmount: 17_000n, decidedOn: '2026-04-01' },
    ]);
    expect(outcome.overassessed).toEqual({ count: 2, yen: '13000' });
    const set = await db.owner.run(
      'test.over',
      ({ raw }) => raw`
      select receipt_id, amount, cause, arose_on from records.overpayment
        where levy_id = ${String(id)}::bigint order by receipt_id`,
    );
    expect(set).toEqual([
      { receipt_id: first, amount: 3_000n, cause: 'overassessed', arose_on: '2026-04-01' },
      { receipt_id: second, amount: 10_000n, cause: 'overassessed', arose_on: '2026-04-01' },
    ]);
    expect(await lineOf(one['noticeNo'])).toMatchObject({ left: 0n });
  });

  test('gives back nothing that was rightly paid when the rest was written off', async () => {
    const one = levy({ taxAmount: 100_000n });
    await load([one]);
    const id = (await lineOf(one['noticeNo']))?.id ?? 0n;
    const receiptId = await pay(id, 30_000n, '2026-02-01');
    await db.owner.run(
      'test.writeOff',
      ({ raw }) => raw`
      insert into records.write_off (levy_id, component, amount, cause, written_off_on, change_id)
      values (${String(id)}::bigint, 'tax', 70000, 'immediate', '2026-03-02', ${String(seeded)}::bigint)`,
    );
    const lowered = (taxAmount: bigint, decidedOn: string) =>
      load([{ ...one, recordKind: 'adjustment', taxAmount, decidedOn }]);
    expect((await lowered(50_000n, '2026-04-01')).outcome.overassessed).toEqual({ count: 0, yen: '0' });
    expect((await lowered(20_000n, '2026-05-01')).outcome.overassessed).toEqual({ count: 1, yen: '10000' });
    const set = await db.owner.run(
      'test.over',
      ({ raw }) => raw`
      select receipt_id, amount from records.overpayment where levy_id = ${String(id)}::bigint`,
    );
    expect(set).toEqual([{ receipt_id: receiptId, amount: 10_000n }]);
  });
});

test('a decrease of a line paid late lowers its fixed late charge, and what was paid of it is 過納 too', async () => {
  const one = levy({ taxAmount: 98_700n, nominalDueOn: '2024-12-25', decidedOn: '2024-06-01' });
  await load([one]);
  const id = (await lineOf(one['noticeNo']))?.id ?? 0n;
  await pay(id, 99_900n, '2025-03-10');
  const { outcome } = await load([
    { ...one, recordKind: 'adjustment', taxAmount: 85_000n, decidedOn: '2025-06-01' },
  ]);
  // 31 days × 85,000 × 2.4 % = 173; 44 × 85,000 × 8.7 % = 891; together 1,064, so 1,000 instead of 1,200.
  expect(outcome.overassessed).toEqual({ count: 2, yen: '13900' });
  const [balance] = await db.owner.run(
    'test.charge',
    ({ raw }) => raw`
    select b.tax_outstanding as tax, b.late_charge_outstanding as late,
      (select sum(amount)::bigint from records.levy_charge c where c.levy_id = b.levy_id) as charge
    from records.levy_balance b where b.levy_id = ${String(id)}::bigint`,
  );
  expect(balance).toEqual({ tax: 0n, late: 0n, charge: 1_000n });
});

describe('a bad record', () => {
  test.each<[string, () => DecodedFields[], string]>([
    [
      'of an addressee that is not registered',
      () => [levy({ addresseeNo: '9' })],
      'record 2 addresseeNo: E_UNKNOWN_ADDRESSEE',
    ],
    [
      'that adjusts a line that is not there',
      () => [levy({ recordKind: 'adjustment' })],
      'record 2 noticeNo: E_UNKNOWN_LEVY',
    ],
    [
      'that stands twice',
      () => {
        const one = levy();
        return [one, one];
      },
      'record 2 noticeNo: E_DUPLICATE',
    ],
    [
      'of another municipality',
      () => [levy({ municipalityCode: '139998' })],
      'record 2 municipalityCode: E_MUNICIPALITY',
    ],
    [
      'due in a year without holidays',
      () => [levy({ nominalDueOn: '2035-06-30' })],
      'record 2 nominalDueOn: E_HOLIDAYS_MISSING',
    ],
    [
      'that adjusts a line whose own record is bad',
      () => {
        const one = levy({ addresseeNo: '9' });
        return [one, { ...one, recordKind: 'adjustment', addresseeNo: '1000001' }];
      },
      'record 2 addresseeNo: E_UNKNOWN_ADDRESSEE',
    ],
  ])('%s refuses the file', async (_, records, fault) => {
    const failure = await load(records()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'FILE_REJECTED' });
    expect((failure as { facts: { faults: string[] } }).facts.faults[0]).toBe(fault);
  });

  test('that contradicts the ledger refuses the file', async () => {
    const one = levy();
    await load([one]);
    await expect(load([{ ...one, taxAmount: 1n }])).rejects.toMatchObject({
      facts: { faults: ['record 2 noticeNo: E_KEY_EXISTS'] },
    });
  });

  test('is set aside with its bytes, in any order, while the rest loads and balances', async () => {
    const good = levy();
    const data = [levy({ addresseeNo: '9' }), good, levy({ nominalDueOn: '2035-06-30', taxAmount: 5n })];
    const path = fileWith(data);
    const { fileId, outcome } = await loadLevies({
      ...loadOptions(db.loader, audit, path),
      onBadLine: 'setAside',
    });
    expect(outcome).toMatchObject({
      created: { count: 1, yen: '30000' },
      setAside: { count: 2, yen: '30005', codes: { E_UNKNOWN_ADDRESSEE: 1, E_HOLIDAYS_MISSING: 1 } },
    });
    const aside = await db.owner.run(
      'test.aside',
      ({ raw }) => raw<{ record_no: number; content: Uint8Array }[]>`
      select record_no, content from records.set_aside_record
        where file_id = ${String(fileId)}::bigint order by record_no`,
    );
    const lines = encodeWhole(layout, { data }).toString('utf8').split('\r\n');
    expect(aside.map(({ content }) => Buffer.from(content).toString('utf8'))).toEqual([lines[1], lines[3]]);
  });

  test('does not hide in the sum: a trailer that does not fit refuses the file', async () => {
    const text = encodeWhole(layout, { data: [levy()] })
      .toString('utf8')
      .replace('#TRAILER,1,30000', '#TRAILER,1,30001');
    const path = fileOf('sum.csv', Buffer.from(text));
    await expect(
      loadLevies({ ...loadOptions(db.loader, audit, path), onBadLine: 'setAside' }),
    ).rejects.toMatchObject({
      facts: { faults: ['total: E_TOTAL'] },
    });
  });
});
