import { sql, type SQL } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { addressees, levyLines, overpayments } from '../../../schema/records/index.js';
import { COLLECTION_RESOLVERS } from '../../../src/collection/collection.graphql.js';
import { unsettled } from '../../../src/collection/levy/levies.graphql.js';
import { outstandingOf, overdueOf, owedBy } from '../../../src/collection/levy/outstanding.graphql.js';
import { extinctionOf } from '../../../src/collection/limitation/limitation.js';
import { readLimitations } from '../../../src/collection/limitation/limitation.store.js';
import { dueUnpaidOf } from '../../../src/collection/refund/dueUnpaid.js';
import { demonstrationDatabase } from '../../support/demonstration.js';
import { askerOf, Reader, TODAY } from '../../support/read.js';
import { schemaOf } from '../../support/schema.js';

const db = await demonstrationDatabase(2_000, 1);
const reader = new Reader(schemaOf(COLLECTION_RESOLVERS), db.gateway);
const officer = askerOf('delinquencyOfficer');

beforeAll(async () => {
  await db.owner.run('test.odd', ({ raw }) => raw.unsafe(ODD_LINES));
  await db.owner.run('test.analyze', ({ raw }) => raw`analyze`);
});

/**
 * What a demonstration has too few of, on the lines of a few people each: a levy cancelled after its payment with a
 * charge left to pay, one reduced below what was paid, a paid line that got a charge, a written-off charge.
 */
const ODD_LINES = `
  create temporary table odd as
    select b.*, dense_rank() over (order by b.addressee_no) as person from records.levy_balance b
    where b.addressee_no in (select addressee_no from records.levy_balance group by 1 having bool_and(settled)
      order by 1 limit 60) or not b.settled;
  create temporary table odd_change as
    with c as (insert into records.change (actor_id, purpose, request_id, action)
      values ('S1', 'COLLECTION', gen_random_uuid(), 'test') returning id) select id from c;
  insert into records.levy_adjustment (levy_id, tax_delta, reason, decided_on, notified_on, change_id)
    select levy_id, case when person % 2 = 0 then -levied else -least(levied, 100) end, '取消', '2026-10-01',
      '2026-10-01', c.id from odd, odd_change c where person % 3 = 0;
  insert into records.levy_charge (levy_id, component, amount, decided_on, reason, change_id)
    select levy_id, (array['lateCharge', 'reminderFee', 'penalty', 'dispositionCost'])[1 + person % 4], 100 + person,
      '2026-10-01', '延滞金', c.id from odd, odd_change c where person % 5 < 2;
  insert into records.write_off (levy_id, component, amount, cause, written_off_on, change_id)
    select levy_id, 'lateCharge', late_charge_outstanding, 'immediate', '2026-10-02', c.id
    from records.levy_balance, odd_change c where late_charge_outstanding > 0 and levy_id % 7 = 0;`;

/** As it was read before: all lines of a person. */
const allLinesOwe = (condition: SQL) => sql`(
  select coalesce(sum(${outstandingOf(sql`b`)}), 0)::bigint
  from records.levy_line l join records.levy_balance b on b.levy_id = l.id
  where l.addressee_no = ${addressees.addresseeNo} and ${condition})::text`;

/** Reads with the expressions of the fields; `execute` leaves every column its table. */
async function read(statement: SQL): Promise<Record<string, unknown>[]> {
  return [...(await db.owner.run('test.read', ({ orm }) => orm.execute(statement)))];
}

const count = async (from: string) => {
  const [row] = await db.owner.run('test.count', ({ raw }) =>
    raw.unsafe<[{ n: number }]>(`select count(*)::int as n from ${from}`),
  );
  return row?.n ?? 0;
};

describe('what a person owes is read from the open lines alone', () => {
  it('meets every kind of line', async () => {
    const open = 'records.levy_balance where not settled and';
    expect(await count(`${open} tax_outstanding = 0`)).toBeGreaterThan(20);
    expect(await count(`${open} tax_outstanding < 0`)).toBeGreaterThan(5);
    expect(await count('records.levy_balance where settled and tax_outstanding < 0')).toBeGreaterThan(5);
    expect(await count('records.levy_balance where settled')).toBeGreaterThan(10_000);
    expect(await count('records.receipt where reverses_id is not null')).toBeGreaterThan(0);
    expect(
      await count(`(select addressee_no from records.levy_balance group by 1
      having sum(greatest(tax_outstanding, 0)) = 0 and not bool_and(settled)) as onlyCharges`),
    ).toBeGreaterThan(5);
  });

  it.each(['2024-06-01', '2026-05-31', TODAY, '2027-12-31'])(
    'and is the same as over all lines for everybody on %s',
    async (today) => {
      const day = sql`${today}::date`;
      const rows = await read(sql`
        select ${owedBy(addressees.addresseeNo)}::text as owed, ${allLinesOwe(sql`true`)} as before,
          ${overdueOf(addressees.addresseeNo, day)}::text as overdue,
          ${allLinesOwe(sql`l.due_on < ${day}`)} as "overdueBefore"
        from ${addressees}`);
      expect(rows.length).toBeGreaterThanOrEqual(2_000);
      expect(
        rows.filter((row) => row['owed'] !== row['before'] || row['overdue'] !== row['overdueBefore']),
      ).toEqual([]);
      expect(rows.filter((row) => row['owed'] !== '0').length).toBeGreaterThan(100);
    },
  );

  it('so are the open lines themselves, and what is due before a refund', async () => {
    const lines = await read(sql`
      select from ${levyLines} where ${unsettled(levyLines)} is distinct from not (
        select settled from records.levy_balance b where b.levy_id = ${levyLines.id})`);
    expect(lines).toEqual([]);
    const day = sql`${TODAY}::date`;
    const { addresseeNo, levyId } = overpayments;
    const gone = await extinguished();
    expect(gone).not.toBe('{}');
    const found = await read(sql`
      select ${dueUnpaidOf(sql`${addresseeNo}`, sql`${levyId}`, day)}::text as due, (
        select coalesce(sum(${outstandingOf(sql`b`)}), 0)::bigint
        from records.levy_line l join records.levy_balance b on b.levy_id = l.id
          join records.tax_item i on i.code = l.tax_item
        where l.addressee_no = ${addresseeNo} and l.due_on < ${day} and l.id <> all (${gone}::text::bigint[])
          and i.legal_family = coalesce(
          (select oi.legal_family from records.levy_line ol join records.tax_item oi on oi.code = ol.tax_item
           where ol.id = ${levyId}), 'tax'))::text as before
      from ${overpayments}`);
    expect(found.filter(({ due, before }) => due !== before)).toEqual([]);
    expect(found.filter(({ due }) => due !== '0').length).toBeGreaterThan(0);
  });
});

/** Open lines that limitation has ended, as the rule in our own words has it; in the form of an array. */
async function extinguished(): Promise<string> {
  const open = await read(sql`select levy_id from records.levy_balance where not settled`);
  const ids = open.map(({ levy_id: id }) => BigInt(id as string));
  const limitations = await readLimitations(db.gateway, ids);
  const gone = ids.filter((id) => {
    const day = extinctionOf(limitations.get(id)!);
    return day !== null && day <= TODAY;
  });
  return `{${gone.join()}}`;
}

describe('open lines are found by their index', () => {
  const CASES = `query ($officer: String!) { delinquencyCases(filter: { officerId: $officer, openOnly: true }) {
    nodes { id overdue outstanding } } }`;
  const LINES = `query ($no: String!) { delinquencyCases(filter: { addresseeNo: $no }) {
    nodes { id openLevies { nodes { id outstanding overdue } } } } }`;

  it.each([
    [CASES, { officer: 'D1201' }],
    [LINES, { no: '0000000001' }],
  ])('whether or not the values are known when it is planned', async (document, variables) => {
    const plans = await reader.explain(document, officer, variables);
    for (const plan of [plans.custom, plans.generic]) {
      expect(plan).toContain('levy_balance_unsettled');
      expect(plan).not.toMatch(/Seq Scan on (levy_line|levy_balance)\b/u);
    }
  });
});
