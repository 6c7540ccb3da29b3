import { afterAll, beforeAll, expect, test } from 'vitest';
import { learnAcceptance, learnStatus } from '../../../src/collection/transfer/follow.js';
import { freezeRound } from '../../../src/collection/transfer/freeze.js';
import { chooseCandidates, issueNotices, proposeRound } from '../../../src/collection/transfer/prepare.js';
import { closeRound } from '../../../src/collection/transfer/reconcile.js';
import { submitRound } from '../../../src/collection/transfer/submit.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';
import { Records } from '../../support/records.js';
import { KeptVault } from './keptVault.js';
import { approve, debtor, Jobs, ROUND } from './world.js';

let db: TestDatabase;
let records: Records;
let jobs: Jobs;
let one: Awaited<ReturnType<typeof debtor>>;
const vault = new KeptVault();

beforeAll(async () => {
  db = await testDatabase();
  records = new Records(db.owner);
  jobs = new Jobs(db);
  one = await debtor(records, [120_000n]);
});

afterAll(() => jobs.close());

/** Everything up to the final notices. */
async function noticed(serialNo: number): Promise<string> {
  const { roundNo } = await proposeRound(jobs.job, { ...ROUND, serialNo });
  await approve(db, records, roundNo);
  await chooseCandidates(jobs.job, roundNo);
  await issueNotices(jobs.job, roundNo);
  return roundNo;
}

test('steps out of their order are refused, whole', async () => {
  await expect(freezeRound(jobs.job, '2026-77')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const roundNo = await noticed(1);
  await expect(submitRound(jobs.job, vault, roundNo)).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(learnStatus(jobs.job, vault, roundNo)).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(learnAcceptance(jobs.job, vault, roundNo)).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(closeRound(jobs.job, roundNo)).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('a round from which everybody has dropped out is not frozen; nothing of it stays half done', async () => {
  await records.receipt({ levyId: one.levies[0]!, applied: 120_000n });
  jobs.day = '2026-11-17';
  await expect(freezeRound(jobs.job, '2026-01')).rejects.toMatchObject({ code: 'CONFLICT' });
  const rows = await db.owner.run(
    'test.standing',
    ({ raw }) => raw<{ state: string }[]>`select state from records.transfer_standing`,
  );
  expect(rows).toEqual([{ state: 'noticed' }]);
});

test('a package that the vault gives up frees its cases for another round', async () => {
  const two = await debtor(records, [90_000n]);
  jobs.day = '2026-11-02';
  const roundNo = await noticed(2);
  jobs.day = '2026-11-17';
  await freezeRound(jobs.job, roundNo);
  await submitRound(jobs.job, vault, roundNo);
  vault.abort();
  const { cases } = await learnStatus(jobs.job, vault, roundNo);
  expect(Object.fromEntries(cases)).toEqual({ aborted: 1 });
  const closed = await closeRound(jobs.job, roundNo);
  expect(closed.closed).toBe(0);
  expect(closed.erased).toBeGreaterThan(0);
  expect(await closeRound(jobs.job, roundNo)).toEqual({ closed: 0, erased: 0 });
  const next = await noticed(3);
  const rows = await db.owner.run(
    'test.case',
    ({ raw }) => raw<{ case_id: bigint }[]>`
    select s.case_id from records.transfer_standing s join records.transfer_round r on r.id = s.round_id
    where r.round_no = ${next}`,
  );
  expect(rows).toEqual([{ case_id: two.caseId }]);
});

test('an answer for a case that was not delivered changes nothing', async () => {
  const other = new KeptVault();
  jobs.day = '2026-12-04';
  await freezeRound(jobs.job, '2026-03');
  await submitRound(jobs.job, other, '2026-03');
  other.reach('DELIVERED');
  await learnStatus(jobs.job, other, '2026-03');
  other.answers = [{ caseNo: one.caseNo, outcome: 'ACCEPTED' }];
  await expect(learnAcceptance(jobs.job, other, '2026-03')).rejects.toMatchObject({
    code: 'INTEGRITY_FAILURE',
  });
});
