import { beforeAll, describe, expect, it } from 'vitest';
import { COLLECTION_RESOLVERS } from '../../../src/collection/collection.graphql.js';
import { testDatabase } from '../../support/database.js';
import { askerOf, Reader } from '../../support/read.js';
import { buildWorld, type World } from '../world.js';
import { schemaOf } from '../../support/schema.js';

let world: World;
let reader: Reader;

beforeAll(async () => {
  const db = await testDatabase();
  world = await buildWorld(db);
  reader = new Reader(schemaOf(COLLECTION_RESOLVERS), db.gateway);
});

const MASK = '＊＊＊';
const clerk = askerOf('collectionClerk');
/** Named for the protection of the world's hidden person. */
const named = askerOf('delinquencyOfficer');
const other = askerOf('delinquencyOfficer', { actorId: 'staff-else' });

const REVEALING = `address postalCode householdNo relationship branchCode phone movedOutOn
  household { members { nodes { addresseeNo } } }
  mailingAddresses { recipient address }
  history { address householdNo phone name }
  debitAccounts { bankCode bankBranchCode }
  delinquencyCases { nodes { district contacts { nodes { counterpart summary method } } } }
  protections { kind }`;

describe('a protected person (支援措置, handbook 06 §5)', () => {
  const of = (no: string) => `{ addressee(addresseeNo: "${no}") { name protectedPerson ${REVEALING} } }`;

  it('shows name and flag but nothing that tells where the person is', async () => {
    const { addressee } = (await reader.ask(of(world.hidden), other)).data;
    expect(addressee).toEqual({
      name: '髙橋　花子',
      protectedPerson: true,
      address: MASK,
      postalCode: MASK,
      householdNo: MASK,
      relationship: MASK,
      branchCode: MASK,
      phone: MASK,
      movedOutOn: null,
      household: null,
      mailingAddresses: [{ recipient: MASK, address: MASK }],
      history: [{ address: MASK, householdNo: MASK, phone: MASK, name: '髙橋　花子' }],
      debitAccounts: [{ bankCode: '9990', bankBranchCode: MASK }],
      delinquencyCases: {
        nodes: [
          { district: MASK, contacts: { nodes: [{ counterpart: MASK, summary: MASK, method: 'PHONE' }] } },
        ],
      },
      protections: [],
    });
  });

  it('shows everything to the staff named, with the protection itself', async () => {
    const { addressee } = await reader.data(of(world.hidden), named);
    expect(addressee).toMatchObject({
      address: '蔵守市西町9丁目9番9号',
      phone: '0999-98-7654',
      history: [{ address: '蔵守市旧町1' }],
      debitAccounts: [{ bankBranchCode: '123' }],
      protections: [{ kind: 'DOMESTIC_VIOLENCE' }],
      delinquencyCases: { nodes: [{ district: '西', contacts: { nodes: [{ summary: '分納の相談' }] } }] },
    });
  });

  it('is no member of the household she is registered in, by any road, except to the staff named', async () => {
    const document = `{ addressee(addresseeNo: "${world.child}") {
      household { householder { addresseeNo } members { nodes { addresseeNo } } } } }`;
    const members = async (asker: typeof named) => {
      const { addressee } = await reader.data(document, asker);
      return (
        addressee as { household: { members: { nodes: { addresseeNo: string }[] } } }
      ).household.members.nodes.map(({ addresseeNo }) => addresseeNo);
    };
    expect(await members(other)).toEqual([world.head, world.child]);
    expect(await members(named)).toEqual([world.head, world.child, world.hidden]);
  });

  it('stays masked when reached as a co-owner', async () => {
    const { addressee } = await reader.data(
      `{ addressee(addresseeNo: "${world.joint}") { coOwners { nodes { representative member { addresseeNo
        address } } } } }`,
      clerk,
    );
    expect(addressee).toEqual({
      coOwners: {
        nodes: [
          { representative: true, member: { addresseeNo: world.head, address: '蔵守市東町1丁目2番3号' } },
          { representative: false, member: { addresseeNo: world.hidden, address: MASK } },
        ],
      },
    });
  });

  it('is warned of in the observation of every answer that met her', async () => {
    const answer = await reader.ask('{ addressees(filter: { name: "高橋" }) { nodes { name } } }', clerk);
    expect(answer.observation.warnedSubjects()).toEqual([world.hidden]);
  });
});

describe('what roles see of an addressee', () => {
  const document = (no: string) =>
    `{ addressee(addresseeNo: "${no}") { name birthDate address phone ledger { fiscalYear } refunds { nodes
      { id } } } }`;

  it('masks address and telephone for those who may read no more than the name, and refuses the rest', async () => {
    const answer = await reader.ask(document(world.head), askerOf('branchClerk', { branchCode: '01' }));
    expect(answer.data['addressee']).toEqual({
      name: '髙橋　一郎',
      birthDate: null,
      address: MASK,
      phone: MASK,
      ledger: [{ fiscalYear: 2026 }, { fiscalYear: 2024 }],
      refunds: null,
    });
    expect(answer.refusals.map(({ field }) => field.coordinate).toSorted()).toEqual([
      'Addressee.birthDate',
      'Addressee.refunds',
    ]);
  });

  it('does not show a branch clerk that people of another branch exist', async () => {
    const asker = askerOf('branchClerk', { branchCode: '02' });
    expect((await reader.data(document(world.head), asker))['addressee']).toBeNull();
    expect(
      (await reader.data('{ addressees(filter: { name: "髙橋" }) { nodes { name } } }', asker))['addressees'],
    ).toEqual({ nodes: [] });
    expect((await reader.data(`{ levyLine(id: "${world.paid}") { id } }`, asker))['levyLine']).toBeNull();
  });

  it('refuses everything to an auditor and to a maintenance contractor', async () => {
    for (const role of ['auditor', 'maintenanceContractor'] as const) {
      const answer = await reader.ask(document(world.head), askerOf(role));
      expect(answer.data).toEqual({ addressee: null });
      expect(answer.refusals).toHaveLength(1);
    }
  });
});

describe('the ledger of a person (handbook 06 §3)', () => {
  it('sums by accounting year and tax item, each component apart', async () => {
    const { addressee } = await reader.data(
      `{ addressee(addresseeNo: "${world.head}") { ledger { fiscalYear taxItemCode taxItem { name }
        lineCount openLineCount levied
        received offsetIn writtenOff outstanding taxOutstanding reminderFeeOutstanding
          lateChargeOutstanding overdue oldestOpenDueOn } } }`,
      clerk,
    );
    expect(addressee).toEqual({
      ledger: [
        {
          fiscalYear: 2026,
          taxItemCode: '001',
          taxItem: { name: '個人住民税（普通徴収）' },
          lineCount: 3,
          openLineCount: 2,
          levied: 58_100,
          received: 10_000,
          offsetIn: 3_000,
          writtenOff: 0,
          outstanding: 45_100,
          taxOutstanding: 45_000,
          reminderFeeOutstanding: 100,
          lateChargeOutstanding: 0,
          overdue: 15_100,
          oldestOpenDueOn: '2026-08-31',
        },
        {
          fiscalYear: 2024,
          taxItemCode: '010',
          taxItem: { name: '固定資産税・都市計画税' },
          lineCount: 1,
          openLineCount: 0,
          levied: 10_000,
          received: 0,
          offsetIn: 0,
          writtenOff: 10_000,
          outstanding: 0,
          taxOutstanding: 0,
          reminderFeeOutstanding: 0,
          lateChargeOutstanding: 0,
          overdue: 0,
          oldestOpenDueOn: null,
        },
      ],
    });
  });

  it('narrows to a year and an item', async () => {
    const ask = async (args: string) =>
      (
        await reader.data(
          `{ addressee(addresseeNo: "${world.head}") { ledger(${args}) { fiscalYear } } }`,
          clerk,
        )
      )['addressee'];
    expect(await ask('fiscalYear: 2024')).toEqual({ ledger: [{ fiscalYear: 2024 }] });
    expect(await ask('fiscalYear: 2024, taxItem: "001"')).toEqual({ ledger: [] });
  });

  it('lists levy lines: all, unpaid, overdue', async () => {
    const ask = async (args: string) => {
      const { addressee } = await reader.data(
        `{ addressee(addresseeNo: "${world.head}") { levies${args} { nodes { noticeNo overdue } } } }`,
        clerk,
      );
      return (addressee as { levies: { nodes: { noticeNo: string }[] } }).levies.nodes.map(
        ({ noticeNo }) => noticeNo,
      );
    };
    expect(await ask('')).toEqual(['N-FORMER', 'N-PAID', 'N-OVERDUE', 'N-FUTURE']);
    expect(await ask('(unpaidOnly: true)')).toEqual(['N-OVERDUE', 'N-FUTURE']);
    expect(await ask('(unpaidOnly: false)')).toHaveLength(4);
    expect(await ask('(overdueOnly: true, fiscalYear: 2026)')).toEqual(['N-OVERDUE']);
  });
});
