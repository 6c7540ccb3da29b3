import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangeOutcome } from '../../../src/access/schema/change.js';
import { COLLECTION_RESOLVERS } from '../../../src/collection/collection.graphql.js';
import { portionsOf } from '../../../src/collection/transfer/portions.js';
import { closeRound, reconcileRound } from '../../../src/collection/transfer/reconcile.js';
import { receiveResults } from '../../../src/collection/transfer/results.js';
import { TransferSetAsideChanges } from '../../../src/collection/transfer/setAside.change.graphql.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';
import { askerOf, makeChange, Reader } from '../../support/read.js';
import { Records } from '../../support/records.js';
import { acceptedRound, oldDebtor, ROUND_NO, seized } from './acts/world.js';
import { KeptVault } from './keptVault.js';
import { Jobs, remit } from './world.js';
import { schemaOf } from '../../support/schema.js';

let db: TestDatabase;
let records: Records;
let jobs: Jobs;
let reader: Reader;
const vault = new KeptVault();
let a: string;
let b: string;
let c: string;
const changes = new TransferSetAsideChanges();
const officer = askerOf('delinquencyOfficer');
const chief = askerOf('sectionChief', {}, 'DELINQUENCY');

beforeAll(async () => {
  db = await testDatabase();
  records = new Records(db.owner);
  jobs = new Jobs(db);
  reader = new Reader(schemaOf(COLLECTION_RESOLVERS), db.gateway);
  const debtors = [];
  for (let at = 0; at < 3; at += 1) debtors.push(await oldDebtor(records, 2));
  const caseNos = debtors.map(({ caseNo }) => caseNo).toSorted();
  [a, b, c] = caseNos as [string, string, string];
  await acceptedRound(db, records, jobs, vault, caseNos);
});

afterAll(() => jobs.close());

const stateOf = (caseNo: string) =>
  ({ caseNo, state: 'CONTINUED', on: '2026-06-30', judgement: null }) as const;
const collected = (caseNo: string, tax: bigint, collectedOn = '2026-06-10') => ({
  caseNo,
  lineNo: 1,
  collectedOn,
  amount: tax,
  tax,
  lateCharge: 0n,
  fees: 0n,
  dispositionCost: 0n,
});
const receive = () => receiveResults(jobs.job, vault, ROUND_NO);

/** What is held: case, why, where. */
async function held(): Promise<readonly string[]> {
  return (await receive()).held.map(
    ({ seriesNo, caseNo, code, file, row }) => `${seriesNo} ${caseNo} ${code} ${file} ${row}`,
  );
}

/** Tax that was taken of a case, by result. */
async function taken(caseNo: string): Promise<readonly string[]> {
  const rows = await db.owner.run(
    'test.taken',
    ({ raw }) => raw<{ series: number; tax: bigint }[]>`
    select r.series_no as series, sum(k.tax)::bigint as tax from records.transfer_collection k
    join records.transfer_result r on r.id = k.result_id join records.transfer_line l on l.id = k.line_id
    join records.transfer_case t on t.id = l.transfer_id join records.delinquency_case d on d.id = t.case_id
    where d.case_no = ${caseNo} group by 1 order by min(k.id)`,
  );
  return rows.map(({ series, tax }) => `${series}: ${tax}`);
}

const problem = ({ userErrors }: ChangeOutcome) => userErrors?.map(({ code, field }) => `${code} ${field}`);

async function holdsShown(state?: string): Promise<Record<string, unknown>[]> {
  const { transferRound } = await reader.data(
    `{ transferRound(roundNo: "${ROUND_NO}") { holds${state === undefined ? '' : `(state: ${state})`} { nodes { id
      resultId seriesNo caseNo code file rowNo collected heldOn state setAsides { id reason proposedBy
      outcome decidedBy decisionReason } } } } }`,
    officer,
  );
  return (transferRound as { holds: { nodes: Record<string, unknown>[] } }).holds.nodes;
}

const propose = (holdId: unknown, asker = officer) =>
  makeChange(db.gateway, asker, (context) =>
    changes.proposeTransferSetAside(
      { idempotencyKey: 'key-00000001', holdId: String(holdId), reason: '機構の誤り。再報告を待つ' },
      context,
    ),
  );
const decide = (setAsideId: unknown, outcome: 'approved' | 'rejected' = 'approved', asker = chief) =>
  makeChange(db.gateway, asker, (context) =>
    changes.decideTransferSetAside(
      { idempotencyKey: 'key-00000002', setAsideId: String(setAsideId), outcome, reason: '確認した' },
      context,
    ),
  );
async function proposalOf(holdId: unknown): Promise<unknown> {
  const shown = (await holdsShown()).find(({ id }) => id === String(holdId));
  return (shown as { setAsides: { id: string }[] } | undefined)?.setAsides.at(-1)?.id;
}

describe('a result that says of one case what cannot be', () => {
  let january: string;

  test('is taken of the others; of that one it is held, with its place', async () => {
    january = await vault.report({
      states: [a, b, c].map(stateOf),
      collections: [collected(a, 10_000n), collected(b, 5_000n), collected(b, 35_001n)],
      dispositions: [],
      renewals: [],
    });
    expect(await receive()).toMatchObject({ results: [{ cases: 2, collections: 1, collected: 10_000n }] });
    expect(await held()).toEqual([`1 ${b} exceedsTax 22_collections.csv 3`]);
    expect([await taken(a), await taken(b)]).toEqual([['1: 10000'], []]);
  });

  test('holds later results of that case back, and of no other', async () => {
    await vault.report({
      states: [a, b, c].map(stateOf),
      collections: [collected(a, 1_000n), collected(b, 2_000n), collected(c, 3_000n)],
      dispositions: [seized(c, 'K-1', '2:40000', '2026-06-20')],
      renewals: [],
    });
    expect(await receive()).toMatchObject({ results: [{ cases: 2, acts: { dispositions: 1 } }] });
    const both = [`1 ${b} exceedsTax 22_collections.csv 3`, `2 ${b} earlierHeld null null`];
    expect(await held()).toEqual(both);
    expect(await held()).toEqual(both);
    expect([await taken(a), await taken(b), await taken(c)]).toEqual([
      ['1: 10000', '2: 1000'],
      [],
      ['2: 3000'],
    ]);
  });

  test('is shown to who may read transfers, with why', async () => {
    expect(await holdsShown('HELD')).toMatchObject([
      {
        resultId: january,
        caseNo: b,
        code: 'EXCEEDS_TAX',
        rowNo: 3,
        collected: 40_001,
        heldOn: '2026-07-10',
      },
      { caseNo: b, code: 'EARLIER_HELD', file: null, collected: 2_000 },
    ]);
    const refused = await reader.ask(
      `{ transferRound(roundNo: "${ROUND_NO}") { holds { nodes { id } } } }`,
      askerOf('collectionClerk'),
    );
    expect(refused.refusals).toMatchObject([{ field: { missing: 'transfer:read' } }]);
  });

  test('does not reconcile, however its money comes, and says nothing of limitation', async () => {
    await remit(db, records, january, 50_001n);
    const found = await reconcileRound(jobs.job, vault, ROUND_NO);
    expect(found).toMatchObject({ posted: 1 });
    const untold = found.untold;
    expect(found.differences).toEqual(
      expect.arrayContaining([
        { kind: 'held', resultId: january, caseNo: b, yen: 40_001n },
        expect.objectContaining({ kind: 'held', caseNo: b, yen: 2_000n }),
      ]),
    );
    expect(untold).toBe(3);
    await expect(closeRound(jobs.job, ROUND_NO)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('what is held', () => {
  test('is set aside by two people, and then holds nothing back', async () => {
    const [first] = await holdsShown('HELD');
    const id = first?.['id'];
    expect(problem(await propose('999999999'))).toEqual(['NOT_FOUND holdId']);
    expect(problem(await propose(id))).toBeUndefined();
    expect(problem(await propose(id))).toEqual(['CONFLICT holdId']);
    const proposal = await proposalOf(id);
    expect(problem(await decide(proposal, 'approved', officer))).toEqual([
      'DUAL_CONTROL_REQUIRED setAsideId',
    ]);
    expect(problem(await decide('999999999'))).toEqual(['NOT_FOUND setAsideId']);
    expect(problem(await decide(proposal, 'rejected'))).toBeUndefined();
    expect(problem(await decide(proposal))).toEqual(['CONFLICT setAsideId']);
    expect(problem(await propose(id))).toBeUndefined();
    expect(problem(await decide(await proposalOf(id)))).toBeUndefined();
    expect((await holdsShown()).find((hold) => hold['id'] === id)).toMatchObject({
      state: 'SET_ASIDE',
      setAsides: [
        { outcome: 'REJECTED', decisionReason: '確認した' },
        { proposedBy: 'staff-delinquencyOfficer', outcome: 'APPROVED', decidedBy: 'staff-sectionChief' },
      ],
    });
    expect(problem(await propose(id))).toEqual(['CONFLICT holdId']);
    expect(await held()).toEqual([]);
    expect(await taken(b)).toEqual(['2: 2000']);
    expect((await holdsShown('TAKEN')).map(({ seriesNo, code }) => [seriesNo, code])).toEqual([
      [2, 'EARLIER_HELD'],
    ]);
  });

  test('is no part of the money that is to come, once it is set aside', async () => {
    const [january] = (await holdsShown('SET_ASIDE')).map(({ resultId }) => String(resultId));
    const { differences } = await reconcileRound(jobs.job, vault, ROUND_NO);
    expect(differences).toContainEqual({ kind: 'money', resultId: january, yen: -40_001n });
    expect(differences.filter(({ kind }) => kind === 'held')).toEqual([]);
  });

  test('is told anew by the organization in a later result', async () => {
    await vault.report({ states: [stateOf(b)], collections: [collected(b, 38_000n)] });
    expect(await receive()).toMatchObject({ results: [{ cases: 1, collected: 38_000n }], held: [] });
    expect(await taken(b)).toEqual(['2: 2000', '3: 38000']);
  });

  test('for an earlier one that can be taken now is taken in its order', async () => {
    jobs.day = '2026-07-10';
    await vault.report({ states: [stateOf(a)], collections: [collected(a, 100n, '2026-07-20')] });
    await vault.report({ states: [stateOf(a)], collections: [collected(a, 200n)] });
    expect(await held()).toEqual([`4 ${a} futureDay 22_collections.csv 1`, `5 ${a} earlierHeld null null`]);
    jobs.day = '2026-07-21';
    expect(await held()).toEqual([]);
    expect(await taken(a)).toEqual(['1: 10000', '2: 1000', '4: 100', '5: 200']);
  });

  test('for another reason than before is shown anew, and a proposal about the first is void', async () => {
    await vault.report({ states: [stateOf(c)], collections: [collected(c, 40_001n, '2026-08-20')] });
    expect(await held()).toEqual([`6 ${c} futureDay 22_collections.csv 1`]);
    const [first] = await holdsShown('HELD');
    expect(problem(await propose(first?.['id']))).toBeUndefined();
    const proposal = await proposalOf(first?.['id']);
    jobs.day = '2026-08-21';
    expect(await held()).toEqual([`6 ${c} exceedsTax 22_collections.csv 1`]);
    expect(problem(await decide(proposal))).toEqual(['CONFLICT setAsideId']);
    expect((await holdsShown('HELD_ANEW')).map(({ id }) => id)).toEqual([first?.['id']]);
    const [second] = await holdsShown('HELD');
    await propose(second?.['id']);
    expect(problem(await decide(await proposalOf(second?.['id'])))).toBeUndefined();
  });

  test('as a whole, because it cannot be read, holds every later result back until it is set aside', async () => {
    const resultId = await vault.report({ states: [stateOf(a)], collections: [] });
    vault.spoil(resultId, '21_states.csv', 'caseNo,state,on,judgement\nnonsense\n');
    await vault.report({ states: [stateOf(c)], collections: [collected(c, 1_000n)] });
    expect(await held()).toEqual([
      expect.stringMatching(/^7 null unreadable 21_states\.csv \d+$/),
      `8 ${c} earlierHeld null null`,
    ]);
    const [whole] = await holdsShown('HELD');
    expect(whole).toMatchObject({ caseNo: null, code: 'UNREADABLE' });
    await propose(whole?.['id']);
    expect(problem(await decide(await proposalOf(whole?.['id'])))).toBeUndefined();
    expect(await held()).toEqual([]);
    expect(await taken(c)).toEqual(['2: 3000', '8: 1000']);
  });

  test('for an act that cannot be names its place, and nothing of the case is entered', async () => {
    const at = '2027-01-01T00:00:00Z';
    const contact = { channel: 'PHONE', counterpart: '本人', summary: '相談' } as const;
    await vault.report({
      states: [a, b, c].map(stateOf),
      collections: [],
      dispositions: [
        seized(a, 'K-9', '1:10000', '2026-06-20'),
        seized(b, 'K-1', '1:10000', '2026-06-20'),
        seized(b, 'K-2', '9:1', '2026-06-20'),
      ],
      renewals: [],
      contacts: [
        { caseNo: a, at: '2026-06-21T00:00:00Z', ...contact },
        { caseNo: c, at, ...contact },
      ],
    });
    expect(await receive()).toMatchObject({
      results: [{ cases: 1, acts: { dispositions: 1, contacts: 1 } }],
    });
    const found = await held();
    expect(found).toEqual([
      `9 ${b} unknownLine 23_dispositions.csv 3`,
      `9 ${c} futureTime 25_contacts.csv 2`,
    ]);
    for (const hold of await holdsShown('HELD')) {
      await propose(hold['id']);
      await decide(await proposalOf(hold['id']));
    }
  });

  test('stays held when the vault has erased its files', async () => {
    const resultId = await vault.report({ states: [], collections: [collected('X-1', 1n)] });
    expect(await held()).toEqual(['10 X-1 unknownLine 22_collections.csv 1']);
    vault.erase(resultId);
    expect(await held()).toEqual(['10 X-1 unknownLine 22_collections.csv 1']);
  });
});

describe('the database', () => {
  const enter = async (statement: (changeId: string) => string, as: 'gateway' | 'loader') => {
    const changeId = String(await records.changeId());
    return db[as]
      .run('test.enter', ({ raw }) => raw.unsafe(statement(changeId)))
      .then(
        () => 'done',
        (error: { facts: { constraint?: string } }) => error.facts.constraint,
      );
  };

  test('refuses a decision of the person who proposed, and of what is held no more', async () => {
    const [hold] = await holdsShown('HELD');
    await propose(hold?.['id']);
    const setAside = String(await proposalOf(hold?.['id']));
    const decision = (by: string) => (changeId: string) =>
      `insert into records.transfer_set_aside_decision (set_aside_id, outcome, decided_by, decided_on, reason,
        change_id) values (${setAside}, 'approved', '${by}', '2026-11-02', '直接', ${changeId})`;
    expect(await enter(decision('staff-delinquencyOfficer'), 'gateway')).toBe('set_aside_second_person');
    const end = (changeId: string) =>
      `insert into records.transfer_hold_end (hold_id, outcome, change_id) values (${String(hold?.['id'])}, 'taken',
        ${changeId})`;
    expect(await enter(end, 'loader')).toBe('done');
    expect(await enter(decision('staff-sectionChief'), 'gateway')).toBe('set_aside_held');
  });

  test('refuses to take what was set aside', async () => {
    const [hold] = await holdsShown('SET_ASIDE');
    const end = (changeId: string) =>
      `insert into records.transfer_hold_end (hold_id, outcome, change_id) values (${String(hold?.['id'])}, 'taken',
        ${changeId})`;
    expect(await enter(end, 'loader')).toBe('hold_end_held');
  });
});

test('parting a result by case loses no row and names each by its place', () => {
  const caseNos = fc.array(fc.constantFrom('A-1', 'B-2', 'C-3', 'D-4'), { maxLength: 30 });
  fc.assert(
    fc.property(caseNos, caseNos, (states, rows) => {
      const files = {
        states: states.map(stateOf),
        collections: rows.map((caseNo, at) => collected(caseNo, BigInt(at))),
        dispositions: undefined,
        renewals: [],
        contacts: undefined,
      };
      const portions = portionsOf(files);
      expect(portions.map(({ caseNo }) => caseNo)).toEqual([...new Set([...states, ...rows])].toSorted());
      const found = portions.flatMap(({ files: own, places }) =>
        own.collections.map((row, at) => [places['22_collections.csv'][at], row] as const),
      );
      const inOrder = found.toSorted(([one], [other]) => one! - other!);
      expect(inOrder).toEqual(files.collections.map((row, at) => [at + 1, row]));
      expect(portions.flatMap(({ files: own }) => own.states)).toHaveLength(states.length);
    }),
  );
});
