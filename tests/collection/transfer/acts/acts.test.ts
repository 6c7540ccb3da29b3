import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COLLECTION_RESOLVERS } from '../../../../src/collection/collection.graphql.js';
import { readLimitations } from '../../../../src/collection/limitation/limitation.store.js';
import type { TransferJob } from '../../../../src/collection/transfer/job.js';
import { reconcileRound } from '../../../../src/collection/transfer/reconcile.js';
import { insertResult, insertTaken } from '../../../../src/collection/transfer/result.store.js';
import { receiveResults } from '../../../../src/collection/transfer/results.js';
import { WriteOffChanges } from '../../../../src/collection/writeOff/writeOff.change.graphql.js';
import type { ResultRow } from '../../../../src/protocol/transfer/result.js';
import { testDatabase, type TestDatabase } from '../../../support/database.js';
import { askerOf, makeChange, Reader } from '../../../support/read.js';
import { Records } from '../../../support/records.js';
import { KeptVault } from '../keptVault.js';
import { Jobs } from '../world.js';
import { acceptedRound, ended, oldDebtor, ROUND_NO, seized } from './world.js';
import { schemaOf } from '../../../support/schema.js';

let db: TestDatabase;
let records: Records;
let jobs: Jobs;
let reader: Reader;
const vault = new KeptVault();
let one: Awaited<ReturnType<typeof oldDebtor>>;
let hidden: Awaited<ReturnType<typeof oldDebtor>>;

beforeAll(async () => {
  db = await testDatabase();
  records = new Records(db.owner);
  jobs = new Jobs(db);
  reader = new Reader(schemaOf(COLLECTION_RESOLVERS), db.gateway);
  one = await oldDebtor(records, 5);
  hidden = await oldDebtor(records, 1);
  await acceptedRound(db, records, jobs, vault, [one.caseNo, hidden.caseNo]);
  await records.protection(hidden.addresseeNo);
});

afterAll(() => jobs.close());

type Report = Parameters<KeptVault['report']>[0];

const stateOf = (caseNo: string, state: ResultRow['21_states.csv']['state'] = 'CONTINUED') => ({
  caseNo,
  state,
  on: '2026-06-30',
  judgement: null,
});
const contactWith = (caseNo: string, summary: string): ResultRow['25_contacts.csv'] => ({
  caseNo,
  at: '2026-05-21T02:00:00Z',
  channel: 'PHONE',
  counterpart: '本人',
  summary,
});
const renewalOf = (lineNo: number, renewedOn: string): ResultRow['24_limitation.csv'] => ({
  caseNo: one.caseNo,
  lineNo,
  renewal: 'ACKNOWLEDGEMENT',
  renewedOn,
});

/** The first month: a seizure of lines 1 and 2 that lasts, another of 3 that ends twice over, and contacts. */
function firstMonth(): Report {
  return {
    states: [stateOf(one.caseNo), stateOf(hidden.caseNo)],
    collections: [],
    dispositions: [
      seized(one.caseNo, 'K-1', '1:40000;2:40000', '2026-05-20'),
      seized(one.caseNo, 'K-2', '3:40000', '2026-05-20'),
      { ...ended(one.caseNo, 'K-2', 'RELEASE', '2026-06-30') },
      seized(hidden.caseNo, 'K-1', '1:40000', '2026-05-22'),
    ],
    renewals: [],
    contacts: [
      contactWith(one.caseNo, '分納の相談。番号は123456789018。'),
      contactWith(hidden.caseNo, '西町工業に勤務'),
    ],
  };
}

const receive = (job: TransferJob = jobs.job) => receiveResults(job, vault, ROUND_NO);

/** Rows of what a result brings. */
async function rows(): Promise<Record<string, number>> {
  const [row] = await db.owner.run(
    'test.rows',
    ({ raw }) => raw<[Record<string, number>]>`
    select (select count(*)::int from records.transfer_result) as results,
      (select count(*)::int from records.disposition) as dispositions,
      (select count(*)::int from records.disposition_claim) as claims,
      (select count(*)::int from records.disposition_end) as ends,
      (select count(*)::int from records.transfer_renewal) as renewals,
      (select count(*)::int from records.contact_record) as contacts,
      (select count(*)::int from records.transfer_acts) as acts`,
  );
  return row;
}
const NONE = { results: 0, dispositions: 0, claims: 0, ends: 0, renewals: 0, contacts: 0, acts: 0 };

describe('the first result of a round', () => {
  let resultId: string;

  test('leaves nothing behind when its transaction does not end', async () => {
    resultId = await vault.report(firstMonth());
    const stop = { appendIn: () => Promise.reject(new Error('killed')) };
    await expect(receive({ ...jobs.job, audit: stop })).rejects.toThrow('killed');
    expect(await rows()).toEqual(NONE);
  });

  test('enters once what the organization did', async () => {
    const acts = { dispositions: 3, ended: 1, renewals: 0, contacts: 2, areTold: true };
    expect(await receive()).toMatchObject({
      results: [{ resultId, acts }],
      completed: [],
      unread: [],
      held: [],
    });
    const entered = { results: 1, dispositions: 3, claims: 4, ends: 1, renewals: 0, contacts: 2, acts: 1 };
    expect(await rows()).toEqual(entered);
    expect(await receive()).toEqual({ results: [], completed: [], unread: [], held: [] });
    expect(await rows()).toEqual(entered);
  });

  test('holds the limitation of the lines that were seized, from its day to its end (handbook 03 §7)', async () => {
    const limitations = await readLimitations(db.gateway, one.levies);
    expect(one.levies.map((levyId) => limitations.get(levyId))).toMatchObject([
      { isHeld: true, renewals: [{ kind: 'REMINDER' }] },
      { isHeld: true },
      {
        isHeld: false,
        completesOn: '2031-06-30',
        renewals: [{ kind: 'REMINDER' }, { kind: 'SEIZURE', on: '2026-06-30' }],
      },
      { isHeld: false, completesOn: '2026-10-01' },
      { isHeld: false, completesOn: '2026-10-01' },
    ]);
  });

  test('shows the dispositions and contacts as the organization’s', async () => {
    const { delinquencyCase } = await reader.data(
      `{ delinquencyCase(caseNo: "${one.caseNo}") {
        dispositions { nodes { madeBy organizationNo kind object thirdParty receiptNo executedOn claimedAmount
          end { kind endedOn } reportedIn { resultId dispositionRows renewalRows contactRows } } }
        contacts { nodes { madeBy recordedBy method counterpart summary } } } }`,
      askerOf('delinquencyOfficer'),
    );
    const reportedIn = { resultId, dispositionRows: 4, renewalRows: 0, contactRows: 2 };
    const property = { object: '普通預金 7654321', thirdParty: '架空銀行', receiptNo: null };
    const seizure = { madeBy: 'ORGANIZATION', kind: 'SEIZURE', executedOn: '2026-05-20', ...property };
    expect(delinquencyCase).toEqual({
      dispositions: {
        nodes: [
          {
            ...seizure,
            organizationNo: 'K-2',
            claimedAmount: 40_000,
            end: { kind: 'RELEASED', endedOn: '2026-06-30' },
            reportedIn,
          },
          { ...seizure, organizationNo: 'K-1', claimedAmount: 80_000, end: null, reportedIn },
        ],
      },
      contacts: {
        nodes: [
          {
            madeBy: 'ORGANIZATION',
            recordedBy: 'organization:990001',
            method: 'PHONE',
            counterpart: '本人',
            summary: '分納の相談。番号は［番号の疑い］。',
          },
        ],
      },
    });
  });

  test('tells nobody where a protected person works, and nothing to those who may not read', async () => {
    const query = `{ delinquencyCase(caseNo: "${hidden.caseNo}") { caseNo
      dispositions { nodes { madeBy object thirdParty receiptNo } }
      contacts { nodes { madeBy counterpart summary } } } }`;
    const masked = await reader.data(query, askerOf('delinquencyOfficer', { actorId: 'staff-else' }));
    expect(masked['delinquencyCase']).toMatchObject({
      dispositions: { nodes: [{ madeBy: 'ORGANIZATION', object: '＊＊＊', thirdParty: '＊＊＊' }] },
      contacts: { nodes: [{ madeBy: 'ORGANIZATION', counterpart: '＊＊＊', summary: '＊＊＊' }] },
    });
    const { refusals, data } = await reader.ask(query, askerOf('counterClerk'));
    expect(data['delinquencyCase']).toBeNull();
    expect(refusals).not.toEqual([]);
    const functions = new Set(['case:read', 'disposition:read', 'contact:read'] as const);
    const other = await reader.ask(
      `{ delinquencyCase(caseNo: "${one.caseNo}") { dispositions { nodes { madeBy reportedIn { resultId } } } } }`,
      askerOf('delinquencyOfficer', { functions }),
    );
    expect(other.refusals).toMatchObject([{ field: { missing: 'transfer:read' } }]);
  });
});

describe('the last result, which repeats what the first told', () => {
  test('enters what is new, and says what lasts', async () => {
    jobs.day = '2026-08-10';
    const { dispositions, contacts } = firstMonth();
    const cancelled = ended(one.caseNo, 'K-3', 'CANCELLATION', '2026-07-20');
    await vault.report(
      {
        states: [
          { ...stateOf(one.caseNo, 'RETURNED'), judgement: '財産なし（123456789018）' },
          stateOf(hidden.caseNo),
        ],
        collections: [],
        dispositions: [
          ...dispositions!,
          seized(one.caseNo, 'K-3', '5:40000', '2026-07-15'),
          cancelled,
        ].toSorted((a, b) => (a.caseNo < b.caseNo ? -1 : 1)),
        renewals: [renewalOf(4, '2026-07-18'), renewalOf(4, '2026-07-18')],
        contacts: contacts!,
      },
      true,
    );
    const acts = { dispositions: 1, ended: 1, renewals: 1, contacts: 0, areTold: true };
    expect(await receive()).toMatchObject({ results: [{ final: true, acts }] });
    expect(await reconcileRound(jobs.job, vault, ROUND_NO)).toMatchObject({
      lasting: 2,
      untold: 0,
      differences: [],
    });
    const limitations = await readLimitations(db.gateway, one.levies.slice(3));
    expect(one.levies.slice(3).map((levyId) => limitations.get(levyId)?.completesOn)).toEqual([
      '2031-07-18',
      // 民法148条: a seizure that was cancelled only postpones, to six months after.
      '2027-01-20',
    ]);
  });

  test('keeps its judgement without what may be an individual number', async () => {
    const judgements = await db.owner.run(
      'test.judgement',
      ({ raw }) => raw`select judgement from records.transfer_outcome where judgement is not null`,
    );
    expect(judgements).toEqual([{ judgement: '財産なし(［番号の疑い］)' }]);
  });

  test('shows what renewed a line', async () => {
    const { delinquencyCase } = await reader.data(
      `{ delinquencyCase(caseNo: "${one.caseNo}") { transfers { nodes { renewals { nodes { lineNo kind
        renewedOn } } } } } }`,
      askerOf('sectionChief'),
    );
    const renewals = { nodes: [{ lineNo: 4, kind: 'ACKNOWLEDGEMENT', renewedOn: '2026-07-18' }] };
    expect(delinquencyCase).toEqual({ transfers: { nodes: [{ renewals }] } });
  });

  test.each([0, 1, 2, 3, 4])(
    'keeps what it kept alive from being written off by limitation (%s)',
    async (at) => {
      const input = {
        idempotencyKey: 'key-00000001',
        addresseeNo: one.addresseeNo,
        cause: 'limitation' as const,
        levyIds: [String(one.levies[at])],
        reason: '時効完成のため',
      };
      const { userErrors } = await makeChange(db.gateway, askerOf('delinquencyOfficer'), (context) =>
        new WriteOffChanges().proposeWriteOff(input, context),
      );
      expect(userErrors).toMatchObject([
        { code: 'CONFLICT', message: expect.stringContaining('not complete') as string },
      ]);
    },
  );
});

describe('a result that an earlier release took', () => {
  /** As it did: collections and states, and no word of acts. */
  async function takenBefore(resultId: string, seriesNo: number): Promise<void> {
    const changeId = await records.newChange('transfer.results');
    await db.loader.transaction('test.before', async (tx) => {
      const [row] = await tx.run(
        'test.transfer',
        ({ raw }) => raw<[{ round_id: bigint; id: bigint }]>`
        select round_id, id from records.transfer_case where case_id = ${String(hidden.caseId)}::bigint`,
      );
      const outcome = {
        transferId: row.id,
        endState: 'continued',
        statedOn: '2026-07-31',
        judgement: null,
      } as const;
      const received = { receivedOn: '2026-08-08', collected: 0n, changeId };
      const key = await insertResult(tx, row.round_id, { resultId, seriesNo, final: false, ...received });
      await insertTaken(tx, key, { collections: [], outcomes: [outcome], changeId });
    });
  }

  test('is completed by the next run, once', async () => {
    const states = [stateOf(hidden.caseNo)];
    const dispositions = [ended(hidden.caseNo, 'K-1', 'COMPLETION', '2026-08-01')];
    const resultId = await vault.report({ states, collections: [], dispositions, renewals: [] });
    await takenBefore(resultId, 3);
    expect(await reconcileRound(jobs.job, vault, ROUND_NO)).toMatchObject({ lasting: 2, untold: 1 });
    const acts = { dispositions: 0, ended: 1, renewals: 0, contacts: 0, areTold: true };
    expect(await receive()).toEqual({ results: [], completed: [{ resultId, acts }], unread: [], held: [] });
    expect(await receive()).toEqual({ results: [], completed: [], unread: [], held: [] });
    expect(await reconcileRound(jobs.job, vault, ROUND_NO)).toMatchObject({ lasting: 1, untold: 0 });
  });

  test('is named when the vault has its files no more, and holds nothing else up', async () => {
    const states = [stateOf(hidden.caseNo)];
    const erased = await vault.report({ states, collections: [], dispositions: [], renewals: [] });
    await takenBefore(erased, 4);
    vault.erase(erased);
    const next = await vault.report({ states, collections: [] });
    const nothing = { dispositions: 0, ended: 0, renewals: 0, contacts: 0, areTold: false };
    const found = { results: [{ resultId: next, acts: nothing }], completed: [], unread: [erased] };
    expect(await receive()).toMatchObject(found);
    expect(await reconcileRound(jobs.job, vault, ROUND_NO)).toMatchObject({ untold: 1 });
  });
});
