import { beforeAll, describe, expect, it } from 'vitest';
import { assets, dispositions } from '../../../schema/records/index.js';
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
  const { records, hidden, ofHidden } = world;
  await records.row(dispositions, {
    caseId: ofHidden.caseId,
    addresseeNo: hidden,
    kind: 'seizure',
    assetClass: 'salary',
    object: '給与',
    thirdParty: '西町工業',
    executedOn: '2026-10-10',
  });
  await records.row(assets, {
    addresseeNo: hidden,
    assetClass: 'deposit',
    description: '普通預金',
    institution: '蔵守銀行西町支店',
    foundOn: '2026-09-01',
  });
  reader = new Reader(schemaOf(COLLECTION_RESOLVERS), db.gateway);
});

describe('dispositions and assets (handbook 03 §4)', () => {
  it('shows a disposition with its claims and how it ended', async () => {
    const { levyLine } = await reader.data(
      `{ levyLine(id: "${world.overdue}") { dispositions { kind assetClass object thirdParty executedOn
        servedOnThirdParty servedOnDebtor
        end { kind endedOn } claims { amount } } executionStays { ground decidedOn cancelledOn
          cancellationReason } } }`,
      askerOf('delinquencyOfficer'),
    );
    expect(levyLine).toEqual({
      dispositions: [
        {
          kind: 'SEIZURE',
          assetClass: 'DEPOSIT',
          object: '普通預金 1234567',
          thirdParty: '蔵守銀行',
          executedOn: '2026-10-10',
          servedOnThirdParty: '2026-10-10',
          servedOnDebtor: null,
          end: { kind: 'RELEASED', endedOn: '2026-10-20' },
          claims: [{ amount: 15_100 }],
        },
      ],
      executionStays: [
        {
          ground: 'NO_PROPERTY',
          decidedOn: '2026-10-25',
          cancelledOn: '2026-10-30',
          cancellationReason: '財産判明',
        },
      ],
    });
  });

  it('masks employer and branch of a bank of a protected person, except to the staff named', async () => {
    const document = `{ addressee(addresseeNo: "${world.hidden}") { assets { nodes { assetClass description
      institution } }
      delinquencyCases { nodes { dispositions { nodes { object thirdParty } } } } } }`;
    const ask = async (actorId: string) =>
      (await reader.data(document, askerOf('delinquencyOfficer', { actorId })))['addressee'];
    expect(await ask('staff-else')).toEqual({
      assets: { nodes: [{ assetClass: 'DEPOSIT', description: '＊＊＊', institution: '＊＊＊' }] },
      delinquencyCases: {
        nodes: [{ dispositions: { nodes: [{ object: '＊＊＊', thirdParty: '＊＊＊' }] } }],
      },
    });
    expect(await ask('staff-delinquencyOfficer')).toEqual({
      assets: {
        nodes: [{ assetClass: 'DEPOSIT', description: '普通預金', institution: '蔵守銀行西町支店' }],
      },
      delinquencyCases: {
        nodes: [{ dispositions: { nodes: [{ object: '給与', thirdParty: '西町工業' }] } }],
      },
    });
  });

  it('is refused to those who may read the ledger only', async () => {
    const answer = await reader.ask(
      `{ levyLine(id: "${world.overdue}") { noticeNo dispositions { kind } } }`,
      askerOf('counterClerk'),
    );
    expect(answer.data).toEqual({ levyLine: { noticeNo: 'N-OVERDUE', dispositions: null } });
  });
});
