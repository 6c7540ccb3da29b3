import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { readRates } from '../../../../src/collection/charge/rates.store.js';
import { readLedgerLines } from '../../../../src/collection/receipt/line.store.js';
import { isWrongInstalment, matchSlip, type LevyKey } from '../../../../src/collection/receipt/matching.js';
import {
  isSettled,
  postingRules,
  postSlip,
  type LedgerLine,
  type PostingRules,
} from '../../../../src/collection/receipt/posting.js';
import { enterManualReceipt } from '../../../../src/collection/receipt/receipt.store.js';
import type { DecodedFields } from '../../../../src/exchange/layout/field.js';
import { loadReceipts } from '../../../../src/exchange/load/loadReceipts.js';
import { slipReader, type Slip } from '../../../../src/exchange/load/receipts/slip.js';
import { sumYen } from '../../../../src/kernel/yen.js';
import { testDatabase } from '../../../support/database.js';
import {
  auditOf,
  loadOptions,
  MUNICIPALITY,
  OCR,
  PLAIN,
  plainFile,
  seedLevies,
  seedMunicipality,
  slipFor,
  type SeedLevy,
} from '../support.js';

const ROUNDS = 60;
const DUE = ['2025-08-01', '2025-10-31', '2026-02-02', '2026-03-31'];

const db = await testDatabase();
const audit = auditOf(db);
let seeded = 0n;
let rules: PostingRules;
/** Each round has a fiscal year and notices of its own, so that its ledger is all there is for its slips. */
let round = 0;

beforeAll(async () => {
  seeded = await seedMunicipality(db);
  rules = postingRules(await readRates(db.owner));
});

const amount = fc.constantFrom(5_000n, 5_000n, 60_000n);
const paidDay = fc.constantFrom('2025-07-20', '2025-10-20', '2025-12-25', '2026-02-02', '2026-06-30');
const anyLedger = fc.record({
  amounts: fc.array(amount, { minLength: 6, maxLength: 8 }),
  /** Some lines have a twin that only the return number tells apart. */
  twins: fc.array(fc.nat(7), { maxLength: 2 }),
  /** Receipts that were there before the file. */
  before: fc.array(
    fc.record({ line: fc.nat(7), paid: fc.constantFrom(2_000n, 5_000n, 55_000n, 60_000n), on: paidDay }),
    { maxLength: 4 },
  ),
});
const anySlip = fc.record({
  /** The last ones have no line in the ledger. */
  line: fc.integer({ min: 0, max: 41 }),
  paid: fc.constantFrom('exact', 'exact', 'exact', 'part', 'rest', 'over', 'withCharge'),
  keys: fc.oneof(
    { weight: 10, arbitrary: fc.constant('ocr') },
    fc.constantFrom('notice', 'notice', 'typo', 'contradiction', 'none'),
  ),
  on: paidDay,
});

function levyOf(index: number, taxAmount: bigint, returnNo = 0): SeedLevy {
  const noticeNo = String(round * 10 + Math.floor(index / 4)).padStart(10, '0');
  return {
    noticeNo,
    instalmentNo: (index % 4) + 1,
    taxAmount,
    dueOn: DUE[index % 4] ?? '',
    year: 2000 + (round % 190),
    returnNo,
  };
}

function written(levy: SeedLevy, slip: { paid: string; keys: string; on: string }): DecodedFields {
  const paid = {
    exact: { tax: levy.taxAmount },
    part: { tax: 1_500n },
    rest: { tax: levy.taxAmount > 55_000n ? levy.taxAmount - 55_000n : levy.taxAmount - 2_000n },
    over: { tax: levy.taxAmount + 700n },
    withCharge: { late: 1_000n },
  }[slip.paid];
  const whole = slipFor(levy, { ...paid, on: slip.on });
  const line = String(whole['ocrLine']);
  switch (slip.keys) {
    case 'typo':
      return {
        ...whole,
        channel: 'keyed',
        ocrLine: `${line.slice(0, 20)}${(Number(line[20]) + 1) % 10}${line.slice(21)}`,
      };
    case 'notice':
      return { ...whole, ocrLine: null };
    case 'contradiction':
      return { ...whole, noticeNo: '7777777777' };
    case 'none':
      return { ...whole, ocrLine: null, noticeNo: null };
    default:
      return whole;
  }
}

interface Fate {
  rule: string;
  levyId: bigint | null;
  charge: bigint;
  parts: string[];
}

/** The pure rules, slip by slip in file order: what the load must do in bulk. */
function byTheRules(
  slips: readonly Slip[],
  keys: readonly LevyKey[],
  levies: readonly (SeedLevy & { id: bigint })[],
  start: Map<bigint, LedgerLine>,
): Fate[] {
  const matches = slips.map((slip) =>
    matchSlip({ ...slip, billed: slip.billedAmount ?? slip.taxAmount + slip.lateCharge }, keys),
  );
  const paidHere = new Set(matches.flatMap((match) => (match.outcome === 'matched' ? [match.levyId] : [])));
  const at = new Map(start);
  return slips.map((slip, index): Fate => {
    const match = matches[index]!;
    const paid = slip.taxAmount + slip.lateCharge;
    if (match.outcome !== 'matched')
      return { rule: 'none', levyId: null, charge: 0n, parts: [`${match.reason}=${paid}`] };
    const own = levies.find(({ id }) => id === match.levyId)!;
    const siblings = levies.filter(
      ({ noticeNo, returnNo }) => noticeNo === own.noticeNo && returnNo === own.returnNo,
    );
    const wrongInstalment = isWrongInstalment(
      { instalmentNo: own.instalmentNo, paidOn: slip.paidOn, paid },
      siblings.map(({ id, instalmentNo, dueOn }) => ({
        instalmentNo,
        dueOn,
        outstanding: sumYen(Object.values(start.get(id)!.outstanding)),
        paidHere: paidHere.has(id),
      })),
    );
    const { posting, line } = postSlip(at.get(own.id)!, { ...slip, wrongInstalment }, rules);
    at.set(own.id, line);
    const parts = posting.applied.map(({ component, amount: yen }) => `${component}=${yen}`);
    if (posting.overpayment) parts.push(`${posting.overpayment.cause}=${posting.overpayment.amount}`);
    return { rule: match.rule, levyId: own.id, charge: posting.lateChargeFixed, parts: parts.toSorted() };
  });
}

async function inTheLedger(fileId: bigint): Promise<Omit<Fate, 'charge'>[]> {
  const rows = await db.owner.run(
    'test.fates',
    ({ raw }) => raw<{ rule: string; levyId: bigint | null; parts: string }[]>`
    select r.match_rule as rule, r.levy_id as "levyId", concat_ws(' ',
      (select string_agg(component || '=' || amount, ' ') from records.allocation where receipt_id = r.id),
      (select string_agg(cause || '=' || amount, ' ') from records.overpayment where receipt_id = r.id),
      (select string_agg(reason || '=' || amount, ' ') from records.unidentified_entry
        where receipt_id = r.id)) as parts
    from records.receipt r where r.file_id = ${String(fileId)}::bigint order by r.record_no`,
  );
  return rows.map(({ parts, ...row }) => ({ ...row, parts: parts.split(' ').toSorted() }));
}

async function prepare(ledger: {
  amounts: bigint[];
  twins: number[];
  before: { line: number; paid: bigint; on: string }[];
}) {
  const wanted = ledger.amounts.map((taxAmount, index) => levyOf(index, taxAmount));
  for (const index of new Set(ledger.twins)) {
    const twin = ledger.amounts[index];
    if (twin !== undefined) wanted.push(levyOf(index, twin, 1));
  }
  const ids = await seedLevies(db, seeded, wanted);
  const levies = wanted.map((levy, index) => ({ ...levy, id: ids[index] ?? 0n }));
  for (const { line, paid, on } of ledger.before) {
    const levyId = levies[line % levies.length]!.id;
    const entered = {
      source: 'manual' as const,
      levyId,
      taxItem: null,
      taxAmount: paid,
      lateChargeAmount: 0n,
      paidOn: on,
      receivedOn: '2026-07-01',
      bookedOn: '2026-07-01',
      collectingBank: null,
    };
    await db.owner.transaction('test.before', (tx) => enterManualReceipt(tx, entered, seeded, '2026-07-04'));
  }
  return levies;
}

test('bulk SQL and the pure rules agree on every slip of random ledgers', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyLedger,
      fc.array(anySlip, { minLength: 2, maxLength: 10, size: 'max' }),
      async (ledger, wantedSlips) => {
        round++;
        const levies = await prepare(ledger);
        const start = await readLedgerLines(
          db.owner,
          levies.map(({ id }) => id),
        );
        const records = wantedSlips.map(({ line, ...slip }) =>
          written(line < 40 ? levies[line % levies.length]! : levyOf(line, 4_321n), slip),
        );
        const reader = slipReader(PLAIN, OCR, MUNICIPALITY);
        const keys = levies.map((levy): LevyKey => ({
          levyId: levy.id,
          taxItem: '001',
          levyFiscalYear: levy.year ?? 0,
          instalmentNo: levy.instalmentNo,
          noticeNo: levy.noticeNo,
          assessmentYear: levy.year ?? 0,
          returnNo: levy.returnNo ?? 0,
          paymentNo: '',
          confirmationNo: '',
          outstanding: sumYen(Object.values(start.get(levy.id)!.outstanding)),
        }));
        const expected = byTheRules(records.map(reader), keys, levies, start);
        const { fileId, outcome } = await loadReceipts(
          loadOptions(db.loader, audit, plainFile(`round-${round}.txt`, records)),
        );
        expect(await inTheLedger(fileId)).toEqual(expected.map(({ charge: _charge, ...fate }) => fate));
        expect(BigInt(outcome.lateChargesFixed.yen)).toBe(sumYen(expected.map(({ charge }) => charge)));
        const after = await readLedgerLines(
          db.owner,
          levies.map(({ id }) => id),
        );
        for (const line of after.values())
          if (line.outstanding.tax === 0n)
            expect(isSettled({ ...line.outstanding, lateCharge: 0n })).toBe(true);
      },
    ),
    {
      numRuns: ROUNDS,
      // The larger part was paid late and arrived first; the rest was paid in time.
      examples: [
        [
          { amounts: [60_000n], twins: [], before: [{ line: 0, paid: 55_000n, on: '2026-06-30' }] },
          [{ line: 0, paid: 'rest', keys: 'ocr', on: '2025-07-20' }],
        ],
      ],
    },
  );
}, 60_000);
