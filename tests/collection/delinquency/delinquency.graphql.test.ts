import { beforeAll, describe, expect, it } from 'vitest';
import { COLLECTION_RESOLVERS } from '../../../src/collection/collection.graphql.js';
import { ContactChanges } from '../../../src/collection/delinquency/contact.change.graphql.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';
import { askerOf, makeChange, Reader } from '../../support/read.js';
import { buildWorld, type World } from '../world.js';
import { schemaOf } from '../../support/schema.js';

let db: TestDatabase;
let world: World;
let reader: Reader;
const officer = askerOf('delinquencyOfficer');
const changes = new ContactChanges();

beforeAll(async () => {
  db = await testDatabase();
  world = await buildWorld(db);
  reader = new Reader(schemaOf(COLLECTION_RESOLVERS), db.gateway);
});

function record(change: object, asker = officer) {
  const input = {
    idempotencyKey: 'key-00000001',
    caseNo: world.open.caseNo,
    contactedAt: '2026-11-02T09:00:00+09:00',
    method: 'visit' as const,
    counterpart: '同居の長男',
    summary: '不在。差置文書を投函。',
    nextActionOn: '2026-11-16',
    ...change,
  };
  return makeChange(db.gateway, asker, (context) => changes.recordContact(input, context));
}

describe('the file of a delinquent person', () => {
  it('shows state, officer, what is owed and what is due', async () => {
    const { delinquencyCase } = await reader.data(
      `{ delinquencyCase(caseNo: "${world.open.caseNo}") { state officerId overdue outstanding addressee { name }
        openLevies { nodes { noticeNo outstanding } } dispositions { nodes { claimCount claimedAmount
          claims { amount levyLine { noticeNo } } } }
        executionStays { nodes { ground cancelledOn } } } }`,
      officer,
    );
    expect(delinquencyCase).toEqual({
      state: 'OPEN',
      officerId: 'staff-delinquencyOfficer',
      overdue: 15_100,
      outstanding: 45_100,
      addressee: { name: '髙橋　一郎' },
      openLevies: {
        nodes: [
          { noticeNo: 'N-OVERDUE', outstanding: 15_100 },
          { noticeNo: 'N-FUTURE', outstanding: 30_000 },
        ],
      },
      dispositions: {
        nodes: [
          {
            claimCount: 1,
            claimedAmount: 15_100,
            claims: [{ amount: 15_100, levyLine: { noticeNo: 'N-OVERDUE' } }],
          },
        ],
      },
      executionStays: { nodes: [{ ground: 'NO_PROPERTY', cancelledOn: '2026-10-30' }] },
    });
  });

  it('is listed by officer, person and state', async () => {
    const list = async (filter: string) => {
      const { delinquencyCases } = await reader.data(
        `{ delinquencyCases(filter: { ${filter} }) { nodes { caseNo } } }`,
        officer,
      );
      return (delinquencyCases as { nodes: { caseNo: string }[] }).nodes.map(({ caseNo }) => caseNo);
    };
    expect(await list('officerId: "staff-other"')).toEqual([world.closed.caseNo]);
    expect(await list('officerId: "staff-other", openOnly: true')).toEqual([]);
    expect(await list(`addresseeNo: "${world.head}"`)).toEqual([world.closed.caseNo, world.open.caseNo]);
    expect(await list(`addresseeNo: "${world.head}", openOnly: true`)).toEqual([world.open.caseNo]);
  });

  it('is refused to those who handle no cases', async () => {
    const answer = await reader.ask(
      `{ delinquencyCase(caseNo: "${world.open.caseNo}") { caseNo } }`,
      askerOf('counterClerk'),
    );
    expect(answer.data).toEqual({ delinquencyCase: null });
    expect(answer.refusals).toMatchObject([{ field: { missing: 'case:read' } }]);
  });
});

describe('recordContact', () => {
  it('writes the entry with its author and moment', async () => {
    const { keys } = await record({});
    const { delinquencyCase } = await reader.data(
      `{ delinquencyCase(caseNo: "${world.open.caseNo}") { contacts(first: 1) { nodes { id contactedAt
        method counterpart summary nextActionOn recordedBy recordedAt } } } }`,
      officer,
    );
    expect(delinquencyCase).toEqual({
      contacts: {
        nodes: [
          {
            id: String(keys?.['contact']),
            contactedAt: '2026-11-02T09:00:00+09:00',
            method: 'VISIT',
            counterpart: '同居の長男',
            summary: '不在。差置文書を投函。',
            nextActionOn: '2026-11-16',
            recordedBy: 'staff-delinquencyOfficer',
            recordedAt: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T.*\+09:00$/) as string,
          },
        ],
      },
    });
  });

  it('tells what is wrong and writes nothing', async () => {
    const before = await count();
    expect((await record({ caseNo: 'C-NONE' })).userErrors).toMatchObject([
      { code: 'NOT_FOUND', field: 'caseNo' },
    ]);
    expect((await record({ caseNo: world.closed.caseNo })).userErrors).toMatchObject([
      { code: 'CONFLICT', field: 'caseNo' },
    ]);
    expect((await record({ summary: ' ' })).userErrors).toMatchObject([
      { code: 'BAD_INPUT', field: 'summary' },
    ]);
    expect((await record({ nextActionOn: '2026-10-01' })).userErrors).toMatchObject([
      { code: 'BAD_INPUT', field: 'nextActionOn' },
    ]);
    const elsewhere = askerOf('delinquencyOfficer', { branchCode: '02' });
    expect((await record({}, elsewhere)).userErrors).toMatchObject([{ code: 'NOT_FOUND', field: 'caseNo' }]);
    expect(await count()).toBe(before);
  });

  it('cannot be edited afterwards, not even by the gateway itself', async () => {
    await expect(
      db.gateway.run('tests.edit', ({ raw }) => raw`update records.contact_record set summary = '別の内容'`),
    ).rejects.toMatchObject({ code: 'DATABASE_ERROR', facts: { sqlstate: '42501' } });
  });
});

async function count(): Promise<bigint | undefined> {
  const [row] = await db.owner.run(
    'tests.count',
    ({ raw }) => raw<{ n: bigint }[]>`select count(*) as n from records.contact_record`,
  );
  return row?.n;
}
