import { beforeAll, describe, expect, it } from 'vitest';
import { ADDRESSEE_FILTER_RULES } from '../../../src/collection/addressee/search.graphql.js';
import { COLLECTION_RESOLVERS } from '../../../src/collection/collection.graphql.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';
import { askerOf, Reader } from '../../support/read.js';
import { buildWorld, type World } from '../world.js';
import { schemaOf } from '../../support/schema.js';

let db: TestDatabase;
let world: World;
let reader: Reader;
const schema = schemaOf(COLLECTION_RESOLVERS);

beforeAll(async () => {
  db = await testDatabase();
  world = await buildWorld(db);
  reader = new Reader(schema, db.gateway);
});

const clerk = askerOf('collectionClerk');
const named = askerOf('delinquencyOfficer');
const DOCUMENT = `query ($filter: AddresseeFilter!, $first: Int, $after: String) {
    addressees(filter: $filter, first: $first, after: $after) { nodes { addresseeNo } pageInfo { endCursor
      hasNextPage } } }`;

interface Page {
  nodes: { addresseeNo: string }[];
  pageInfo: { endCursor: string; hasNextPage: boolean };
}

async function page(variables: Record<string, unknown>, asker = clerk): Promise<Page> {
  return (await reader.data(DOCUMENT, asker, variables))['addressees'] as Page;
}

async function find(filter: Record<string, string>, asker = clerk): Promise<string[]> {
  return (await page({ filter }, asker)).nodes.map(({ addresseeNo }) => addresseeNo);
}

describe('the search for addressees (handbook 06 §3)', () => {
  it('refuses a search without a condition', async () => {
    await expect(find({})).rejects.toMatchObject({ code: 'BAD_INPUT', facts: { field: 'filter' } });
  });

  it('refuses a text of which folding leaves nothing', async () => {
    await expect(find({ kana: '　ー' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(find({ phone: '市外局番' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('finds by the beginning of the kana whatever its form', async () => {
    for (const kana of ['タカハシ　イチロウ', 'ﾀｶﾊｼｲﾁ', 'たかはし いちろう'])
      expect(await find({ kana }), kana).toContain(world.head);
    expect(await find({ kana: 'ハシ' })).toEqual([]);
  });

  it('finds by the beginning of the name whatever the variant of its characters', async () => {
    expect(await find({ name: '高橋一郎' })).toEqual([world.head, world.joint]);
    expect(await find({ name: '髙橋　二' })).toEqual([world.child]);
  });

  it('treats wildcards as the characters they are', async () => {
    expect(await find({ name: '%' })).toEqual([]);
    expect(await find({ name: '_橋' })).toEqual([]);
  });

  it('finds by number, notice, corporate and payroll agent number', async () => {
    expect(await find({ addresseeNo: world.child })).toEqual([world.child]);
    expect(await find({ noticeNo: 'N-OVERDUE' })).toEqual([world.head]);
    expect(await find({ corporateNo: '9999999999999' })).toEqual([world.company]);
    expect(await find({ payrollAgentNo: '0012345' })).toEqual([world.company]);
  });

  it('asks that all conditions hold', async () => {
    expect(await find({ name: '髙橋', birthDate: '2001-01-31' })).toEqual([world.child]);
    expect(await find({ name: '蔵守', birthDate: '2001-01-31' })).toEqual([]);
  });

  it('finds by address and telephone in any writing', async () => {
    expect(await find({ address: '蔵守市東町１－２－３', name: '髙橋一郎' })).toEqual([
      world.head,
      world.joint,
    ]);
    expect(await find({ phone: '0999(12)3456' })).toEqual([world.head]);
  });

  it.each([
    ['address', '蔵守市西町9-9-9'],
    ['phone', '0999-98-7654'],
    ['birthDate', '1972-02-02'],
  ])('does not find a protected person by %s, except for the staff named', async (field, value) => {
    expect(await find({ [field]: value })).toEqual([]);
    expect(await find({ [field]: value, name: '髙橋花子' })).toEqual([]);
    expect(await find({ [field]: value }, named)).toEqual([world.hidden]);
  });

  it('names for every condition the function that reading the attribute asks for', () => {
    const input = schema.getType('AddresseeFilter') as { getFields?: () => object } | undefined;
    expect(Object.keys(ADDRESSEE_FILTER_RULES).toSorted()).toEqual(
      Object.keys(input?.getFields?.() ?? {}).toSorted(),
    );
    for (const [field, needed] of Object.entries(ADDRESSEE_FILTER_RULES)) {
      const spec = (
        schema.getType('Addressee') as {
          getFields?: () => Record<string, { extensions: { kuramori?: { rule?: { needs: string } } } }>;
        }
      ).getFields?.()[field]?.extensions.kuramori;
      expect(spec?.rule?.needs ?? 'ledger:read', field).toBe(needed);
    }
  });
});

describe('the search on a register of 20,000', () => {
  beforeAll(async () => {
    await db.owner.run(
      'seed.many',
      ({ raw }) => raw`
      insert into records.addressee (addressee_no, kind, branch_code, name, kana, residence, address,
        phone, birth_date,
        name_folded, kana_folded, address_folded, corporate_no, payroll_agent_no)
      select 'B' || lpad(i::text, 8, '0'), 'person', '00', n, k, 'resident', a, '0998-' || lpad(i::text, 6, '0'),
        date '1930-01-01' + (i % 30000), n, k, a,
        case when i % 20 = 0 then '8' || lpad(i::text, 12, '0') end, case when i % 40 = 0 then 'P' || i end
      from (select i, '姓' || (i % 5000) || '名' || i as n, 'カナ' || (i % 5000) || 'ナ' || i as k,
        '蔵守市' || (i % 300) || '町' || i as a from generate_series(1, 20000) as i) as s`,
    );
    await db.owner.run(
      'seed.levies',
      ({ raw }) => raw`
      insert into records.levy_line (municipality_code, assessment_year, tax_year, levy_fiscal_year,
        notice_no, tax_item,
        instalment_no, addressee_no, tax_amount, nominal_due_on, due_on, statutory_due_on, priority_on,
          decided_on, notified_on, change_id)
      select '999999', 2025, 2025, 2025, 'M' || i, '001', 1, 'B' || lpad(i::text, 8, '0'), 1000,
        '2025-06-30', '2025-06-30', '2025-06-30',
        '2025-06-30', '2025-06-01', '2025-06-01', (select min(id) from records.change) from
          generate_series(1, 20000) as i`,
    );
    for (const table of ['addressee', 'levy_line', 'levy_balance', 'protection_reach']) {
      await db.owner.run('seed.analyze', ({ raw }) => raw.unsafe(`analyze records.${table}`));
    }
  });

  it.each([
    ['addresseeNo', 'B00000777', 'addressee_pkey'],
    ['kana', 'カナ77ナ', 'addressee_kana'],
    ['name', '姓77名', 'addressee_name'],
    ['address', '蔵守市77町', 'addressee_address'],
    ['birthDate', '1932-02-08', 'addressee_birth'],
    ['phone', '0998-000777', 'addressee_phone'],
    ['noticeNo', 'M777', 'levy_line_key'],
    ['corporateNo', '8000000000780', 'addressee_corporate'],
    ['payrollAgentNo', 'P800', 'addressee_payroll'],
  ])(
    'by %s reads an index, whether or not the value is known when it is planned',
    async (field, value, index) => {
      expect(await find({ [field]: value })).not.toEqual([]);
      const plans = await reader.explain(DOCUMENT, clerk, { filter: { [field]: value } });
      for (const plan of [plans.custom, plans.generic]) {
        expect(plan).toContain(index);
        expect(plan).not.toMatch(/Seq Scan on (addressee|levy_line)\b/u);
      }
    },
  );

  it("reads one person's lines for one person's ledger", async () => {
    const document =
      'query ($no: String!) { addressee(addresseeNo: $no) { ledger { fiscalYear outstanding overdue } } }';
    const plans = await reader.explain(document, clerk, { no: 'B00000777' });
    for (const plan of [plans.custom, plans.generic])
      expect(plan).not.toMatch(/Seq Scan on (levy_line|levy_balance)\b/u);
  });

  it('pages through all hits once, in the order of kana', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < 20; pages++) {
      const { nodes, pageInfo }: Page = await page({ filter: { name: '姓7' }, first: 100, after });
      seen.push(...nodes.map(({ addresseeNo }) => addresseeNo));
      after = pageInfo.endCursor;
      if (!pageInfo.hasNextPage) break;
    }
    const [expected] = await db.owner.run(
      'tests.hits',
      ({ raw }) => raw<{ found: string[] }[]>`
      select array_agg(addressee_no order by kana_folded, addressee_no) as found from records.addressee
        where name_folded ~ '^姓7'`,
    );
    expect(expected?.found.length).toBeGreaterThan(400);
    expect(seen).toEqual(expected?.found);
  });
});
