import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { testGateway, type TestGateway } from '../../support/gateway.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway(60);
  // Once before anything is counted: the session's state is then remembered.
  await gateway.ask('collectionClerk', '{ viewer { actorId } }');
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Names of the statements that one question puts to the database, which runs them all the same. */
async function statementsOf(query: string): Promise<string[]> {
  const run = vi.spyOn(gateway.db.gateway, 'run');
  const answer = await gateway.ask('collectionClerk', query);
  expect(answer.errors).toEqual([]);
  return run.mock.calls.map(([name]) => name).filter((name) => !name.startsWith('session.'));
}

test.each([
  ['one field', '{ taxItems(first: 1) { nodes { code } } }'],
  [
    'five root fields',
    `{ a: taxItems { nodes { code } } b: taxItems { nodes { code } } c: taxItems { nodes { code } }
      d: addressees(filter: { kana: "ア" }) { nodes { name } } e: receipts(first: 2) { nodes { id } } }`,
  ],
  [
    'lists in lists in lists',
    `{ addressees(filter: { kana: "サ" }, first: 5) { nodes { name protectedPerson address
      levies(first: 5) { nodes { levied taxItem { name } allocations(first: 5) { nodes { receipt { amount } } } } }
      receipts(first: 5) { nodes { levyLine { noticeNo } } } } } }`,
  ],
])('an operation of %s is one statement', async (_, query) => {
  expect(await statementsOf(query)).toEqual(['operation.read']);
});

test('what reads no row puts none', async () => {
  expect(await statementsOf('{ viewer { actorId } }')).toEqual([]);
});
