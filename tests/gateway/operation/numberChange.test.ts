import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  approvedRequest,
  assemblyRequest,
  decideProvisionRequest,
  deleteCopiesRequest,
  newPushRequestId,
  pendingProvisionsRequest,
  registerCopiesRequest,
  registerRequest,
  releaseRequest,
  revealRequest,
  signAssertion,
  switchProvisionRequest,
  takeRefundAccountRequest,
  type SignedOperation,
  type TwoPersonAct,
} from '../../../src/client/index.js';
import { openVaultClient } from '../../../src/vault/client/client.js';
import { newVaultRef } from '../../../src/vault/number/vaultRef.js';
import { vaultOperations } from '../../../src/vault/operation/index.js';
import { signedInputKeys } from '../../../src/vault/signing/inputKeys.js';
import { linkHandler, testGateway } from '../../support/gateway.js';
import { Records } from '../../support/records.js';
import { authority, memoryLog, startService } from '../../vault/http/support.js';
import { PATTERNED_NUMBERS } from '../../vault/number/support/patterned.js';
import { byTwos, codeOf } from '../../vault/operation/support/two.js';
import { testService } from '../../vault/operation/support/vault.js';

/** Numbers of handbook 10 §3.2: patterned, nobody's. */
const [FIRST, SECOND, THIRD] = ['123456789018', '135792468015', '202020202000'] as const;
const OPERATIONS = ['register', 'reveal', 'status', 'supersede', 'erase'];

const inside = await testService();
const certificates = await authority();
const service = await startService({
  audit: memoryLog(),
  authority: certificates,
  runOperation: vaultOperations(inside.context),
  publishedKeys: signedInputKeys(inside.context),
});
const { key, cert: certificate } = certificates.gateway;
const client = openVaultClient({ url: service.url, ca: certificates.ca, key, certificate });
afterAll(() => client.close());
const gateway = await testGateway(120, {}, client);
const clerk = await inside.person('P-1029', OPERATIONS);
const officer = await inside.officer('P-0100', { role: 'unitOfficer' });
const { approved } = byTwos(inside);
await linkHandler(gateway, 'P-1029');
const records = new Records(gateway.db.owner);

const headers = { 'kuramori-case': 'C-2026-0001' };
let keys = 0;
const newKey = () => `change-${(keys += 1)}`;
const ask = (query: string, variables: Record<string, unknown>) =>
  gateway.ask('numberHandler', query, { variables, headers });
const operate = async ({ assertion, body }: SignedOperation) => {
  const answer = await ask(
    `mutation($input: OperateVaultInput!) {
      operateVault(input: $input) { outcome { result alarm } userErrors { code field message } }
    }`,
    { input: { idempotencyKey: newKey(), assertion, body: JSON.stringify(body) } },
  );
  const { outcome, userErrors } = answer.data?.operateVault ?? { outcome: null, userErrors: [] };
  const codes = [...answer.errors.map(({ extensions }) => extensions['code']), ...userErrors];
  const result = outcome && (JSON.parse(outcome.result as string) as Record<string, string>);
  return { codes, result, ...(outcome?.alarm ? { alarm: String(outcome.alarm) } : {}) };
};
const register = async (addresseeNo: string, number: string) => {
  const { assertion, body } = await registerRequest(clerk.key, { ...clerk.context, number });
  const input = { idempotencyKey: newKey(), addresseeNo, assertion, number: body['number'] };
  const answer = await ask(
    `mutation($input: RegisterIndividualNumberInput!) {
      registerIndividualNumber(input: $input) { addressee { addresseeNo } userErrors { code } }
    }`,
    { input },
  );
  return answer.data.registerIndividualNumber.userErrors.map(
    ({ code }: { code: string }) => code,
  ) as string[];
};
const referenceOf = async (addresseeNo: string) => {
  const query = 'query($no: String!) { addressee(addresseeNo: $no) { individualNumber { ref } } }';
  const { individualNumber } = (await ask(query, { no: addresseeNo })).data.addressee;
  return (individualNumber?.ref ?? null) as string | null;
};
const keptInVault = async () => {
  const [row] = await inside.databases.owner.vault.run(
    'test.kept',
    ({ raw }) => raw<{ n: bigint }[]>`select count(*) as n from vault.number`,
  );
  return Number(row!.n);
};
const shown = async (ref: string) => {
  const stepUp = await inside.stepUp(clerk);
  return codeOf(await inside.run(await revealRequest(clerk.key, { ...clerk.context, ref, stepUp })));
};
const stateOf = async (ref: string) => signAssertion(clerk.key, { ...clerk.context, op: 'status', ref }, {});

describe('a change of number (番号変更)', () => {
  const no = '9000000001';

  it('refers the addressee to the new number, once two people have decided it', async () => {
    await records.addressee({ addresseeNo: no });
    expect(await register(no, FIRST)).toEqual([]);
    const old = (await referenceOf(no)) as string;
    const before = await keptInVault();
    expect(await register(no, SECOND)).toEqual(['CONFLICT']);
    expect(await keptInVault()).toBe(before);
    const registration = await registerRequest(clerk.key, { ...clerk.context, number: SECOND });
    const { ref: next = '' } = (await operate(registration)).result!;
    expect(await referenceOf(no)).toBe(old);
    const said = { supersededBy: next, basis: '番号法第7条第2項', reason: '漏えいのおそれ' };
    const act: TwoPersonAct = { op: 'supersede', ref: old, said };
    const approvals = [await approved(clerk, officer, act)] as const;
    const stepUp = await inside.stepUp(clerk);
    const request = await approvedRequest(clerk.key, { ...clerk.context, act, stepUp, approvals });
    expect(await operate(request)).toEqual({ codes: [], result: { ref: old, supersededBy: next } });
    expect(await referenceOf(no)).toBe(next);
    expect(await shown(next)).toBe('done');
  });

  it('is followed by the state that is asked for, when its own answer was lost', async () => {
    const next = (await referenceOf(no)) as string;
    const [row] = await inside.databases.owner.vault.run(
      'test.old',
      ({ raw }) => raw<{ ref: string }[]>`
      select vault_ref as ref from vault.number where superseded_by = ${next}`,
    );
    await gateway.db.owner.run(
      'test.back',
      ({ raw }) => raw`update records.addressee set vault_ref = ${row!.ref} where addressee_no = ${no}`,
    );
    expect((await operate(await stateOf(row!.ref))).codes).toEqual([]);
    expect(await referenceOf(no)).toBe(next);
  });
});

describe('a change of number to one that another addressee has', () => {
  it('moves nobody, tells the clerk, and alarms the auditors of both', async () => {
    const [changed, holder] = ['9000000008', '9000000009'];
    for (const addresseeNo of [changed, holder]) await records.addressee({ addresseeNo });
    const [first, second] = PATTERNED_NUMBERS.slice(40, 42) as [string, string];
    expect(await register(changed, first)).toEqual([]);
    expect(await register(holder, second)).toEqual([]);
    const [old, next] = [(await referenceOf(changed)) as string, (await referenceOf(holder)) as string];
    const said = { supersededBy: next, basis: '番号法第7条第2項', reason: '漏えいのおそれ' };
    const act: TwoPersonAct = { op: 'supersede', ref: old, said };
    const approvals = [await approved(clerk, officer, act)] as const;
    const stepUp = await inside.stepUp(clerk);
    const request = await approvedRequest(clerk.key, { ...clerk.context, act, stepUp, approvals });
    expect(await operate(request)).toMatchObject({ codes: [], result: { supersededBy: next } });
    // So it does as often as the state is asked for.
    expect((await operate(await stateOf(old))).alarm).toBe('REFERENCE_TAKEN');
    expect([await referenceOf(changed), await referenceOf(holder)]).toEqual([old, next]);
    const raised = await gateway.db.owner.run(
      'test.raised',
      ({ raw }) => raw<{ subjects: string[] }[]>`
      select subjects from audit.entry where raised and reason = 'referenceTaken'`,
    );
    expect(raised.map(({ subjects }) => subjects.toSorted())).toEqual([
      [changed, holder],
      [changed, holder],
    ]);
  });
});

describe('an erasure (消去)', () => {
  const no = '9000000002';
  const said = { fileName: '収滞納管理ファイル', basis: '番号法第20条', reason: '事務の終了' };
  const maskOf = async (addresseeNo: string) => {
    const query = 'query($no: String!) { addressee(addresseeNo: $no) { individualNumber { mask } } }';
    return (await ask(query, { no: addresseeNo })).data.addressee.individualNumber as { mask: string } | null;
  };
  const erasure = async (refs: readonly string[]) => {
    const act: TwoPersonAct = { op: 'erase', refs, said };
    const approvals = [await approved(clerk, officer, act)] as const;
    return approvedRequest(clerk.key, {
      ...clerk.context,
      act,
      stepUp: await inside.stepUp(clerk),
      approvals,
    });
  };
  const formerOf = async (addresseeNo: string) => {
    const rows = await gateway.db.owner.run(
      'test.former',
      ({ raw }) => raw<{ ref: string; action: string }[]>`
      select vault_ref as ref, action from records.erased_reference join records.change c on c.id = change_id
      where addressee_no = ${addresseeNo} order by c.id`,
    );
    return [...rows];
  };

  const journalOf = async (addresseeNo: string) => {
    const rows = await gateway.db.owner.run(
      'test.journal',
      ({ raw }) => raw<{ old: string | null; next: string | null; action: string | null }[]>`
      select old_ref as old, new_ref as next, action
      from records.reference_change r left join records.change c on c.id = change_id
      where addressee_no = ${addresseeNo} order by r.id`,
    );
    return [...rows];
  };

  it('takes the reference from the addressee, who may be registered again', async () => {
    await records.addressee({ addresseeNo: no });
    expect(await register(no, THIRD)).toEqual([]);
    const ref = (await referenceOf(no)) as string;
    expect(await maskOf(no)).toEqual({ mask: '************' });
    expect((await operate(await erasure([ref]))).codes).toEqual([]);
    expect(await maskOf(no)).toBeNull();
    expect(await formerOf(no)).toEqual([{ ref, action: 'operateVault' }]);
    expect(await register(no, THIRD)).toEqual([]);
    expect(await referenceOf(no)).not.toBe(ref);
    expect(await maskOf(no)).toEqual({ mask: '************' });
    // Each step of it names the change that made it.
    const next = await referenceOf(no);
    expect(await journalOf(no)).toEqual([
      { old: null, next: ref, action: 'registerIndividualNumber' },
      { old: ref, next: null, action: 'operateVault' },
      { old: null, next, action: 'registerIndividualNumber' },
    ]);
  });

  it('is followed by the state that is asked for, when the vault was erased without the gateway', async () => {
    const ref = (await referenceOf(no)) as string;
    expect(codeOf(await inside.run(await erasure([ref])))).toBe('done');
    expect(await register(no, THIRD)).toEqual(['CONFLICT']);
    expect((await operate(await stateOf(ref))).codes).toEqual([]);
    expect((await operate(await stateOf(ref))).codes).toEqual([]);
    expect(await maskOf(no)).toBeNull();
    expect((await formerOf(no)).map((former) => former.ref)).toContain(ref);
    expect(await register(no, THIRD)).toEqual([]);
  });

  it('leaves others, and one that the vault refuses, as they are', async () => {
    const ref = (await referenceOf(no)) as string;
    const act: TwoPersonAct = { op: 'erase', refs: [ref], said };
    const stepUp = await inside.stepUp(clerk);
    const request = await approvedRequest(clerk.key, { ...clerk.context, act, stepUp, approvals: ['AP-1'] });
    expect((await operate(request)).codes).not.toEqual([]);
    expect(await referenceOf(no)).toBe(ref);
    expect(await referenceOf('9000000001')).toMatch(/^vr_/);
  });
});

describe('a reference that the vault does not know, as after a restore,', () => {
  const [no, other] = ['9000000003', '9000000004'];

  it('is taken from its addressee when its state is asked for, once, and the auditors hear of it', async () => {
    for (const addresseeNo of [no, other]) await records.addressee({ addresseeNo });
    const [first, second] = PATTERNED_NUMBERS.slice(44, 46) as [string, string];
    expect(await register(no, first)).toEqual([]);
    expect(await register(other, second)).toEqual([]);
    const [known, kept] = [(await referenceOf(no)) as string, await referenceOf(other)];
    const lost = newVaultRef();
    await gateway.db.owner.run(
      'test.lost',
      ({ raw }) => raw`update records.addressee set vault_ref = ${lost} where addressee_no = ${no}`,
    );
    expect(await register(no, first)).toEqual(['CONFLICT']);
    expect(await operate(await stateOf(lost))).toMatchObject({ codes: [], alarm: 'REFERENCE_LOST' });
    expect([await referenceOf(no), await referenceOf(other)]).toEqual([null, kept]);
    expect((await operate(await stateOf(lost))).alarm).toBeUndefined();
    const raised = await gateway.db.owner.run(
      'test.raised',
      ({ raw }) => raw<{ subjects: string[] }[]>`
      select subjects from audit.entry where raised and reason = 'referenceLost'`,
    );
    expect(raised.map(({ subjects }) => subjects)).toEqual([[no]]);
    // Had the vault the number all the same, its reference comes back.
    expect(await register(no, first)).toEqual([]);
    expect(await referenceOf(no)).toBe(known);
  });
});

describe('what terminals sign for the vault', () => {
  const { context } = clerk;
  const rest = { ...context, stepUp: 'SU-AAAAAAAAAAAAAAAAAAAAAA', approvals: ['AP-1'] as const };
  const of = { packageId: 'TP-1', draftDigest: `sha256:${'A'.repeat(43)}` };
  const messageId = newPushRequestId();
  const copy = { ref: newVaultRef(), recordId: 'C-1', informationNameCode: 'TM01', version: 1, items: {} };
  const published = { publishedFrom: '2026-04-01', publishedTo: '2027-03-31', nonDisclosure: false };
  const copies = [
    { ...copy, ...published, unifiedAddresseeNo: '000000000000001', autoAnswerForbidden: false },
  ];
  const decision = { provisionId: 'P-1', decision: 'REFUSE', reason: '根拠なし' } as const;
  it.each([
    ['an assembly', () => assemblyRequest(clerk.key, { ...rest, assembly: of })],
    [
      'a release',
      () =>
        releaseRequest(clerk.key, {
          ...rest,
          release: { ...of, ciphertextSha256: '0'.repeat(64), way: 'HTTPS' },
        }),
    ],
    ['copies', () => registerCopiesRequest(clerk.key, { ...rest, messageId, copies })],
    ['copies to be deleted', () => deleteCopiesRequest(clerk.key, { ...rest, messageId, copies })],
    ['what waits for a decision', () => pendingProvisionsRequest(clerk.key, rest)],
    ['a decision', () => decideProvisionRequest(clerk.key, { ...rest, messageId, ...decision })],
    ['an end', () => switchProvisionRequest(clerk.key, { ...rest, reason: '停止' })],
    [
      'an erasure of many',
      () => {
        const said = { fileName: '収滞納管理ファイル', basis: '番号法第20条', reason: '事務の終了' };
        const refs = Array.from({ length: 1_000 }, () => newVaultRef());
        return approvedRequest(clerk.key, { ...rest, act: { op: 'erase', refs, said } });
      },
    ],
  ] as const)('comes to it: %s', async (_, make) => {
    // It is the vault that wants the step-up.
    expect((await operate(await make())).codes).toEqual(['STEP_UP_REQUIRED']);
  });
});

describe('a payment of a refund', () => {
  const takes = async (refundId: bigint, amount: bigint) => {
    const payment = { paymentId: `PAY-${refundId}`, amount, customerNo: '0000000001' };
    const details = { ...clerk.context, ref: newVaultRef(), refundId: String(refundId), ...payment };
    const stepUp = 'SU-AAAAAAAAAAAAAAAAAAAAAA';
    return (await operate(await takeRefundAccountRequest(clerk.key, { ...details, stepUp }))).codes;
  };
  let refundId: bigint;
  beforeEach(async () => {
    const addresseeNo = `91${String((keys += 1)).padStart(8, '0')}`;
    await records.addressee({ addresseeNo });
    const levyId = await records.levy(addresseeNo);
    await records.receipt({ levyId, applied: 10_000n, addresseeNo });
    const { overpaymentId } = await records.receipt({ levyId, overpaid: 10_000n, addresseeNo });
    refundId = await records.refund(overpaymentId ?? 0n, addresseeNo, 1_000n);
  });

  it('is of what was approved, to the yen', async () => {
    expect(await takes(refundId, 1_000n)).toMatchObject([{ code: 'CONFLICT', field: 'body' }]);
    await records.decision(refundId, 'approved');
    for (const amount of [999n, 1_001n, 9_999_999_999n])
      expect(await takes(refundId, amount)).toMatchObject([{ code: 'CONFLICT', field: 'body' }]);
    expect(await takes(refundId, 1_000n)).toEqual(['STEP_UP_REQUIRED']);
  });

  it('is of a refund that there is', async () => {
    expect(await takes(refundId + 1_000n, 1_000n)).toMatchObject([{ code: 'NOT_FOUND', field: 'body' }]);
  });
});
