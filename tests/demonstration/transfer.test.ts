import { afterAll, expect, test } from 'vitest';
import { chooseCandidates, proposeRound } from '../../src/collection/transfer/prepare.js';
import { buildDemonstration } from '../../src/demonstration/build.js';
import { plainDate } from '../../src/kernel/dates.js';
import { approve, Jobs, ROUND } from '../collection/transfer/world.js';
import { testDatabase } from '../support/database.js';
import { Records } from '../support/records.js';

const db = await testDatabase();
const jobs = new Jobs(db);

afterAll(() => jobs.close());

test('the demonstration municipality has cases that a round finds', async () => {
  await buildDemonstration(db.owner, { people: 400, seed: 1, referenceDate: plainDate('2026-11-01') });
  await proposeRound(jobs.job, ROUND);
  await approve(db, new Records(db.owner), '2026-01');
  const { chosen, qualified, examined } = await chooseCandidates(jobs.job, '2026-01');
  expect(chosen).toBeGreaterThan(0);
  expect(qualified).toBeLessThan(examined);
});
