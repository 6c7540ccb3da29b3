import { expect, test } from 'vitest';
import { newVaultRef } from '../../../src/vault/number/vaultRef.js';
import { testGateway } from '../../support/gateway.js';
import { Records } from '../../support/records.js';

const gateway = await testGateway(120);
const records = new Records(gateway.db.owner);

const QUERY = `query($filter: ReferenceChangeFilter, $first: Int, $after: String) {
  referenceChanges(filter: $filter, first: $first, after: $after) {
    nodes { addresseeNo oldRef newRef databaseUser recordedAt action requestId }
    pageInfo { endCursor hasNextPage }
  }
}`;
interface Page {
  readonly nodes: readonly object[];
  readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
}
const ask = async (role: string, variables: Record<string, unknown>) => {
  const answer = await gateway.ask(role, QUERY, { variables });
  return { page: (answer.data as { referenceChanges: Page | null }).referenceChanges, errors: answer.errors };
};
const refs = [newVaultRef(), newVaultRef()];
const [one, other] = [await records.addressee(), await records.addressee()];

// With the gateway's database user: once as the gateway does, then past it.
await gateway.db.gateway.transaction('test.registered', async (tx) => {
  await tx.run(
    'test.change',
    ({ raw }) => raw`
    insert into records.change (actor_id, purpose, request_id, action)
    values ('C1101', 'COLLECTION', '018f0000-0000-7000-8000-000000000001', 'registerIndividualNumber')`,
  );
  await tx.run(
    'test.refer',
    ({ raw }) => raw`update records.addressee set vault_ref = ${refs[0]!} where addressee_no = ${one}`,
  );
});
for (const [no, ref] of [
  [one, null],
  [other, refs[0]!],
] as const)
  await gateway.db.gateway.run(
    'test.refer',
    ({ raw }) => raw`update records.addressee set vault_ref = ${ref} where addressee_no = ${no}`,
  );

const node = (addresseeNo: string, oldRef: string | null, newRef: string | null) => ({
  addresseeNo,
  oldRef,
  newRef,
  databaseUser: 'test_gateway',
  recordedAt: expect.stringMatching(/^\d{4}-/) as string,
  action: null as string | null,
  requestId: null as string | null,
});
const registered = {
  ...node(one, null, refs[0]!),
  action: 'registerIndividualNumber',
  requestId: '018f0000-0000-7000-8000-000000000001',
};

test('the audit officer sees who was given which reference, newest first, page by page', async () => {
  const first = await ask('auditor', { first: 2 });
  expect(first.errors).toEqual([]);
  const { nodes, pageInfo } = first.page!;
  expect(nodes).toEqual([node(other, null, refs[0]!), node(one, refs[0]!, null)]);
  expect(pageInfo.hasNextPage).toBe(true);
  const rest = await ask('auditor', { first: 2, after: pageInfo.endCursor });
  expect(rest.page?.nodes).toEqual([registered]);
});

test('of one addressee, and only what nothing of the application explains', async () => {
  const asked = async (filter: object) => (await ask('auditor', { filter })).page?.nodes;
  expect(await asked({ addresseeNo: one })).toEqual([node(one, refs[0]!, null), registered]);
  expect(await asked({ addresseeNo: one, unexplainedOnly: true })).toEqual([node(one, refs[0]!, null)]);
  expect(await asked({ addresseeNo: one, unexplainedOnly: false })).toHaveLength(2);
});

test('nobody else does, and the look is an entry with the addressees shown', async () => {
  for (const role of ['collectionClerk', 'numberHandler']) {
    const answer = await ask(role, {});
    expect(answer.page, role).toBeNull();
  }
  await ask('auditor', { filter: { addresseeNo: other } });
  const [entry] = await gateway.db.owner.run(
    'test.entry',
    ({ raw }) => raw<{ subjects: string[] }[]>`
    select subjects from audit.entry where coordinate = 'ReferenceChange.newRef' and decision = 'allow'
    order by sequence desc limit 1`,
  );
  expect(entry?.subjects).toEqual([other]);
});
