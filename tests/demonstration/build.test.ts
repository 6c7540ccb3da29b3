import { beforeAll, describe, expect, it } from 'vitest';
import { verifyLedger } from '../../src/collection/ledger/ledger.verify.js';
import { buildDemonstration, type DemonstrationSummary } from '../../src/demonstration/build.js';
import { TABLE_NAMES } from '../../src/demonstration/tables.js';
import { plainDate } from '../../src/kernel/dates.js';
import type { Session } from '../../src/kernel/database/database.js';
import { testDatabase } from '../support/database.js';

const TODAY = plainDate('2026-11-01');
const PEOPLE = 2_500;
const db = await testDatabase();
let summary: DemonstrationSummary;

beforeAll(async () => {
  summary = await buildDemonstration(db.owner, { people: PEOPLE, seed: 1, referenceDate: TODAY });
});

/** One value of a statement without outside values. */
async function one<T>(session: Session, statement: string): Promise<T> {
  const [row] = await session.run('test', ({ raw }) =>
    raw.unsafe<{ value: T }[]>(`select (${statement}) as value`),
  );
  if (row === undefined) throw new Error('no row');
  return row.value;
}

const count = (from: string) => one<number>(db.owner, `select count(*)::int from ${from}`);
const words = (column: string, from: string) =>
  one<string[]>(db.owner, `select array_agg(distinct ${column} order by ${column}) from records.${from}`);

/** Over every column of every row of every table, the balances too. */
async function digest(session: Session): Promise<string> {
  const digests: string[] = [];
  for (const table of [...TABLE_NAMES, 'levy_balance', 'municipality']) {
    digests.push(
      await one<string>(
        session,
        `select coalesce(md5(string_agg(md5(t::text), '' order by t::text)), '') from records.${table} as t`,
      ),
    );
  }
  return digests.join();
}

describe('the demonstration municipality', () => {
  it('is the same for the same seed, row by row, and another for another seed', async () => {
    const [again, other, first] = [await testDatabase(), await testDatabase(), await testDatabase()];
    await buildDemonstration(first.owner, { people: 150, seed: 3, referenceDate: TODAY });
    await buildDemonstration(again.owner, { people: 150, seed: 3, referenceDate: TODAY });
    await buildDemonstration(other.owner, { people: 150, seed: 4, referenceDate: TODAY });
    expect(await digest(again.owner)).toBe(await digest(first.owner));
    expect(await digest(other.owner)).not.toBe(await digest(first.owner));
  });

  it('says how many rows each table was given', async () => {
    for (const table of TABLE_NAMES)
      expect([table, await count(`records.${table}`)]).toEqual([table, summary[table]]);
    expect(TABLE_NAMES.filter((table) => summary[table] === 0)).toEqual([]);
  });

  it('has as many residents as were asked for', async () => {
    expect(await count(`records.addressee where household_no is not null`)).toBe(PEOPLE);
  });

  it('balances: the ledger check finds no difference', async () => {
    expect(await verifyLedger(db.owner)).toMatchObject({ sound: true });
  });

  it('keeps every foreign key, index and trigger of a fresh database', async () => {
    const fresh = await testDatabase();
    const catalog = `select md5(string_agg(line, ' ' order by line)) from (
      select concat(conrelid::regclass, conname, pg_get_constraintdef(oid)) as line
      from pg_constraint where connamespace = 'records'::regnamespace
      union all select indexdef from pg_indexes where schemaname = 'records'
      union all select concat(pg_get_triggerdef(oid), tgenabled) from pg_trigger where not tgisinternal) as lines`;
    await buildDemonstration(fresh.owner, { people: 60, seed: 1, referenceDate: TODAY, isBulk: true });
    expect(await one(fresh.owner, catalog)).toBe(await one(db.owner, catalog));
    expect(await verifyLedger(fresh.owner)).toMatchObject({ sound: true });
  });

  it('gives numbers from which the ledger goes on', async () => {
    for (const table of ['change', 'levy_line', 'receipt', 'allocation', 'refund']) {
      const next = await one<bigint>(db.owner, `nextval(pg_get_serial_sequence('records.${table}', 'id'))`);
      expect(next).toBeGreaterThan(await one<bigint>(db.owner, `select max(id) from records.${table}`));
    }
  });

  it('refuses a database that has records, and changes nothing', async () => {
    const before = await count('records.change');
    const again = buildDemonstration(db.owner, { people: 60, seed: 1, referenceDate: TODAY });
    await expect(again).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await count('records.change')).toBe(before);
  });

  it.each([
    ['too few people', { people: 5, seed: 1, referenceDate: TODAY }],
    ['half a person', { people: 100.5, seed: 1, referenceDate: TODAY }],
    ['a negative seed', { people: 100, seed: -1, referenceDate: TODAY }],
    [
      'a day whose holidays are not registered',
      { people: 100, seed: 1, referenceDate: plainDate('2031-05-01') },
    ],
  ])('refuses %s and leaves nothing behind', async (_, options) => {
    const fresh = await testDatabase();
    await expect(buildDemonstration(fresh.owner, options)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    expect(await one(fresh.owner, 'select count(*)::int from records.municipality')).toBe(0);
  });
});

describe('the ledger of the demonstration', () => {
  it('has every tax item, the premium apart from the tax', async () => {
    const items = await one<string[]>(db.owner, 'select array_agg(code order by code) from records.tax_item');
    expect(await words('tax_item', 'levy_line')).toEqual(items);
    expect(
      await count(`records.levy_line l join records.tax_item t on t.code = l.tax_item
      where (t.identifier = 'nhiPremium') <> (l.levy_fiscal_year = 2023) and t.identifier like 'nhi%'`),
    ).toBe(0);
  });

  it('shows four fiscal years and nothing that happens after today', async () => {
    expect(
      await one(
        db.owner,
        'select array_agg(distinct levy_fiscal_year order by levy_fiscal_year)::int[] from records.levy_line',
      ),
    ).toEqual([2023, 2024, 2025, 2026]);
    expect(
      await count(`records.receipt where greatest(paid_on, received_on, booked_on) > '2026-11-01'`),
    ).toBe(0);
    expect(await count(`records.change where at >= '2026-11-02 00:00+09'`)).toBe(0);
  });

  it('has due dates on open days only, never before the nominal date', async () => {
    expect(
      await count(`records.levy_line where due_on < nominal_due_on or extract(isodow from due_on) in (6, 7)
      or due_on in (select on_day from records.holiday)
      or to_char(due_on, 'MMDD') in ('1229', '1230', '1231', '0101', '0102', '0103')`),
    ).toBe(0);
    expect(await count(`records.levy_line where due_on > nominal_due_on`)).toBeGreaterThan(100);
  });

  it('names no line twice, by notice and payment number', async () => {
    expect(
      await count(
        `(select from records.levy_line where payment_no <> '' group by payment_no having count(*) > 1) as twice`,
      ),
    ).toBe(0);
    expect(
      await count(
        `(select from records.levy_line group by notice_no having count(distinct addressee_no) > 1) as shared`,
      ),
    ).toBe(0);
  });

  it('has every way of paying and of not paying', async () => {
    expect(await words('source', 'receipt')).toEqual([
      'convenience',
      'counter',
      'directDebit',
      'disposition',
      'elqr',
      'manual',
      'receiptMpn',
      'receiptPayroll',
      'receiptPlain',
    ]);
    expect(await words('match_rule', 'receipt')).toEqual([
      'levyKey',
      'none',
      'noticeNo',
      'paymentNo',
      'payrollKey',
      'person',
    ]);
    expect(await words('cause', 'overpayment')).toEqual([
      'doublePayment',
      'excess',
      'mistakenSlip',
      'overassessed',
    ]);
    expect(await words('reason', 'unidentified_entry')).toEqual([
      'ambiguous',
      'assigned',
      'keyMismatch',
      'noMatch',
    ]);
    expect(await words('component', 'allocation')).toEqual(['lateCharge', 'reminderFee', 'tax']);
    expect(await count('records.receipt where reverses_id is not null')).toBeGreaterThan(0);
    expect(
      await count(`records.levy_balance b join records.levy_line l on l.id = b.levy_id
      where tax_outstanding > 0 and tax_outstanding < levied and due_on < '2026-10-01'`),
    ).toBeGreaterThan(0);
  });

  it('has refunds in every state, decided by another person than the one who proposed', async () => {
    expect(await words('outcome', 'refund_decision')).toEqual(['approved', 'rejected']);
    expect(
      await count(
        'records.refund r left join records.refund_decision d on d.refund_id = r.id where d.refund_id is null',
      ),
    ).toBeGreaterThan(0);
    expect(
      await count(`records.refund_decision d left join records.refund_payment p using (refund_id)
      where d.outcome = 'approved' and p.refund_id is null`),
    ).toBeGreaterThan(0);
    expect(
      await count(
        'records.refund r join records.refund_decision d on d.refund_id = r.id where decided_by = proposed_by',
      ),
    ).toBe(0);
  });

  it('has promises kept, running, broken and cancelled, whose payments count', async () => {
    const states = await one<string[]>(
      db.owner,
      `select array_agg(distinct records.promise_state(id, '2026-11-01') order by
        records.promise_state(id, '2026-11-01')) from records.instalment_promise`,
    );
    expect(states).toEqual(['broken', 'cancelled', 'kept', 'running']);
    expect(await words('form', 'instalment_promise')).toEqual(['oral', 'written']);
    expect(
      await count(`records.instalment_promise where records.promise_paid(id, '2026-11-01') > 0`),
    ).toBeGreaterThan(0);
    expect(
      await count(`records.promise_claim c join records.instalment_promise p on p.id = c.promise_id
      join records.levy_line l on l.id = c.levy_id
      where l.addressee_no <> p.addressee_no or l.due_on >= p.promised_on`),
    ).toBe(0);
  });

  it('has all of forced collection, never before ten days have passed since the reminder', async () => {
    expect(await words('kind', 'disposition_end')).toContain('completed');
    expect(await words('cause', 'write_off')).toEqual(['immediate', 'limitation', 'stayThreeYears']);
    expect(await words('ground', 'execution_stay')).toEqual([
      'livingInDistress',
      'noProperty',
      'whereaboutsUnknown',
    ]);
    expect(
      await count(`records.disposition d join records.disposition_claim c on c.disposition_id = d.id
      left join records.reminder r on r.levy_id = c.levy_id where r.sent_on is null or d.executed_on < r.sent_on + 11`),
    ).toBe(0);
    expect(
      await count(`records.write_off w join records.levy_line l on l.id = w.levy_id
      where w.cause = 'limitation' and l.tax_item <> '050'`),
    ).toBe(0);
  });

  it('writes off what another person approved, and keeps proposals in every state', async () => {
    expect(await words('outcome', 'write_off_decision')).toEqual(['approved', 'rejected']);
    expect(
      await count(`records.write_off_proposal p
      where not exists (select from records.write_off_decision d where d.proposal_id = p.id)`),
    ).toBeGreaterThan(0);
    expect(
      await count(`records.write_off w left join records.write_off_claim c on c.proposal_id = w.proposal_id
      and c.levy_id = w.levy_id and c.component = w.component and c.amount = w.amount
      where c.levy_id is null or c.extinguished_on > w.written_off_on`),
    ).toBe(0);
    expect(
      await count(`records.write_off_claim c join records.write_off_proposal p on p.id = c.proposal_id
      where (c.stay_id is null) <> (p.cause = 'limitation')`),
    ).toBe(0);
  });

  it('reminds within twenty days and one open day, once, and only what was unpaid', async () => {
    expect(
      await count(
        `records.reminder r join records.levy_line l on l.id = r.levy_id
          where r.sent_on - l.due_on not between 11 and 20`,
      ),
    ).toBe(0);
  });
});

describe('the people of the demonstration', () => {
  it('have all kinds of addressee', async () => {
    expect(await words('kind', 'addressee')).toEqual([
      'association',
      'company',
      'joint',
      'person',
      'publicBody',
    ]);
  });

  it('have names that narrow systems lose: surrogate pairs, variation sequences, plane 15', async () => {
    for (const characters of ['\u{20BB7}', '\u{E0104}', '\u{F0001}', '髙', '﨑']) {
      expect([characters, await count(`records.addressee where name like '%${characters}%'`)]).not.toEqual([
        characters,
        0,
      ]);
    }
    expect(await count('records.addressee where alias is not null')).toBeGreaterThan(0);
    expect(await count('records.addressee where former_surname is not null')).toBeGreaterThan(0);
  });

  it('have a unified number, no vault reference, and no individual number anywhere', async () => {
    expect(await count('records.addressee where unified_addressee_no is null or vault_ref is not null')).toBe(
      0,
    );
    for (const table of TABLE_NAMES) {
      expect([
        table,
        await count(`records.${table} as t where t::text ~ '(^|[^0-9-])[0-9]{12}([^0-9]|$)'`),
      ]).toEqual([table, 0]);
    }
  });

  it('own in common in shares that make a whole', async () => {
    expect(
      await count(`(select joint_no from records.co_owner group by joint_no
      having sum(share_numerator::numeric / share_denominator) <> 1 or count(*) < 2
        or count(*) filter (where representative) <> 1) as broken`),
    ).toBe(0);
  });

  it('are protected in every relation, each with staff named', async () => {
    const relations = {
      debtor: 'select addressee_no from records.levy_balance where tax_outstanding > 0',
      coOwner: 'select member_no from records.co_owner',
      heir: `select manager_no from records.tax_manager where kind = 'heirRepresentative'`,
      taxManager: `select manager_no from records.tax_manager where kind = 'taxManager'`,
      householder: 'select householder_no from records.household',
      householdMember: `select addressee_no from records.addressee where relationship <> '世帯主'`,
    };
    for (const [relation, people] of Object.entries(relations)) {
      const reached = await count(`records.protection_reach r where addressee_no in (${people})
        and '2026-11-01' between valid_from and valid_to
        and exists (select from records.protection_staff s where s.protection_id = r.protection_id
          and '2026-11-01' between s.valid_from and s.valid_to)`);
      expect([relation, reached]).not.toEqual([relation, 0]);
    }
  });
});
