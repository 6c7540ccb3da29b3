import { beforeAll, describe, expect, it } from 'vitest';
import * as tables from '../../../schema/records/index.js';
import type { ChangeOutcome } from '../../../src/access/schema/change.js';
import { COLLECTION_RESOLVERS } from '../../../src/collection/collection.graphql.js';
import { verifyLedger } from '../../../src/collection/ledger/ledger.verify.js';
import { WriteOffReversalChanges } from '../../../src/collection/writeOff/reversal.change.graphql.js';
import { WriteOffChanges } from '../../../src/collection/writeOff/writeOff.change.graphql.js';
import { withoutTriggers } from '../../schema/entries.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';
import { askerOf, makeChange, Reader } from '../../support/read.js';
import { Records } from '../../support/records.js';
import { schemaOf } from '../../support/schema.js';

let db: TestDatabase;
let records: Records;
let reader: Reader;
const writeOffs = new WriteOffChanges();
const changes = new WriteOffReversalChanges();
const officer = askerOf('delinquencyOfficer');
const chief = askerOf('sectionChief', {}, 'DELINQUENCY');
const BASE = { idempotencyKey: 'key-00000001', reason: '誤って欠損処分したため' };

beforeAll(async () => {
  db = await testDatabase();
  records = new Records(db.owner);
  reader = new Reader(schemaOf(COLLECTION_RESOLVERS), db.gateway);
});

/** Two lines that were written off, one of them with a fee. */
async function writtenOff(change: { branchCode?: string } = {}) {
  const addresseeNo = await records.addressee(change);
  const first = await records.levy(addresseeNo, { dueOn: '2020-06-30' });
  const second = await records.levy(addresseeNo, { dueOn: '2020-08-31', taxAmount: 6_000n });
  const fee = { component: 'reminderFee', amount: 100n, decidedOn: '2020-07-20', reason: '督促' } as const;
  await records.row(tables.levyCharges, { levyId: first, ...fee });
  const of = { addresseeNo, levies: [first, second] as const, ...(await records.case(addresseeNo)) };
  const proposalId = await writeOff(of);
  return { ...of, proposalId };
}

async function writeOff(of: { addresseeNo: string; levies: readonly bigint[] }): Promise<bigint> {
  const input = {
    ...BASE,
    addresseeNo: of.addresseeNo,
    cause: 'limitation' as const,
    levyIds: of.levies.map(String),
  };
  const proposed = await makeChange(db.gateway, officer, (context) =>
    writeOffs.proposeWriteOff(input, context),
  );
  const id = keyOf(proposed, 'proposal');
  const decision = { ...BASE, proposalId: String(id), outcome: 'approved' as const };
  expect(
    problem(await makeChange(db.gateway, chief, (context) => writeOffs.decideWriteOff(decision, context))),
  ).toBeUndefined();
  return id;
}

type WrittenOff = Awaited<ReturnType<typeof writtenOff>>;

function propose(of: WrittenOff, change: object = {}, asker = officer): Promise<ChangeOutcome> {
  const input = { ...BASE, proposalId: String(of.proposalId), levyIds: of.levies.map(String), ...change };
  return makeChange(db.gateway, asker, (context) => changes.proposeWriteOffReversal(input, context));
}

function decide(id: unknown, outcome: 'approved' | 'rejected' = 'approved', asker = chief) {
  const input = { ...BASE, reversalId: String(id), outcome };
  return makeChange(db.gateway, asker, (context) => changes.decideWriteOffReversal(input, context));
}

const problem = ({ userErrors }: ChangeOutcome) => userErrors?.map(({ code, field }) => `${code} ${field}`);

function keyOf(outcome: ChangeOutcome, key = 'reversal'): bigint {
  expect(problem(outcome)).toBeUndefined();
  return outcome.keys?.[key] as bigint;
}

async function balance(levyId: bigint) {
  const [row] = await db.gateway.run(
    'test.balance',
    ({ raw }) => raw`
    select written_off, tax_outstanding + reminder_fee_outstanding as owed, settled from records.levy_balance
    where levy_id = ${String(levyId)}::bigint`,
  );
  return row;
}

const WRITTEN_OFF = { written_off: 10_100n, owed: 0n, settled: true };
const OWED = { written_off: 0n, owed: 10_100n, settled: false };

describe('a write-off that was an error', () => {
  it('is taken back by two people, line by line, with entries of the opposite sign', async () => {
    const of = await writtenOff();
    const [first, second] = of.levies;
    const id = keyOf(await propose(of, { levyIds: [String(first)] }));
    expect(await balance(first)).toEqual(WRITTEN_OFF);
    expect(keyOf(await decide(id))).toBe(id);
    expect(await balance(first)).toEqual(OWED);
    expect(await balance(second)).toMatchObject({ written_off: 6_000n, owed: 0n });
    expect(await verifyLedger(db.gateway)).toMatchObject({ sound: true });
    const { writeOffReversal, levyLine } = await reader.data(
      `{ writeOffReversal(id: "${id}") { state amount reason proposedBy levyLines { id } writeOffProposal { id }
          decision { outcome decidedBy decidedOn } addressee { addresseeNo } }
        levyLine(id: "${first}") { writeOffs { component amount reversal { id } } } }`,
      chief,
    );
    expect(writeOffReversal).toEqual({
      state: 'APPROVED',
      amount: 10_100,
      reason: BASE.reason,
      proposedBy: 'staff-delinquencyOfficer',
      levyLines: [{ id: String(first) }],
      writeOffProposal: { id: String(of.proposalId) },
      decision: { outcome: 'APPROVED', decidedBy: 'staff-sectionChief', decidedOn: '2026-11-02' },
      addressee: { addresseeNo: of.addresseeNo },
    });
    const reversal = { id: String(id) };
    expect((levyLine as { writeOffs: unknown[] }).writeOffs).toEqual(
      expect.arrayContaining([
        { component: 'TAX', amount: 10_000, reversal: null },
        { component: 'REMINDER_FEE', amount: 100, reversal: null },
        { component: 'TAX', amount: -10_000, reversal },
        { component: 'REMINDER_FEE', amount: -100, reversal },
      ]),
    );
    expect(problem(await propose(of, { levyIds: [String(first)] }))).toEqual(['CONFLICT levyIds']);
    await writeOff({ ...of, levies: [first] });
    expect(await balance(first)).toEqual(WRITTEN_OFF);
    expect(await verifyLedger(db.gateway)).toMatchObject({ sound: true });
  });

  it('stays when it is rejected, and is proposed once at a time', async () => {
    const of = await writtenOff();
    const id = keyOf(await propose(of));
    expect(problem(await propose(of))).toEqual(['CONFLICT levyIds']);
    await decide(id, 'rejected');
    expect(await balance(of.levies[0])).toEqual(WRITTEN_OFF);
    expect(problem(await decide(id))).toEqual(['CONFLICT reversalId']);
    expect(problem(await propose(of))).toBeUndefined();
  });

  it('is not decided by who proposed to take it back', async () => {
    const of = await writtenOff();
    const id = keyOf(await propose(of, {}, askerOf('delinquencyOfficer', { actorId: 'both' })));
    const self = askerOf('sectionChief', { actorId: 'both' }, 'DELINQUENCY');
    expect(problem(await decide(id, 'approved', self))).toEqual(['DUAL_CONTROL_REQUIRED reversalId']);
  });

  it('is looked for among its own lines, once each', async () => {
    const [of, other] = [await writtenOff(), await writtenOff()];
    const [line] = other.levies;
    expect(problem(await propose(of, { levyIds: [String(line)] }))).toEqual(['NOT_FOUND levyIds']);
    expect(problem(await propose(of, { levyIds: [] }))).toEqual(['BAD_INPUT levyIds']);
    const twice = [String(of.levies[0]), String(of.levies[0])];
    expect(problem(await propose(of, { levyIds: twice }))).toEqual(['BAD_INPUT levyIds']);
    expect(problem(await propose(of, { proposalId: '999999' }))).toEqual(['NOT_FOUND proposalId']);
    expect(problem(await decide('999999'))).toEqual(['NOT_FOUND reversalId']);
  });

  it('is left alone while the organization collects the line, and does not exist for another branch', async () => {
    const locked = await writtenOff();
    const id = keyOf(await propose(locked));
    await records.transfer(locked, [locked.levies[0]], 'active');
    expect(problem(await decide(id))).toEqual(['CONFLICT reversalId']);
    const of = await writtenOff({ branchCode: '01' });
    const elsewhere = askerOf('delinquencyOfficer', { branchCode: '02' });
    expect(problem(await propose(of, {}, elsewhere))).toEqual(['NOT_FOUND proposalId']);
    const away = askerOf('sectionChief', { branchCode: '02' }, 'DELINQUENCY');
    expect(problem(await decide(keyOf(await propose(of)), 'approved', away))).toEqual([
      'NOT_FOUND reversalId',
    ]);
  });
});

describe('the database', () => {
  async function enter(reversalId: bigint, change: object = {}): Promise<unknown> {
    const entry = {
      outcome: 'approved' as const,
      decidedBy: 'staff-other',
      decidedOn: '2026-11-02',
      reason: '直接',
    };
    const changeId = await records.changeId();
    return db.gateway
      .run('test.decide', ({ orm }) =>
        orm.insert(tables.writeOffReversalDecisions).values({ ...entry, reversalId, changeId, ...change }),
      )
      .then(
        () => 'done',
        (error: unknown) => (error as { facts: { constraint?: string } }).facts.constraint,
      );
  }

  it('refuses a decision by who proposed, of locked lines, and of what was taken back already', async () => {
    const of = await writtenOff();
    const id = keyOf(await propose(of));
    const { addresseeNo, proposalId } = of;
    const twice = await records.writeOffReversal({ addresseeNo, proposalId, amount: 16_100n }, of.levies);
    expect(await enter(id, { decidedBy: 'staff-delinquencyOfficer' })).toBe(
      'write_off_reversal_second_person',
    );
    expect(await enter(id)).toBe('done');
    expect(await enter(twice)).toBe('write_off_reversal_sums');
    const locked = await writtenOff();
    const second = keyOf(await propose(locked));
    await records.transfer(locked, [locked.levies[0]], 'active');
    expect(await enter(second)).toBe('collection_locked');
  });

  it('refuses a proposal of another sum or of another person, and a line that joins it later', async () => {
    const of = await writtenOff();
    const { addresseeNo, proposalId, levies } = of;
    const sums = { facts: { constraint: 'write_off_reversal_sums' } };
    const wrong = (change: object) =>
      records.writeOffReversal({ addresseeNo, proposalId, amount: 16_100n, ...change }, levies);
    await expect(wrong({ amount: 16_099n })).rejects.toMatchObject(sums);
    await expect(wrong({ addresseeNo: await records.addressee() })).rejects.toMatchObject(sums);
    const reversalId = await records.writeOffReversal({ addresseeNo, proposalId, amount: 6_000n }, [
      levies[1],
    ]);
    const late = { reversalId, levyId: levies[0] };
    await expect(records.bare(tables.writeOffReversalLines, late)).rejects.toMatchObject(sums);
  });

  it('lets nobody take back but by a decision; the check of the ledger finds what none has', async () => {
    const of = await writtenOff();
    const entry = {
      component: 'tax' as const,
      amount: -1n,
      cause: 'limitation' as const,
      writtenOffOn: '2026-11-02',
    };
    const row = { levyId: of.levies[0], proposalId: of.proposalId, ...entry };
    const changeId = await records.changeId();
    await expect(
      db.gateway.run('test.direct', ({ orm }) => orm.insert(tables.writeOffs).values({ ...row, changeId })),
    ).rejects.toMatchObject({ facts: { sqlstate: '42501' } });
    expect((await verifyLedger(db.gateway)).writeOffs.count).toBe(0n);
    const reversalId = keyOf(await propose(of));
    await db.owner.transaction('test.broken', (tx) =>
      withoutTriggers(tx, 'write_off_reversal_decision', () =>
        tx.run('test.undecided', ({ orm }) =>
          orm.insert(tables.writeOffReversalDecisions).values({
            reversalId,
            outcome: 'approved',
            decidedBy: 'staff-other',
            decidedOn: '2026-11-02',
            reason: '直接',
            changeId,
          }),
        ),
      ),
    );
    expect((await verifyLedger(db.gateway)).writeOffs).toMatchObject({ count: 1n, listed: [of.proposalId] });
  });
});
