import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { COLLECTION_RESOLVERS } from '../../../src/collection/collection.graphql.js';
import { verifyLedger } from '../../../src/collection/ledger/ledger.verify.js';
import type { Session } from '../../../src/kernel/database/database.js';
import {
  allocate,
  decide,
  levyLines,
  offset,
  overpayment,
  prepareLedger,
  receipt,
  refund,
} from '../../schema/entries.js';
import { demonstrationDatabase } from '../../support/demonstration.js';
import { askerOf, Reader } from '../../support/read.js';
import { schemaOf } from '../../support/schema.js';

const db = await demonstrationDatabase(2_000, 1);
const reader = new Reader(schemaOf(COLLECTION_RESOLVERS), db.gateway);
const officer = askerOf('refundOfficer');
let change: bigint;
let line: bigint;

beforeAll(async () => {
  change = await prepareLedger(db.owner);
  [line] = (await levyLines(db.owner, change, [10_000_000n])) as [bigint];
  await db.owner.run('test.analyze', ({ raw }) => raw`analyze`);
});

/** Kept balances that are not what the journals say, either way. */
async function differences(): Promise<unknown[]> {
  const rows = await db.owner.run(
    'test.differences',
    ({ raw }) => raw`
    (table records.overpayment_balance except
      select overpayment_id, root_receipt_id, offset_out, refund_proposed, refund_approved, refund_paid, remaining
      from records.overpayment_rebuilt)
    union all
    (select overpayment_id, root_receipt_id, offset_out, refund_proposed, refund_approved, refund_paid, remaining
      from records.overpayment_rebuilt except table records.overpayment_balance)`,
  );
  return [...rows];
}

/** A receipt of which everything is too much, in one overpayment for each part. */
function overpaid(parts: readonly bigint[]): Promise<{ receiptId: bigint; overpaymentIds: bigint[] }> {
  return db.owner.transaction('test.overpaid', async (tx) => {
    const receiptId = await receipt(
      tx,
      change,
      parts.reduce((sum, part) => sum + part, 0n),
    );
    const overpaymentIds: bigint[] = [];
    for (const part of parts) overpaymentIds.push(await overpayment(tx, change, receiptId, part));
    return { receiptId, overpaymentIds };
  });
}

const pay = (session: Session, refundId: bigint) =>
  session.run(
    'test.pay',
    ({ raw }) => raw`
    insert into records.refund_payment (refund_id, paid_on, change_id)
    values (${String(refundId)}, '2026-05-10', ${String(change)})`,
  );

interface Proposed {
  readonly receiptId: bigint;
  readonly overpaymentIds: readonly bigint[];
  readonly refundId: bigint;
}

/** Returns once a session of this database waits for a lock that another one holds. */
async function waitsForLock(): Promise<void> {
  for (;;) {
    const [row] = await db.owner.run(
      'test.waiting',
      ({ raw }) => raw<[{ waiting: boolean }]>`
      select exists (select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock') as waiting`,
    );
    if (row?.waiting) return;
  }
}

const rejectedByLedger = (error: unknown) => {
  const { facts } = error as { facts?: { sqlstate?: string } };
  if (facts?.sqlstate?.startsWith('23') !== true) throw error;
};

const step = fc.record({
  of: fc.nat({ max: 2 }),
  amount: fc.bigInt({ min: 1n, max: 400n }),
  kind: fc.constantFrom('propose', 'approve', 'reject', 'pay', 'offset', 'reverse' as const),
});

describe('the kept balance of an overpayment', () => {
  it('is what the journals say for every one of a demonstration, which has all states', async () => {
    expect(await differences()).toEqual([]);
    const [row] = await db.owner.run(
      'test.states',
      ({ raw }) => raw<[{ all: number; kept: number; open: number; paid: number; proposed: number }]>`
      select (select count(*)::int from records.overpayment) as all, count(*)::int as kept,
        count(*) filter (where remaining > 0)::int as open, count(*) filter (where refund_paid > 0)::int as paid,
        count(*) filter (where refund_proposed > 0)::int as proposed from records.overpayment_balance`,
    );
    expect(row?.kept).toBe(row?.all);
    for (const count of Object.values(row ?? {})) expect(count).toBeGreaterThan(0);
  });

  it('stays so through any sequence of refunds, decisions, payments, offsets and a reversal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const parts = [500n, 300n, 200n];
        const { receiptId, overpaymentIds } = await overpaid(parts);
        const proposed: bigint[] = [];
        const decided: bigint[] = [];
        for (const { of, amount, kind } of steps) {
          const target = overpaymentIds[of]!;
          const work = async (tx: Session) => {
            if (kind === 'propose') proposed.push(await refund(tx, change, target, amount));
            else if (kind === 'offset') {
              const offsetId = await offset(tx, change, target, line, amount);
              await allocate(tx, change, [{ levyId: line, amount, offsetId }]);
            } else if (kind === 'reverse') {
              const undo = await receipt(tx, change, -1_000n, receiptId);
              for (const part of parts) await overpayment(tx, change, undo, -part);
            } else if (kind === 'pay') {
              const id = decided.pop();
              if (id !== undefined) await pay(tx, id);
            } else {
              const id = proposed.pop();
              if (id === undefined) return;
              await decide(tx, change, id, kind === 'approve' ? 'approved' : 'rejected');
              if (kind === 'approve') decided.push(id);
            }
          };
          await db.owner.transaction('test.step', work).catch(rejectedByLedger);
        }
        expect(await differences()).toEqual([]);
      }),
      { numRuns: 40 },
    );
    expect((await verifyLedger(db.gateway)).overpayments.count).toBe(0n);
  });

  it.each<[string, (tx: Session, proposed: Proposed) => Promise<unknown>]>([
    ['a refund', (tx, { overpaymentIds }) => refund(tx, change, overpaymentIds[0]!, 100n)],
    ['a decision', (tx, { refundId }) => decide(tx, change, refundId, 'rejected')],
    ['a further overpayment', (tx, { receiptId }) => overpayment(tx, change, receiptId, 70n)],
  ])(
    'stays so when %s is written while another clerk gives back money of the same payment',
    async (_, first) => {
      const paid = await overpaid([600n, 600n]);
      const refundId = await refund(db.gateway, change, paid.overpaymentIds[0]!, 50n);
      let release = () => {};
      let wrote = () => {};
      const written = new Promise<void>((resolve) => (wrote = resolve));
      const released = new Promise<void>((resolve) => (release = resolve));
      const earlier = db.owner.transaction('test.earlier', async (tx) => {
        await first(tx, { ...paid, refundId });
        // Whether the receipt is still balanced at commit is asked elsewhere.
        await tx.run('test.unbalanced', ({ raw }) => raw`delete from records.commit_check`);
        wrote();
        await released;
      });
      await written;
      const later = db.gateway.transaction('test.later', (tx) =>
        refund(tx, change, paid.overpaymentIds[1]!, 60n),
      );
      await waitsForLock();
      release();
      await Promise.all([earlier, later]);
      expect(await differences()).toEqual([]);
    },
  );

  it.each([
    'update records.overpayment_balance set remaining = 0 where overpayment_id = -1',
    'delete from records.overpayment_balance where overpayment_id = -1',
    'insert into records.overpayment_balance values (-1, 1, 0, 0, 0, 0, 0)',
    'truncate records.overpayment_balance',
  ])('is written by nobody else: %s', async (statement) => {
    const attempt = (session: Session) =>
      session
        .run('test.direct', ({ raw }) => raw.unsafe(statement))
        .then(
          () => 'done',
          (error: unknown) => (error as { facts: { sqlstate?: string } }).facts.sqlstate,
        );
    expect(await attempt(db.owner)).toBe('23001');
    expect([await attempt(db.gateway), await attempt(db.loader)]).toEqual(['42501', '42501']);
  });
});

describe('the list of what is left to give back', () => {
  interface Page {
    readonly nodes: readonly { readonly id: string }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  }
  const LIST = `query ($openOnly: Boolean, $after: String) {
    overpayments(filter: { openOnly: $openOnly }, first: 20, after: $after) {
      nodes { id remaining dueUnpaidAmount } pageInfo { hasNextPage endCursor } } }`;

  it.each([true, false])('has every one with something left, or all of them: %s', async (openOnly) => {
    const seen: string[] = [];
    for (let after: string | null = null; ;) {
      const { overpayments } = (await reader.data(LIST, officer, { openOnly, after })) as {
        overpayments: Page;
      };
      seen.push(...overpayments.nodes.map(({ id }) => id));
      after = overpayments.pageInfo.endCursor;
      if (!overpayments.pageInfo.hasNextPage) break;
    }
    const rows = await db.owner.run(
      'test.open',
      ({ raw }) => raw<{ id: string }[]>`
      select p.id::text from records.overpayment p
      where not ${openOnly} or (p.amount > 0 and (select b.remaining from records.overpayment_rebuilt b
        where b.overpayment_id = p.id) > 0)
      order by p.id desc`,
    );
    expect(seen).toEqual(rows.map(({ id }) => id));
    expect(seen.length).toBeGreaterThan(20);
  });

  it('reads the open ones by their index, and works nothing out again', async () => {
    const plans = await reader.explain(LIST, officer, { openOnly: true });
    expect(plans.custom).toContain('overpayment_balance_open');
    expect(plans.custom).toContain('levy_balance_unsettled');
    for (const plan of [plans.custom, plans.generic]) {
      expect(plan).not.toMatch(/Seq Scan on (levy_line|levy_balance)\b/u);
      expect(plan).not.toMatch(/on (receipt|refund|refund_decision|offset_entry)\b/u);
    }
  });
});
