import { beforeAll, describe, expect, test } from 'vitest';
import { FUNCTIONS, type FunctionName } from '../../../src/access/functions.js';
import { BUILT_IN_ROLES, type BuiltInRole } from '../../../src/access/roles.js';
import { STAFF } from '../../../src/demonstration/staffList.js';
import { testGateway, type GraphqlAnswer, type TestGateway } from '../../support/gateway.js';

interface ViewerData {
  readonly viewer: { readonly roles: string[]; readonly purposes: string[]; readonly functions: object[] };
}

let gateway: TestGateway;
const viewerOf = (answer: GraphqlAnswer) => (answer.data as ViewerData).viewer;
beforeAll(async () => {
  gateway = await testGateway(60);
});

const VIEWER =
  '{ viewer { __typename actorId department roles functions { name title } purposes branchCode } }';
const ROLES = [...new Set(STAFF.map(({ role }) => role))];

describe('the viewer', () => {
  test.each(ROLES)('is, for a %s, exactly what the register says', async (role: BuiltInRole) => {
    const member = STAFF.find((candidate) => candidate.role === role);
    const answer = await gateway.ask(role, VIEWER);
    const { functions, purposes, scope } = BUILT_IN_ROLES[role];
    const held: FunctionName[] = [...functions];
    expect(answer.errors).toEqual([]);
    expect(viewerOf(answer)).toEqual({
      __typename: 'Viewer',
      actorId: member?.staffId,
      department: member?.department,
      roles: [role],
      functions: held.toSorted().map((name) => ({ name, title: FUNCTIONS[name] })),
      purposes: expect.arrayContaining([...purposes]) as string[],
      branchCode: scope === 'branch' ? '01' : null,
    });
    expect(viewerOf(answer).purposes).toHaveLength(purposes.length);
  });

  test('speaks of two people of one role apart: the department decides the branch', async () => {
    const first = await gateway.ask('branchClerk', VIEWER, { staffId: 'B1601' });
    const second = await gateway.ask('branchClerk', VIEWER, { staffId: 'B1602' });
    expect(viewerOf(first)).toMatchObject({ actorId: 'B1601', department: '4110', branchCode: '01' });
    expect(viewerOf(second)).toMatchObject({ actorId: 'B1602', department: '4210', branchCode: '02' });
  });

  test('may be asked beside other fields and under several names', async () => {
    const answer = await gateway.ask(
      'collectionClerk',
      `{ me: viewer { id: actorId } taxItems(first: 3) { nodes { __typename } }
        again: viewer { functions { title } } }`,
    );
    expect(answer.errors).toEqual([]);
    const data = answer.data as {
      me: object;
      taxItems: { nodes: object[] };
      again: { functions: object[] };
    };
    expect(Object.keys(data)).toEqual(['me', 'taxItems', 'again']);
    expect(data.me).toEqual({ id: 'C1101' });
    expect(data.taxItems.nodes).toHaveLength(3);
    expect(data.again.functions).toContainEqual({ title: FUNCTIONS['ledger:read'] });
  });

  test('follows the register: a role just granted is in the next answer', async () => {
    const before = await gateway.ask('counterClerk', VIEWER);
    expect(viewerOf(before).roles).toEqual(['counterClerk']);
    await gateway.db.owner.run(
      'test.grant',
      ({ raw }) => raw`
      with made as (insert into records.change (actor_id, purpose, request_id, action)
        values ('P1901', 'ADMINISTRATION', gen_random_uuid(), 'test') returning id)
      insert into access.role_grant (staff_id, role, department, valid_from, change_id)
      select 'W1501', 'assessmentClerk', '2110', current_date - 1, id from made`,
    );
    gateway.identity.forget('everybody');
    const after = await gateway.ask('counterClerk', VIEWER);
    expect(viewerOf(after).roles.toSorted()).toEqual(['assessmentClerk', 'counterClerk']);
    expect(viewerOf(after).purposes.toSorted()).toEqual(['ASSESSMENT', 'COUNTER']);
  });

  test('is no secret from the caller, but is not for strangers', async () => {
    const answer = await gateway.post('/graphql', { query: VIEWER }, { 'kuramori-purpose': 'COLLECTION' });
    expect(answer.status).toBe(401);
    expect(await answer.text()).not.toContain('C1101');
  });

  test('leaves its entry, without a subject', async () => {
    const answer = await gateway.ask('assessmentClerk', 'query Mine { viewer { actorId } }');
    expect(answer.status).toBe(200);
    const entries = await gateway.db.owner.run(
      'test.entries',
      ({ raw }) => raw`
      select coordinate, decision, rows, subjects, raised from audit.entry
      where context ->> 'operationName' = 'Mine' order by sequence`,
    );
    const common = { decision: 'allow', rows: 1n, subjects: [], raised: false };
    expect(entries).toEqual([
      { coordinate: 'Query.viewer', ...common },
      { coordinate: 'Viewer.actorId', ...common },
    ]);
  });
});
