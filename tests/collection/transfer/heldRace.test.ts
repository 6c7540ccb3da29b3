import { afterAll, beforeAll, expect, test } from 'vitest';
import { receiveResults } from '../../../src/collection/transfer/results.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';
import { Records } from '../../support/records.js';
import { acceptedRound, oldDebtor, ROUND_NO } from './acts/world.js';
import { KeptVault } from './keptVault.js';
import { Jobs } from './world.js';

let db: TestDatabase;
let records: Records;
let jobs: Jobs;
const vault = new KeptVault();

beforeAll(async () => {
  db = await testDatabase();
  records = new Records(db.owner);
  jobs = new Jobs(db);
  const debtors = [await oldDebtor(records, 2), await oldDebtor(records, 2)];
  await acceptedRound(
    db,
    records,
    jobs,
    vault,
    debtors.map(({ caseNo }) => caseNo),
  );
});

afterAll(() => jobs.close());

const FILE = '21_states.csv';

async function count(table: string): Promise<number | undefined> {
  const [row] = await db.owner.run(
    'test.count',
    ({ raw }) => raw<{ n: number }[]>`select count(*)::integer as n from records.${raw(table)}`,
  );
  return row?.n;
}

/** A vault that gives a file of a result after something else has happened. */
function meanwhile(resultId: string, work: () => Promise<unknown>): KeptVault {
  return new Proxy(vault, {
    get: (target, name) =>
      name === 'resultFile'
        ? async function* (of: string, file: string) {
            if (of === resultId && file === FILE) await work();
            yield* target.resultFile(of, file);
          }
        : (Reflect.get(target, name) as () => unknown).bind(target),
  });
}

test('two jobs that find at once that a result cannot be read hold it once', async () => {
  const resultId = await vault.report({ states: [], collections: [] });
  vault.spoil(resultId, '21_states.csv', 'caseNo,state,on,judgement\nnonsense\n');
  const other = () => receiveResults(jobs.job, vault, ROUND_NO);
  await receiveResults(jobs.job, meanwhile(resultId, other), ROUND_NO);
  expect(await count('transfer_hold')).toBe(1);
});

test('a whole result that two people set aside while the vault gives its files is not taken', async () => {
  const resultId = await vault.report({ states: [], collections: [] });
  const parts: Uint8Array[] = [];
  for await (const part of vault.resultFile(resultId, FILE)) parts.push(part);
  vault.spoil(resultId, FILE, 'nonsense');
  await receiveResults(jobs.job, vault, ROUND_NO);
  vault.spoil(resultId, FILE, Buffer.concat(parts).toString('utf8'));
  const change = String(await records.changeId());
  const { results, held } = await receiveResults(
    jobs.job,
    meanwhile(resultId, () => setAside(resultId, change)),
    ROUND_NO,
  );
  expect(results).toEqual([]);
  expect(held.map((hold) => hold.resultId)).not.toContain(resultId);
  expect(await count('transfer_result')).toBe(0);
});

/** Both people's words, at once. */
async function setAside(resultId: string, change: string): Promise<void> {
  await db.owner.run(
    'test.setAside',
    ({ raw }) => raw`
    with proposed as (
      insert into records.transfer_set_aside (hold_id, proposed_by, proposed_on, reason, change_id)
      select id, 'staff-delinquencyOfficer', '2026-11-02', '誤り', ${change}::bigint from records.transfer_hold
      where result_id = ${resultId}::uuid returning id
    )
    insert into records.transfer_set_aside_decision (set_aside_id, outcome, decided_by, decided_on, reason, change_id)
    select id, 'approved', 'staff-sectionChief', '2026-11-02', '確認した', ${change}::bigint from proposed`,
  );
}
