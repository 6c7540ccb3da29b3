import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { stepUp, testGateway, type TestGateway } from '../../support/gateway.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway(60);
  await gateway.tokenOf('P1901');
  await stepUp(gateway, 'P1901', 'ADMINISTRATION');
  await gateway.tokenOf('P1902');
  await stepUp(gateway, 'P1902', 'ADMINISTRATION');
});

/** One step of an approval. */
async function approvalStep(staffId: string, name: string, given: object) {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  const input = { idempotencyKey: randomUUID(), ...given };
  const query = change(name, type, 'approvalRequest { id state }');
  const { data, errors } = await gateway.ask('accessAdministrator', query, { variables: { input }, staffId });
  expect(errors).toEqual([]);
  return data[name] as { approvalRequest: { id: string; state: string } | null; userErrors: object[] };
}

const change = (name: string, type: string, selection: string) =>
  `mutation($input: ${type}!) { ${name}(input: $input) { ${selection} userErrors { code field } } }`;

describe('the register of staff', () => {
  test('takes a new member in, who is given an enrolment code once', async () => {
    const input = {
      idempotencyKey: randomUUID(),
      reason: '採用',
      staffId: 'C9901',
      personId: 'PX-9901',
      name: '新井　遥',
      kana: 'アライ　ハルカ',
      department: '1110',
      employmentFrom: '2026-04-01',
    };
    const query = change(
      'createStaff',
      'CreateStaffInput',
      'staff { staffId name } enrolment { enrolmentCode }',
    );
    const created = await gateway.ask('accessAdministrator', query, { variables: { input } });
    expect(created.errors).toEqual([]);
    expect(created.data.createStaff).toMatchObject({
      userErrors: [],
      staff: { staffId: 'C9901' },
      enrolment: { enrolmentCode: expect.any(String) },
    });
    const repeated = await gateway.ask('accessAdministrator', query, { variables: { input } });
    expect(repeated.data.createStaff).toMatchObject({ staff: { staffId: 'C9901' }, enrolment: null });
  });

  test('ends every session of a suspended account at once, and records it as a change of staff', async () => {
    const before = await gateway.ask('assessmentClerk', '{ viewer { actorId } }');
    expect(before.data.viewer.actorId).toBe('A1401');
    const input = { idempotencyKey: randomUUID(), reason: '調査のため', staffId: 'A1401' };
    const suspended = await gateway.ask(
      'accessAdministrator',
      change('suspendStaff', 'StaffInput', 'staff { state }'),
      { variables: { input } },
    );
    expect(suspended.data.suspendStaff).toMatchObject({ userErrors: [], staff: { state: 'SUSPENDED' } });
    const after = await gateway.ask('assessmentClerk', '{ viewer { actorId } }');
    expect(after.status).toBe(401);
    const [entry] = await gateway.db.owner.run(
      'test.entry',
      ({ raw }) =>
        raw`select kind from audit.entry where coordinate = 'Mutation.suspendStaff' order by sequence desc limit 1`,
    );
    expect(entry).toEqual({ kind: 'staffChange' });
  });

  test('gives a role that works at once, and takes it away at once', async () => {
    const ask = () => gateway.ask('counterClerk', '{ viewer { roles } }');
    const today = new Date(Date.now() + 9 * 3_600_000).toISOString().slice(0, 10);
    const input = {
      idempotencyKey: randomUUID(),
      reason: '応援',
      staffId: 'W1501',
      role: 'collectionClerk',
      validFrom: today,
    };
    const asked = await approvalStep('P1901', 'requestRoleGrant', input);
    const approvalRequestId = asked.approvalRequest?.id;
    const grant = () =>
      gateway.ask('accessAdministrator', change('grantRole', 'GrantRoleInput', 'grant { id }'), {
        variables: { input: { ...input, idempotencyKey: randomUUID(), approvalRequestId } },
      });
    expect((await grant()).data.grantRole.userErrors).toMatchObject([{ code: 'DUAL_CONTROL_REQUIRED' }]);
    expect((await ask()).data.viewer.roles).toEqual(['counterClerk']);
    await approvalStep('P1902', 'openApprovalRequest', { approvalRequestId });
    const decision = { approvalRequestId, outcome: 'APPROVED', reason: '応援を認める' };
    const decided = await approvalStep('P1902', 'decideApprovalRequest', decision);
    expect(decided).toMatchObject({ approvalRequest: { state: 'APPROVED' }, userErrors: [] });
    const granted = await grant();
    expect(granted.data.grantRole.userErrors).toEqual([]);
    expect((await ask()).data.viewer.roles).toEqual(['collectionClerk', 'counterClerk']);
    const revoked = await gateway.ask(
      'accessAdministrator',
      change('revokeRole', 'RevokeRoleInput', 'grant { id }'),
      {
        variables: {
          input: {
            idempotencyKey: randomUUID(),
            reason: '応援終了',
            grantId: granted.data.grantRole.grant.id as string,
            effectiveOn: today,
          },
        },
      },
    );
    expect(revoked.data.revokeRole.userErrors).toEqual([]);
    expect((await ask()).data.viewer.roles).toEqual(['counterClerk']);
    const kinds = await gateway.db.owner.run(
      'test.kinds',
      ({ raw }) =>
        raw<{ kind: string }[]>`select distinct kind from audit.entry
          where coordinate in ('Mutation.grantRole', 'Mutation.revokeRole', 'Mutation.decideApprovalRequest')`,
    );
    // The first grant was refused, and changed nothing.
    expect(kinds.map(({ kind }) => kind).toSorted()).toEqual(['mutation', 'roleChange']);
  });

  test('lets nobody ask for a role of his own, nor decide without a fresh second factor', async () => {
    const asked = { reason: 'x', role: 'auditor', validFrom: '2099-04-01' };
    const own = await approvalStep('P1901', 'requestRoleGrant', { ...asked, staffId: 'P1901' });
    expect(own).toMatchObject({
      approvalRequest: null,
      userErrors: [{ code: 'DUAL_CONTROL_REQUIRED' }],
    });
    const input = { idempotencyKey: randomUUID(), approvalRequestId: '1', outcome: 'APPROVED', reason: 'x' };
    const decide = change('decideApprovalRequest', 'DecideApprovalRequestInput', 'approvalRequest { id }');
    const variables = { input };
    const answer = await gateway.ask('accessAdministrator', decide, { variables, staffId: 'P1903' });
    expect(answer.errors).toMatchObject([{ extensions: { code: 'STEP_UP_REQUIRED' } }]);
  });

  test('shows the demonstration’s request that waits for a second administrator', async () => {
    const query =
      '{ approvalRequests(first: 9, filter: { staffId: "W1501", state: REQUESTED }) { nodes { reason } } }';
    const { data } = await gateway.ask('accessAdministrator', query);
    expect(data.approvalRequests.nodes).toContainEqual({ reason: '年末の窓口の応援' });
  });
});

describe('a search by an attribute needs the right to read it', () => {
  test.each([
    ['branchClerk', 'address: "蔵守市"', 'addressee:identity'],
    ['branchClerk', 'birthDate: "1980-01-01"', 'addressee:identity'],
    ['counterClerk', 'phone: "0999"', 'addressee:contact'],
  ])('%s may not search by %s', async (role, filter, asked) => {
    const answer = await gateway.ask(role, `{ addressees(filter: { ${filter} }) { nodes { addresseeNo } } }`);
    expect(answer.data).toEqual({ addressees: null });
    expect(answer.errors).toMatchObject([
      { path: ['addressees'], extensions: { code: 'FORBIDDEN_FIELD', function: asked } },
    ]);
  });

  test('nor through a variable', async () => {
    const answer = await gateway.ask(
      'branchClerk',
      'query($f: AddresseeFilter!) { addressees(filter: $f) { nodes { addresseeNo } } }',
      { variables: { f: { kana: 'ア', address: '蔵守市' } } },
    );
    expect(answer.data).toEqual({ addressees: null });
  });
});
