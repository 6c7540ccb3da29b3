import { beforeAll, describe, expect, test } from 'vitest';
import { COLLECTION_RESOLVERS } from '../../../src/collection/collection.graphql.js';
import { verifyLedger } from '../../../src/collection/ledger/ledger.verify.js';
import { withoutTriggers } from '../../schema/entries.js';
import { testDatabase } from '../../support/database.js';
import { askerOf, Reader } from '../../support/read.js';
import { Records } from '../../support/records.js';
import { schemaOf } from '../../support/schema.js';

const REFUNDS = 20_000;
/** One in two thousand waits for its decision, was rejected, or for its payment; all others were paid. */
const RARE = ['PROPOSED', 'REJECTED', 'APPROVED'];
const db = await testDatabase();
const reader = new Reader(schemaOf(COLLECTION_RESOLVERS), db.gateway);
const officer = askerOf('refundOfficer');
const LIST = `query($filter: RefundFilter, $after: String) {
  refunds(first: 20, after: $after, filter: $filter) { nodes { id state } }
}`;

beforeAll(async () => {
  const records = new Records(db.owner);
  const addresseeNo = await records.addressee();
  const levyId = await records.levy(addresseeNo);
  const { overpaymentId } = await records.receipt({ levyId, overpaid: BigInt(REFUNDS), addresseeNo });
  const [overpayment, change] = [String(overpaymentId), String(await records.changeId())];
  const seed = (name: string, statement: string) =>
    db.owner.run(`seed.${name}`, ({ raw }) => raw.unsafe(statement));
  await seed(
    'refunds',
    `insert into records.refund (overpayment_id, addressee_no, amount, proposed_by, proposed_on, reason, change_id)
    select ${overpayment}, '${addresseeNo}', 1, 'S0001', '2026-05-02', '過納', ${change}
    from generate_series(1, ${REFUNDS})`,
  );
  await seed(
    'order',
    `create table public.nth as select id, row_number() over (order by id) as n from records.refund`,
  );
  await seed(
    'decisions',
    `insert into records.refund_decision (refund_id, outcome, decided_by, decided_on, reason, change_id)
    select id, case when n % 2000 = 2 then 'rejected' else 'approved' end, 'S0002', '2026-05-03', '確認済', ${change}
    from public.nth where n % 2000 <> 1`,
  );
  await seed(
    'payments',
    `insert into records.refund_payment (refund_id, paid_on, change_id)
    select id, '2026-05-10', ${change} from public.nth where n % 2000 not in (1, 2, 3)`,
  );
  await seed('analyze', 'analyze records.refund, records.refund_standing');
});

describe('the list of refunds', () => {
  test.each([...RARE, 'PAID'])('%s reads no more than it shows, known or not', async (state) => {
    const variables = { filter: { state } };
    const { refunds } = await reader.data(LIST, officer, variables);
    const { nodes } = refunds as { nodes: { id: string; state: string }[] };
    expect(nodes).toHaveLength(state === 'PAID' ? 20 : REFUNDS / 2_000);
    expect(new Set(nodes.map((node) => node.state))).toEqual(new Set([state]));
    const ids = nodes.map(({ id }) => Number(id));
    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
    const plans = await reader.explain(LIST, officer, variables);
    for (const plan of [plans.custom, plans.generic]) {
      expect(plan).not.toMatch(/Seq Scan on refund/u);
      expect(plan).not.toMatch(/on refund_(decision|payment)\b/u);
    }
    expect(plans.generic).toContain('refund_standing_state');
    if (state !== 'PAID') expect(plans.custom).toContain('refund_standing_state');
  });
});

describe('where a refund stands', () => {
  test.each([
    "update records.refund_standing set state = 'paid'",
    'delete from records.refund_standing',
    "insert into records.refund_standing values (-1, 'paid')",
    'truncate records.refund_standing',
  ])('is written by nobody else: %s', async (statement) => {
    const refused = async (database: typeof db.owner) =>
      database.run('test.direct', ({ raw }) => raw.unsafe(statement)).catch((error: unknown) => error);
    expect(await refused(db.owner)).toMatchObject({ facts: { sqlstate: '23001' } });
    expect(await refused(db.gateway)).toMatchObject({ facts: { sqlstate: '42501' } });
  });

  test('is compared by the check of the ledger', async () => {
    expect((await verifyLedger(db.gateway)).overpayments.count).toBe(0n);
    await db.owner.transaction('test.broken', (tx) =>
      withoutTriggers(tx, 'refund_standing', () =>
        tx.run(
          'test.broken',
          ({ raw }) => raw`
          update records.refund_standing set state = 'proposed'
          where refund_id = (select max(refund_id) from records.refund_standing)`,
        ),
      ),
    );
    expect((await verifyLedger(db.gateway)).overpayments.count).toBe(1n);
  });
});
