import { beforeAll, describe, expect, it } from 'vitest';
import type { ChangeContext, ChangeOutcome } from '../../src/access/schema/change.js';
import type { ReactivateStaffInput } from '../../src/access/registerInput.graphql.js';
import { StaffMutations, StaffQueries } from '../../src/access/staff.graphql.js';
import { installBuiltInRoles, installDepartments } from '../../src/access/register/roles.store.js';
import { buildSchema } from '../../src/gateway/schema/build.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { askerOf, makeChange, Reader, TEST_CLOCK } from '../support/read.js';
import type { AskedApproval } from '../../src/access/register/approval.store.js';
import { approvedBy, newAdministrators } from './support/administrators.js';

const schema = buildSchema([StaffQueries, StaffMutations]);
const changes = new StaffMutations();
const administrator = askerOf('accessAdministrator', { actorId: 'ADMIN' });
const BASE = { idempotencyKey: 'key-00000001', reason: '人事異動のため' };

let db: TestDatabase;
let reader: Reader;
let serial = 0;

beforeAll(async () => {
  db = await testDatabase();
  reader = new Reader(schema, db.gateway);
  await installBuiltInRoles(db.owner);
  await installDepartments(db.owner, [
    { code: 'SHUNO', name: '収納課', branchCode: undefined },
    { code: 'KITA', name: '北支所', branchCode: '01' },
  ]);
  await newAdministrators(db.owner, TEST_CLOCK, 'SHUNO', ['ADMIN', 'ADMIN2']);
});

const approved = (asked: AskedApproval) => approvedBy(db.gateway, TEST_CLOCK, asked, ['ADMIN', 'ADMIN2']);

const make = (work: (context: ChangeContext) => Promise<ChangeOutcome>) =>
  makeChange(db.gateway, administrator, work);

async function newStaff(change: object = {}): Promise<{ staffId: string; outcome: ChangeOutcome }> {
  const staffId = `S${String((serial += 1)).padStart(4, '0')}`;
  const input = {
    ...BASE,
    staffId,
    personId: `P-${staffId}`,
    name: '試験　花子',
    kana: 'シケン　ハナコ',
    department: 'SHUNO',
    employmentFrom: '2020-04-01',
    ...change,
  };
  return { staffId, outcome: await make((context) => changes.createStaff(input, context)) };
}

async function staff(staffId: string, fields: string): Promise<unknown> {
  return (await reader.data(`{ staff(staffId: "${staffId}") { ${fields} } }`, administrator))['staff'];
}

const problem = ({ userErrors }: ChangeOutcome) => userErrors?.map(({ code }) => code);

describe('the register of staff', () => {
  it('opens an account that waits for its person, and gives the code out once', async () => {
    const { staffId, outcome } = await newStaff();
    expect(outcome).toEqual({
      keys: { staff: staffId },
      given: {
        enrolment: { enrolmentCode: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{8}){3}$/) as string },
      },
    });
    expect(
      await staff(
        staffId,
        `name state employmentFrom employmentTo department { name } rolesInForce { id }
          events { nodes { kind reason actorId } }`,
      ),
    ).toEqual({
      name: '試験　花子',
      state: 'PENDING',
      employmentFrom: '2020-04-01',
      employmentTo: null,
      department: { name: '収納課' },
      rolesInForce: [],
      events: { nodes: [{ kind: 'CREATED', reason: '人事異動のため', actorId: 'ADMIN' }] },
    });
  });

  it('tells what is wrong and writes nothing', async () => {
    const { staffId } = await newStaff();
    expect(problem((await newStaff({ staffId })).outcome)).toEqual(['CONFLICT']);
    expect(problem((await newStaff({ staffId: 'no blanks' })).outcome)).toEqual(['BAD_INPUT']);
    expect(problem((await newStaff({ department: 'NONE' })).outcome)).toEqual(['NOT_FOUND']);
    expect(problem((await newStaff({ reason: ' ' })).outcome)).toEqual(['BAD_INPUT']);
    const { staffId: never, outcome } = await newStaff({ employmentTo: '2020-03-31' });
    expect(problem(outcome)).toEqual(['BAD_INPUT']);
    expect(await staff(never, 'name')).toBeNull();
  });

  it('suspends, reactivates, resets and revokes; what is revoked stays so', async () => {
    const { staffId } = await newStaff();
    const input = { ...BASE, staffId };
    const state = async () => ((await staff(staffId, 'state')) as { state: string }).state;
    await make((context) => changes.suspendStaff(input, context));
    expect(await state()).toBe('SUSPENDED');
    const reactivation = async () => ({
      ...input,
      approvalRequestId: await approved({ kind: 'reactivateStaff', staffId }),
    });
    const reactivates = (by: ReactivateStaffInput) => make((context) => changes.reactivateStaff(by, context));
    expect(problem(await reactivates(await reactivation()))).toBeUndefined();
    expect(await state()).toBe('PENDING');
    const approvalRequestId = await approved({ kind: 'resetCredentials', staffId });
    const reset = () => make((context) => changes.resetCredentials({ ...input, approvalRequestId }, context));
    expect((await reset()).given).toBeDefined();
    expect(problem(await reset())).toEqual(['DUAL_CONTROL_REQUIRED']);
    await make((context) => changes.suspendStaff(input, context));
    const late = await reactivation();
    await make((context) => changes.revokeStaff(input, context));
    expect(await state()).toBe('REVOKED');
    expect(problem(await reactivates(late))).toEqual(['CONFLICT']);
    expect(await staff(staffId, 'events { nodes { kind } }')).toEqual({
      events: {
        nodes: ['REVOKED', 'SUSPENDED', 'CREDENTIALS_RESET', 'REACTIVATED', 'SUSPENDED', 'CREATED'].map(
          (kind) => ({ kind }),
        ),
      },
    });
  });

  it('ends no later suspension by the approval of an earlier one', async () => {
    const { staffId } = await newStaff();
    const input = { ...BASE, staffId };
    const suspend = () => make((context) => changes.suspendStaff(input, context));
    await suspend();
    const [first, spare] = [
      await approved({ kind: 'reactivateStaff', staffId }),
      await approved({ kind: 'reactivateStaff', staffId }),
    ];
    const reactivates = (approvalRequestId: string) =>
      make((context) => changes.reactivateStaff({ ...input, approvalRequestId }, context));
    expect(problem(await reactivates(first))).toBeUndefined();
    await suspend();
    expect(problem(await reactivates(spare))).toEqual(['DUAL_CONTROL_REQUIRED']);
    expect(await staff(staffId, 'state')).toEqual({ state: 'SUSPENDED' });
  });

  it('moves a person, whose department is then the new one', async () => {
    const { staffId } = await newStaff();
    const move = { ...BASE, staffId, department: 'KITA', validFrom: '2026-11-02', handoverTo: '2026-11-10' };
    expect(problem(await make((context) => changes.moveStaff(move, context)))).toBeUndefined();
    expect(await staff(staffId, 'department { code branchCode }')).toEqual({
      department: { code: 'KITA', branchCode: '01' },
    });
    expect(
      problem(await make((context) => changes.moveStaff({ ...move, handoverTo: '2026-12-31' }, context))),
    ).toEqual(['BAD_INPUT']);
  });

  it('moves a person without a handover; of two moves on a day the later one counts', async () => {
    const { staffId } = await newStaff();
    const move = { ...BASE, staffId, department: 'KITA', validFrom: '2026-11-02' };
    expect(problem(await make((context) => changes.moveStaff(move, context)))).toBeUndefined();
    const back = { ...move, department: 'SHUNO' };
    expect(problem(await make((context) => changes.moveStaff(back, context)))).toBeUndefined();
    expect(await staff(staffId, 'department { code }')).toEqual({ department: { code: 'SHUNO' } });
  });

  it('links an account with its person in the vault, and ends that', async () => {
    const { staffId } = await newStaff();
    const input = { ...BASE, staffId, vaultPersonId: 'P-1029', validFrom: '2026-11-02' };
    const { vaultPersonId, validFrom } = input;
    const asked = { kind: 'linkVaultPerson', staffId, vaultPersonId, validFrom } as const;
    const link = { ...input, approvalRequestId: await approved(asked) };
    expect(problem(await make((context) => changes.linkVaultPerson(link, context)))).toBeUndefined();
    const later = { ...input, validFrom: '2026-12-01' };
    expect(problem(await make((context) => changes.unlinkVaultPerson(later, context)))).toBeUndefined();
    expect(problem(await make((context) => changes.unlinkVaultPerson(later, context)))).toEqual(['CONFLICT']);
    expect(await staff(staffId, 'events { nodes { kind } }')).toEqual({
      events: {
        nodes: ['VAULT_PERSON_UNLINKED', 'VAULT_PERSON_LINKED', 'CREATED'].map((kind) => ({ kind })),
      },
    });
  });

  it('lists staff by department and state', async () => {
    const { staffId } = await newStaff({ department: 'KITA' });
    const list = async (filter: string) => {
      const data = await reader.data(
        `{ staffMembers(first: 100, filter: { ${filter} }) { nodes { staffId } } }`,
        administrator,
      );
      return (data['staffMembers'] as { nodes: { staffId: string }[] }).nodes.map((node) => node.staffId);
    };
    expect(await list('department: "KITA", state: PENDING')).toContain(staffId);
    expect(await list('department: "SHUNO"')).not.toContain(staffId);
    expect(await list('state: ACTIVE')).toEqual(['ADMIN', 'ADMIN2']);
  });
});

describe('roles', () => {
  const grant = async (staffId: string, role: string) => {
    const asked = { staffId, role, validFrom: '2026-11-02', validTo: '2027-03-31' };
    const approvalRequestId = await approved({ kind: 'grantRole', ...asked });
    return make((context) => changes.grantRole({ ...BASE, ...asked, approvalRequestId }, context));
  };

  it('are granted and taken back, and tell by whom', async () => {
    const { staffId } = await newStaff();
    const { keys } = await grant(staffId, 'collectionClerk');
    const grants = 'rolesInForce { role { name title } grantedBy department { code } validFrom validTo }';
    expect(await staff(staffId, grants)).toEqual({
      rolesInForce: [
        {
          role: { name: 'collectionClerk', title: '収納担当' },
          grantedBy: 'ADMIN',
          department: { code: 'SHUNO' },
          validFrom: '2026-11-02',
          validTo: '2027-03-31',
        },
      ],
    });
    const input = { ...BASE, grantId: String(keys?.['grant']), effectiveOn: '2026-11-02' };
    expect(await make((context) => changes.revokeRole(input, context))).toEqual({
      keys: { grant: keys?.['grant'] },
    });
    expect(
      await staff(staffId, 'rolesInForce { id } grants { nodes { revokedOn staff { staffId } } }'),
    ).toEqual({
      rolesInForce: [],
      grants: { nodes: [{ revokedOn: '2026-11-02', staff: { staffId } }] },
    });
    expect(problem(await make((context) => changes.revokeRole({ ...input, grantId: 'x' }, context)))).toEqual(
      ['BAD_INPUT'],
    );
    expect(
      problem(await make((context) => changes.revokeRole({ ...input, grantId: '999999' }, context))),
    ).toEqual(['NOT_FOUND']);
  });

  it('that must be separate are not joined in one person', async () => {
    const { staffId } = await newStaff();
    await grant(staffId, 'collectionClerk');
    expect(problem(await grant(staffId, 'auditor'))).toEqual(['CONFLICT']);
    expect(problem(await grant(staffId, 'accessAdministrator'))).toEqual(['CONFLICT']);
  });

  it('are listed with their functions, for those who may read staff', async () => {
    const document = `{ roles(first: 100) { nodes { name scope functions { function } } }
        departments { nodes { code name branchCode } } }`;
    const data = await reader.data(document, administrator);
    expect((data['roles'] as { nodes: unknown[] }).nodes).toContainEqual({
      name: 'branchClerk',
      scope: 'BRANCH',
      functions: [{ function: 'addressee:read' }, { function: 'ledger:read' }],
    });
    expect(data['departments']).toEqual({
      nodes: [
        { code: 'KITA', name: '北支所', branchCode: '01' },
        { code: 'SHUNO', name: '収納課', branchCode: null },
      ],
    });
    expect((await reader.ask(document, askerOf('collectionClerk'))).data).toEqual({
      roles: null,
      departments: null,
    });
  });
});
