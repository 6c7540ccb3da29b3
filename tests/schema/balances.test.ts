import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { verifyLedger } from '../../src/collection/ledger/ledger.verify.js';
import { YEN_MAX } from '../../src/kernel/yen.js';
import { COMPONENTS } from '../../schema/records/levy.js';
import { testDatabase } from '../support/database.js';
import {
  allocate,
  levyLines,
  offset,
  overpayment,
  prepareLedger,
  receipt,
  unidentified,
  type Part,
} from './entries.js';

const db = await testDatabase();
let change: bigint;

beforeAll(async () => {
  change = await prepareLedger(db.owner, 50);
});

interface Balance {
  levied: bigint;
  received: bigint;
  offsetIn: bigint;
  writtenOff: bigint;
  outstanding: bigint[];
  lastPaidOn: string | null;
  entries: number;
}

const BALANCE_COLUMNS = `levied, received, offset_in as "offsetIn", written_off as "writtenOff", array[tax_outstanding,
  reminder_fee_outstanding, late_charge_outstanding, penalty_outstanding,
    disposition_cost_outstanding]::text[] as outstanding,
  last_paid_on as "lastPaidOn", entries`;

async function balancesOf(ids: readonly bigint[]): Promise<Balance[]> {
  const rows = await db.gateway.run(
    'test.balances',
    ({ raw }) => raw<(Omit<Balance, 'outstanding'> & { outstanding: string[] })[]>`
    select ${raw.unsafe(BALANCE_COLUMNS)} from records.levy_balance
    where levy_id = any (${ids.map(String)}::bigint[]) order by levy_id`,
  );
  return rows.map((row) => ({ ...row, outstanding: row.outstanding.map(BigInt) }));
}

const amount = fc.bigInt({ min: -1_000_000n, max: 1_000_000n });
const target = { line: fc.nat({ max: 3 }), component: fc.constantFrom(...COMPONENTS), amount };
const entry = fc.oneof(
  fc.record({ kind: fc.constant('adjustment' as const), ...target }),
  fc.record({ kind: fc.constant('charge' as const), ...target }),
  fc.record({ kind: fc.constant('writeOff' as const), ...target }),
  fc.record({ kind: fc.constant('payment' as const), ...target, day: fc.integer({ min: 1, max: 28 }) }),
  fc.record({ kind: fc.constant('offset' as const), ...target, day: fc.integer({ min: 1, max: 28 }) }),
);
type Entry = typeof entry extends fc.Arbitrary<infer E> ? E : never;

/** The rule itself, as arithmetic (handbook 01 §2 rule 3). */
function recompute(taxes: readonly bigint[], entries: readonly Entry[]): Balance[] {
  const balances = taxes.map((tax): Balance => ({
    levied: tax,
    received: 0n,
    offsetIn: 0n,
    writtenOff: 0n,
    outstanding: [tax, 0n, 0n, 0n, 0n],
    lastPaidOn: null,
    entries: 1,
  }));
  for (const one of entries) {
    const balance = balances[one.line]!;
    const part = one.kind === 'adjustment' ? 0 : COMPONENTS.indexOf(one.component);
    const levies = one.kind === 'adjustment' || one.kind === 'charge';
    balance.outstanding[part]! += levies ? one.amount : -one.amount;
    balance.entries += 1;
    if (levies) balance.levied += one.amount;
    if (one.kind === 'writeOff') balance.writtenOff += one.amount;
    if (one.kind === 'offset') balance.offsetIn += one.amount;
    if (one.kind === 'payment') {
      const day = `2026-05-${String(one.day).padStart(2, '0')}`;
      balance.received += one.amount;
      if (balance.lastPaidOn === null || day > balance.lastPaidOn) balance.lastPaidOn = day;
    }
  }
  return balances;
}

async function write(lines: readonly bigint[], entries: readonly Entry[]): Promise<void> {
  await db.owner.transaction('test.entries', async (tx) => {
    const of = (kind: Entry['kind']) => entries.filter((one) => one.kind === kind);
    const columns = (some: readonly Entry[]) =>
      [
        some.map((one) => String(lines[one.line])),
        some.map((one) => one.component),
        some.map((one) => String(one.amount)),
      ] as const;
    const [lines1, , deltas] = columns(of('adjustment'));
    await tx.run(
      'test.adjustments',
      ({ raw }) => raw`
      insert into records.levy_adjustment (levy_id, tax_delta, reason, decided_on, notified_on, change_id)
      select levy, yen, '更正', '2026-05-01', '2026-05-01', ${String(change)}
      from unnest(${lines1}::bigint[], ${deltas}::bigint[]) as t (levy, yen)`,
    );
    const [lines2, parts2, amounts2] = columns(of('charge'));
    await tx.run(
      'test.charges',
      ({ raw }) => raw`
      insert into records.levy_charge (levy_id, component, amount, decided_on, reason, change_id)
      select levy, part, yen, '2026-05-01', '確定', ${String(change)}
      from unnest(${lines2}::bigint[], ${parts2}::text[], ${amounts2}::bigint[]) as t (levy, part, yen)`,
    );
    const [lines3, parts3, amounts3] = columns(of('writeOff'));
    await tx.run(
      'test.writeOffs',
      ({ raw }) => raw`
      insert into records.write_off (levy_id, component, amount, cause, written_off_on, change_id)
      select levy, part, yen, 'limitation', '2026-05-01', ${String(change)}
      from unnest(${lines3}::bigint[], ${parts3}::text[], ${amounts3}::bigint[]) as t (levy, part, yen)`,
    );
    await allocate(tx, change, await paymentParts(lines, of('payment'), 'receiptId'));
    await allocate(tx, change, await paymentParts(lines, of('offset'), 'offsetId'));

    /** One receipt (or an offset from one overpayment) that the parts explain to the yen, with the rest set apart. */
    async function paymentParts(
      ids: readonly bigint[],
      some: readonly Entry[],
      origin: 'receiptId' | 'offsetId',
    ): Promise<Part[]> {
      const sum = some.reduce((total, one) => total + one.amount, 0n);
      if (some.length === 0) return [];
      const paid = await receipt(tx, change, 100_000_000n);
      let from = paid;
      if (origin === 'receiptId') {
        await unidentified(tx, change, paid, 100_000_000n - sum >= 0n ? 100_000_000n - sum : 0n);
      } else {
        const extra = await overpayment(tx, change, paid, 100_000_000n);
        from = await offset(tx, change, extra, ids[0]!, sum);
      }
      return some.map((one) => ({
        levyId: ids[one.line]!,
        component: one.component,
        amount: one.amount,
        [origin]: from,
        on: `2026-05-${String('day' in one ? one.day : 1).padStart(2, '0')}`,
      }));
    }
  });
}

describe('the kept balance is the sum of its journals', () => {
  test(
    'for random entries, written in one statement each, against the rule as arithmetic',
    { timeout: 60_000 },
    async () => {
      const taxes = fc.array(fc.bigInt({ min: 0n, max: 10_000_000n }), { minLength: 4, maxLength: 4 });
      // Few entries of a statement are gone through one by one, many in one pass.
      const positive = fc
        .oneof(fc.array(entry, { maxLength: 25 }), fc.array(entry, { minLength: 75, maxLength: 130 }))
        .map((entries) =>
          entries.map((one) =>
            one.kind === 'payment' ? { ...one, amount: one.amount < 0n ? -one.amount : one.amount } : one,
          ),
        );
      await fc.assert(
        fc.asyncProperty(taxes, positive, positive, async (amounts, first, second) => {
          const lines = await levyLines(db.owner, change, amounts);
          await write(lines, first);
          await write(lines, second);
          expect(await balancesOf(lines)).toEqual(recompute(amounts, [...first, ...second]));
        }),
        { numRuns: 40 },
      );
      expect(await verifyLedger(db.gateway)).toMatchObject({ sound: true });
    },
  );

  test('a statement without rows changes nothing, and a line on its own is one entry', async () => {
    const [line] = (await levyLines(db.loader, change, [12_300n])) as [bigint];
    await allocate(db.gateway, change, []);
    expect(await balancesOf([line])).toEqual([
      {
        levied: 12_300n,
        received: 0n,
        offsetIn: 0n,
        writtenOff: 0n,
        outstanding: [12_300n, 0n, 0n, 0n, 0n],
        lastPaidOn: null,
        entries: 1,
      },
    ]);
  });

  test('an unknown component is refused by name', async () => {
    const [line] = (await levyLines(db.owner, change, [1n])) as [bigint];
    await expect(
      allocate(db.gateway, change, [{ levyId: line, amount: 1n, component: 'interest', receiptId: 1n }]),
    ).rejects.toMatchObject({ facts: { constraint: 'allocation_component_known' } });
  });

  test('a line without balance is said, not skipped', async () => {
    const outcome = db.owner.transaction('test.broken', async (tx) => {
      const [line] = (await levyLines(tx, change, [100n])) as [bigint];
      await tx.run('test.off', ({ raw }) => raw`alter table records.levy_balance disable trigger all`);
      await tx.run(
        'test.lose',
        ({ raw }) => raw`delete from records.levy_balance where levy_id = ${String(line)}`,
      );
      await allocate(tx, change, [{ levyId: line, amount: 1n, receiptId: await receipt(tx, change, 1n) }]);
    });
    await expect(outcome).rejects.toMatchObject({ facts: { constraint: 'levy_balance_present' } });
  });
});

describe('yen stays within what JSON carries exactly', () => {
  test('the bounds themselves pass and come back exact', async () => {
    const [line] = (await levyLines(db.owner, change, [YEN_MAX])) as [bigint];
    expect(await balancesOf([line])).toMatchObject([{ levied: YEN_MAX }]);
    const [row] = await db.owner.run(
      'test.json',
      ({ raw }) => raw<[{ text: string }]>`
      select to_json(tax_outstanding)::text as text from records.levy_balance where levy_id = ${String(line)}`,
    );
    expect(Number(row.text)).toBe(Number(YEN_MAX));
  });

  test('one more is refused: in an entry, and in the sum that entries make', async () => {
    await expect(levyLines(db.owner, change, [YEN_MAX + 1n])).rejects.toMatchObject({
      facts: { constraint: 'levy_line_tax_amount_exact' },
    });
    const [line] = (await levyLines(db.owner, change, [YEN_MAX])) as [bigint];
    const more = db.owner.run(
      'test.more',
      ({ raw }) => raw`
      insert into records.levy_charge (levy_id, component, amount, decided_on, reason, change_id)
      values (${String(line)}, 'lateCharge', 1, '2026-05-01', '確定', ${String(change)})`,
    );
    await expect(more).rejects.toMatchObject({ facts: { constraint: 'levy_balance_levied_exact' } });
  });
});

describe('many at once', () => {
  test('40 transactions on the same 30 lines in different orders: no deadlock, no lost yen', async () => {
    const lines = await levyLines(
      db.owner,
      change,
      Array.from({ length: 30 }, () => 1_000_000n),
    );
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        db.gateway.transaction('test.pay', async (tx) => {
          const chosen = (n % 2 === 0 ? lines : lines.toReversed()).slice(n % 7);
          const paid = await receipt(tx, change, BigInt(chosen.length) * 10n);
          await allocate(
            tx,
            change,
            chosen.map((levyId) => ({ levyId, amount: 10n, receiptId: paid })),
          );
        }),
      ),
    );
    const balances = await balancesOf(lines);
    const paidPerLine = lines.map(
      (_, at) =>
        Array.from({ length: 40 }, (__, n) => n).filter((n) => (n % 2 === 0 ? at : 29 - at) >= n % 7).length *
        10,
    );
    expect(balances.map(({ received }) => Number(received))).toEqual(paidPerLine);
    expect(await verifyLedger(db.gateway)).toMatchObject({ sound: true });
  });

  test('a payment after a large load on the same connection reads one balance, not all', async () => {
    const lines = await levyLines(
      db.owner,
      change,
      Array.from({ length: 20_000 }, () => 1_000n),
    );
    const reads = await db.owner.transaction('test.load', async (tx) => {
      const paid = await receipt(tx, change, 20_000n);
      await allocate(
        tx,
        change,
        lines.map((levyId) => ({ levyId, amount: 1n, receiptId: paid })),
      );
      const scans = () =>
        tx.run(
          'test.scans',
          ({ raw }) => raw<[{ n: bigint }]>`
        select pg_stat_get_xact_tuples_returned('records.levy_balance'::regclass) as n`,
        );
      const [before] = await scans();
      const one = await receipt(tx, change, 1n);
      await allocate(tx, change, [{ levyId: lines[7]!, amount: 1n, receiptId: one }]);
      const [after] = await scans();
      return after.n - before.n;
    });
    expect(reads).toBeLessThan(100n);
  });
});
