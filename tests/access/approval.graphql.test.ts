import { beforeAll, describe, expect, it } from 'vitest';
import { ApprovalMutations, ApprovalQueries } from '../../src/access/approval.graphql.js';
import { installBuiltInRoles, installDepartments } from '../../src/access/register/roles.store.js';
import { revokeStaff, suspendStaff } from '../../src/access/register/staff.js';
import type { ChangeContext, ChangeOutcome } from '../../src/access/schema/change.js';
import type { VaultPersonInput } from '../../src/access/registerInput.graphql.js';
import { StaffMutations, StaffQueries } from '../../src/access/staff.graphql.js';
import { buildSchema } from '../../src/gateway/schema/build.js';
import type { Clock } from '../../src/kernel/clock.js';
import { APPROVAL_MS_MAX, APPROVAL_WAIT_MS_MAX } from '../../src/kernel/limits.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { askerOf, makeChange, Reader, TEST_CLOCK } from '../support/read.js';
import { changeBy, newAdministrators } from './support/administrators.js';

const schema = buildSchema([StaffQueries, StaffMutations, ApprovalQueries, ApprovalMutations]);
const [approvals, register] = [new ApprovalMutations(), new StaffMutations()];
const BASE = { idempotencyKey: 'key-00000001', reason: '応援のため' };
const OTHER = ['DUAL_CONTROL_REQUIRED'];

let db: TestDatabase;
let reader: Reader;
let serial = 0;
beforeAll(async () => {
  db = await testDatabase();
  reader = new Reader(schema, db.gateway);
  await installBuiltInRoles(db.owner);
  await installDepartments(db.owner, [
    { code: 'JOHO', name: '情報政策課', branchCode: undefined },
    { code: 'KANSA', name: '監査課', branchCode: undefined },
  ]);
});

/** Four administrators whom no other test knows, so that no ring is open between them. */
async function four(): Promise<readonly [string, string, string, string]> {
  const ids = Array.from({ length: 4 }, () => `A${String((serial += 1)).padStart(4, '0')}`);
  await newAdministrators(db.owner, TEST_CLOCK, 'JOHO', ids);
  return ids as unknown as readonly [string, string, string, string];
}

async function newClerk(personId?: string): Promise<string> {
  const staffId = `S${String((serial += 1)).padStart(4, '0')}`;
  const named = { personId: personId ?? `P-${staffId}`, name: '試験　花子', kana: 'シケン　ハナコ' };
  const input = { ...BASE, staffId, ...named, department: 'JOHO', employmentFrom: '2020-04-01' };
  expect(problem(await by('A-NONE', (context) => register.createStaff(input, context)))).toBeUndefined();
  return staffId;
}

/** Somebody's change; a clock that is later by some time. */
function by(
  actorId: string,
  work: (context: ChangeContext) => Promise<ChangeOutcome>,
  laterMs = 0,
): Promise<ChangeOutcome> {
  const clock: Clock = { now: () => TEST_CLOCK.now().add({ milliseconds: laterMs }) };
  return makeChange(db.gateway, askerOf('accessAdministrator', { actorId }), work, clock);
}

const problem = ({ userErrors }: ChangeOutcome) => userErrors?.map(({ code }) => code);
const messages = ({ userErrors }: ChangeOutcome) => userErrors?.map(({ message }) => message).join();
const grantInput = (staffId: string, own: object = {}) => ({
  ...BASE,
  staffId,
  role: 'collectionClerk',
  validFrom: '2026-11-10',
  ...own,
});
const asks = async (actorId: string, staffId: string): Promise<string> => {
  const input = grantInput(staffId);
  const outcome = await by(actorId, (context) => approvals.requestRoleGrant(input, context));
  expect(problem(outcome)).toBeUndefined();
  return String(outcome.keys?.['approvalRequest']);
};
const opens = (actorId: string, approvalRequestId: string) =>
  by(actorId, (context) => approvals.openApprovalRequest({ ...BASE, approvalRequestId }, context));
const decides = (
  actorId: string,
  approvalRequestId: string,
  outcome: 'approved' | 'refused' = 'approved',
  laterMs = 0,
) =>
  by(
    actorId,
    (context) => approvals.decideApprovalRequest({ ...BASE, approvalRequestId, outcome }, context),
    laterMs,
  );
const approves = async (actorId: string, id: string) => {
  expect(problem(await opens(actorId, id))).toBeUndefined();
  return decides(actorId, id);
};
const grants = (actorId: string, staffId: string, approvalRequestId: string, own: object = {}, laterMs = 0) =>
  by(
    actorId,
    (context) => register.grantRole({ ...grantInput(staffId, own), approvalRequestId }, context),
    laterMs,
  );
const shown = async (id: string) => {
  const fields =
    'kind state staff { staffId } role { name } department { code } validFrom requestedBy decidedBy decisionReason';
  const document = `{ approvalRequest(id: "${id}") { ${fields} } }`;
  return (await reader.data(document, askerOf('accessAdministrator')))['approvalRequest'];
};

describe('a role', () => {
  it('is asked for by one administrator, approved by another who has opened it, and given once', async () => {
    const [a, b] = await four();
    const staffId = await newClerk();
    const id = await asks(a, staffId);
    expect(problem(await grants(a, staffId, id))).toEqual(OTHER);
    expect(messages(await decides(b, id))).toMatch(/opened/);
    expect(problem(await approves(b, id))).toBeUndefined();
    expect(await shown(id)).toMatchObject({ state: 'APPROVED' });
    expect(problem(await grants(a, staffId, id))).toBeUndefined();
    expect(messages(await grants(a, staffId, id))).toMatch(/has been used/);
    expect(await shown(id)).toEqual({
      kind: 'GRANT_ROLE',
      state: 'CONSUMED',
      staff: { staffId },
      role: { name: 'collectionClerk' },
      department: { code: 'JOHO' },
      validFrom: '2026-11-10',
      requestedBy: a,
      decidedBy: b,
      decisionReason: BASE.reason,
    });
  });

  it('is approved by whoever has opened it, though another administrator opened it after him', async () => {
    const [a, b, c] = await four();
    const staffId = await newClerk();
    const id = await asks(a, staffId);
    expect(problem(await opens(b, id))).toBeUndefined();
    expect(problem(await opens(c, id))).toBeUndefined();
    expect(problem(await decides(b, id))).toBeUndefined();
    expect(await shown(id)).toMatchObject({ state: 'APPROVED', decidedBy: b });
  });

  it('is given for nothing but what was approved, and to nobody but the one who asked', async () => {
    const [a, b, c] = await four();
    const [staffId, other] = [await newClerk(), await newClerk()];
    const id = await asks(a, staffId);
    await approves(b, id);
    for (const own of [
      { role: 'sectionChief' },
      { validFrom: '2026-11-11' },
      { validTo: '2027-03-31' },
      { staffId: other },
    ])
      expect(messages(await grants(a, staffId, id, own))).toMatch(/not what was approved/);
    expect(messages(await grants(c, staffId, id))).toMatch(/cannot be passed on/);
    expect(problem(await grants(a, staffId, '999999'))).toEqual(OTHER);
    const reset = (context: ChangeContext) =>
      register.resetCredentials({ ...BASE, staffId, approvalRequestId: id }, context);
    expect(messages(await by(a, reset))).toMatch(/not what was approved/);
    expect(await shown(id)).toMatchObject({ state: 'APPROVED' });
  });

  it('is not given for another unit than the one that was approved', async () => {
    const [a, b] = await four();
    const staffId = await newClerk();
    const id = await asks(a, staffId);
    await approves(b, id);
    const move = { ...BASE, staffId, department: 'KANSA', validFrom: '2026-11-10' };
    expect(problem(await by(a, (context) => register.moveStaff(move, context)))).toBeUndefined();
    expect(messages(await grants(a, staffId, id))).toMatch(/not what was approved/);
    expect(await shown(id)).toMatchObject({ state: 'APPROVED', department: { code: 'JOHO' } });
  });

  it('is given once when it is taken twice at the same moment', async () => {
    const [a, b] = await four();
    const staffId = await newClerk();
    const id = await asks(a, staffId);
    await approves(b, id);
    const outcomes = await Promise.all([grants(a, staffId, id), grants(a, staffId, id)]);
    expect(outcomes.map(problem).filter((each) => each === undefined)).toHaveLength(1);
  });

  it('is approved neither by who asked, nor by whom it is about, nor by a service account', async () => {
    const [a, b] = await four();
    const staffId = await newClerk();
    const id = await asks(a, staffId);
    expect(problem(await approves(a, id))).toEqual(OTHER);
    expect(messages(await opens(staffId, id))).toMatch(/own account/);
    expect(messages(await decides(staffId, id, 'refused'))).toMatch(/own account/);
    expect(messages(await opens('transfer-job', id))).toMatch(/service account/);
    expect(problem(await by(b, (context) => approvals.requestRoleGrant(grantInput(b), context)))).toEqual(
      OTHER,
    );
    expect(problem(await decides(b, id, 'refused'))).toBeUndefined();
    expect(problem(await decides(b, id))).toEqual(['CONFLICT']);
    expect(messages(await grants(a, staffId, id))).toMatch(/refused/);
    expect(await shown(id)).toMatchObject({ state: 'REFUSED', decidedBy: b });
  });

  it('is not approved in a ring: A asks B, B asks C, C asks A; D may', async () => {
    const [a, b, c, d] = await four();
    const staffId = await newClerk();
    expect(problem(await approves(b, await asks(a, staffId)))).toBeUndefined();
    expect(problem(await approves(c, await asks(b, staffId)))).toBeUndefined();
    const id = await asks(c, staffId);
    expect(messages(await approves(a, id))).toMatch(/ring/);
    expect(problem(await approves(d, id))).toBeUndefined();
  });

  it('closes no ring either when two approve each other at the same moment', async () => {
    const [a, b] = await four();
    const staffId = await newClerk();
    const [first, second] = [await asks(a, staffId), await asks(b, staffId)];
    await opens(b, first);
    await opens(a, second);
    const outcomes = await Promise.all([decides(b, first), decides(a, second)]);
    expect(outcomes.map(problem).filter((each) => each === undefined)).toHaveLength(1);
  });

  it('waits seven days for its approval, and the approval a day for its use', async () => {
    const [a, b] = await four();
    const staffId = await newClerk();
    const late = await asks(a, staffId);
    await opens(b, late);
    expect(messages(await decides(b, late, 'approved', APPROVAL_WAIT_MS_MAX))).toMatch(/waited too long/);
    const id = await asks(a, staffId);
    await approves(b, id);
    expect(messages(await grants(a, staffId, id, {}, APPROVAL_MS_MAX))).toMatch(/too old/);
    expect(problem(await grants(a, staffId, id, {}, APPROVAL_MS_MAX - 1))).toBeUndefined();
  });

  it.each([
    ['suspended', suspendStaff],
    ['revoked', revokeStaff],
  ])('is not given when who approved was %s since', async (_what, end) => {
    const [a, b, c] = await four();
    const staffId = await newClerk();
    const id = await asks(a, staffId);
    await approves(b, id);
    await db.gateway.transaction('test.end', (tx) => end(tx, changeBy(c, TEST_CLOCK), b));
    expect(messages(await grants(a, staffId, id))).toMatch(/withdrawn/);
  });

  it('that could never be given is not asked for', async () => {
    const [a] = await four();
    const staffId = await newClerk();
    const asking = (own: object) =>
      by(a, (context) => approvals.requestRoleGrant(grantInput(staffId, own), context));
    expect(problem(await asking({ validFrom: '2026-11-01' }))).toEqual(['BAD_INPUT']);
    expect(problem(await asking({ validTo: '2026-11-01' }))).toEqual(['BAD_INPUT']);
    expect(problem(await asking({ role: 'noSuchRole' }))).toEqual(['NOT_FOUND']);
    expect(problem(await asking({ staffId: 'NOBODY' }))).toEqual(['NOT_FOUND']);
    expect(problem(await asking({ reason: ' ' }))).toEqual(['BAD_INPUT']);
    for (const act of [opens, decides]) expect(problem(await act(a, '999999'))).toEqual(['NOT_FOUND']);
  });
});

describe('new credentials', () => {
  it('are asked for and approved in the same way, and the code goes to the one who asked', async () => {
    const [a, b] = await four();
    const staffId = await newClerk();
    const input = { ...BASE, staffId };
    const asked = await by(a, (context) => approvals.requestCredentialReset(input, context));
    const id = String(asked.keys?.['approvalRequest']);
    const reset = () =>
      by(a, (context) => register.resetCredentials({ ...input, approvalRequestId: id }, context));
    expect(problem(await reset())).toEqual(OTHER);
    await approves(b, id);
    expect((await reset()).given).toHaveProperty('enrolment');
    expect(await shown(id)).toMatchObject({ kind: 'RESET_CREDENTIALS', state: 'CONSUMED', role: null });
  });
});

describe('the end of a suspension', () => {
  const suspends = (actorId: string, staffId: string) =>
    by(actorId, (context) => register.suspendStaff({ ...BASE, staffId }, context));
  const asks = (actorId: string, staffId: string) =>
    by(actorId, (context) => approvals.requestStaffReactivation({ ...BASE, staffId }, context));
  const reactivates = (actorId: string, staffId: string, approvalRequestId: string) =>
    by(actorId, (context) => register.reactivateStaff({ ...BASE, staffId, approvalRequestId }, context));

  it('is asked for by one administrator, approved by another, and serves once', async () => {
    const [a, b, c] = await four();
    const [staffId, other] = [await newClerk(), await newClerk()];
    expect(problem(await asks(a, staffId))).toEqual(['CONFLICT']);
    for (const each of [staffId, other]) await suspends(c, each);
    const id = String((await asks(a, staffId)).keys?.['approvalRequest']);
    expect(problem(await reactivates(a, staffId, id))).toEqual(OTHER);
    expect(problem(await approves(a, id))).toEqual(OTHER);
    expect(problem(await approves(b, id))).toBeUndefined();
    expect(messages(await reactivates(a, other, id))).toMatch(/not what was approved/);
    expect(messages(await reactivates(c, staffId, id))).toMatch(/cannot be passed on/);
    expect(problem(await reactivates(a, staffId, id))).toBeUndefined();
    await suspends(c, staffId);
    expect(messages(await reactivates(a, staffId, id))).toMatch(/has been used/);
    expect(await shown(id)).toMatchObject({ kind: 'REACTIVATE_STAFF', state: 'CONSUMED', requestedBy: a });
  });

  it('is asked for by nobody for himself, also not by another account of his', async () => {
    const [a] = await four();
    const staffId = await newClerk(`P-${a}`);
    await suspends('A-NONE', staffId);
    expect(problem(await asks(a, staffId))).toEqual(OTHER);
  });
});

describe('a link with a person of the vault', () => {
  const input = (staffId: string, vaultPersonId: string) => ({
    ...BASE,
    staffId,
    vaultPersonId,
    validFrom: '2026-11-10',
  });
  const asks = (actorId: string, staffId: string, vaultPersonId: string) =>
    by(actorId, (context) => approvals.requestVaultPersonLink(input(staffId, vaultPersonId), context));
  const links = (actorId: string, approvalRequestId: string, asked: VaultPersonInput) =>
    by(actorId, (context) => register.linkVaultPerson({ ...asked, approvalRequestId }, context));

  it('is made for nothing but what another administrator has approved', async () => {
    const [a, b] = await four();
    const staffId = await newClerk();
    const asked = input(staffId, `V-${staffId}`);
    const id = String((await asks(a, staffId, `V-${staffId}`)).keys?.['approvalRequest']);
    expect(problem(await links(a, id, asked))).toEqual(OTHER);
    await approves(b, id);
    for (const own of [
      { vaultPersonId: 'V-OTHER' },
      { validFrom: '2026-11-02' },
      { staffId: await newClerk() },
    ])
      expect(messages(await links(a, id, { ...asked, ...own }))).toMatch(/not what was approved/);
    expect(problem(await links(a, id, asked))).toBeUndefined();
    const document = `{ approvalRequest(id: "${id}") { kind state vaultPersonId validFrom role { name } } }`;
    expect((await reader.data(document, askerOf('accessAdministrator')))['approvalRequest']).toEqual({
      kind: 'LINK_VAULT_PERSON',
      state: 'CONSUMED',
      vaultPersonId: `V-${staffId}`,
      validFrom: '2026-11-10',
      role: null,
    });
  });

  it('that could never be made is not asked for', async () => {
    const [a, b] = await four();
    const staffId = await newClerk();
    const id = String((await asks(a, staffId, `V-${staffId}`)).keys?.['approvalRequest']);
    await approves(b, id);
    await links(a, id, input(staffId, `V-${staffId}`));
    expect(problem(await asks(a, await newClerk(), `V-${staffId}`))).toEqual(['CONFLICT']);
    expect(problem(await asks(a, staffId, 'V 1'))).toEqual(['BAD_INPUT']);
  });
});

describe('requests for approval', () => {
  it('are listed by state and by whom they are about, newest first', async () => {
    const [a, b] = await four();
    const staffId = await newClerk();
    const ids = [await asks(a, staffId), await asks(a, staffId)];
    await approves(b, ids[0]!);
    const list = async (filter: string) => {
      const document = `{ approvalRequests(first: 9, filter: { staffId: "${staffId}" ${filter} }) { nodes { id } } }`;
      const data = await reader.data(document, askerOf('accessAdministrator'));
      return (data['approvalRequests'] as { nodes: { id: string }[] }).nodes.map(({ id }) => id);
    };
    expect(await list('')).toEqual(ids.toReversed());
    expect(await list(', state: APPROVED')).toEqual([ids[0]]);
    expect(await list(', state: REQUESTED')).toEqual([ids[1]]);
  });

  it.each(['approval_request', 'approval_opening', 'approval_decision', 'approval_use'])(
    'are a journal that nobody changes: %s',
    async (table) => {
      for (const sql of [`delete from access.${table}`, `update access.${table} set change_id = 1`])
        for (const [session, sqlstate] of [
          [db.owner, '23001'],
          [db.gateway, '42501'],
        ] as const)
          await expect(session.run('test.change', ({ raw }) => raw.unsafe(sql))).rejects.toMatchObject({
            facts: { sqlstate },
          });
    },
  );
});
