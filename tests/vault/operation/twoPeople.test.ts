import { describe, expect, it } from 'vitest';
import {
  approvedRequest,
  revealRequest,
  signAssertion,
  type TwoPersonAct,
} from '../../../src/client/index.js';
import { decodeBody } from '../../../src/audit/body.js';
import type { Answer } from '../../../src/vault/client/wire.js';
import { certifies, verifyCertificate } from '../../../src/vault/erasure/certificate.js';
import { newVaultRef } from '../../../src/vault/number/vaultRef.js';
import { checkDigitOf } from '../number/support/patterned.js';
import { byTwos, codeOf, done } from './support/two.js';
import { testService } from './support/vault.js';

/** Eleven times a digit, and the check digit. */
const repeated = (digit: string) => {
  const base = digit.repeat(11);
  return base + checkDigitOf(base);
};
/** Numbers of handbook 10 §3.2 and patterned ones: nobody's. */
const NUMBERS = [
  '123456789018',
  '135792468015',
  '202020202000',
  '202020202060',
  repeated('1'),
  repeated('2'),
];

const vault = await testService();
const OPERATIONS = ['register', 'resolve', 'reveal', 'status', 'supersede', 'hold', 'releaseHold', 'erase'];
const clerk = await vault.person('P-1029', OPERATIONS);
const other = await vault.person('P-1030', OPERATIONS, 'T-0418');
const officer = await vault.officer('P-0100', { role: 'unitOfficer' });
const second = await vault.officer('P-0101', { role: 'unitOfficer' });
const { register, asks, opens, decides, does, approved, both } = byTwos(vault);

const said = { basis: '令和8年(行ウ)第1号', reason: '訴訟係属中' };
const holdOn = (ref: string): TwoPersonAct => ({ op: 'hold', ref, said });
const erasureOf = (...refs: string[]): TwoPersonAct => ({
  op: 'erase',
  refs,
  said: { fileName: '収滞納管理ファイル', basis: '番号法第20条', reason: '事務の終了による' },
});
const statusOf = (...refs: string[]): TwoPersonAct => ({ op: 'status', refs, said: { reason: '棚卸' } });
const succession = (ref: string, supersededBy: string): TwoPersonAct => ({
  op: 'supersede',
  ref,
  said: { supersededBy, basis: '番号法第7条第2項', reason: '漏えいのおそれ' },
});
const lastRecords = async (count: number) => {
  const rows = await vault.databases.owner.vault.run(
    'test.records',
    ({ raw }) => raw<{ body: Buffer }[]>`
    select body from audit.written order by record_no desc limit ${count}`,
  );
  return rows.map(({ body }) => decodeBody(body.toString('utf8'))!).toReversed();
};
const reveal = async (ref: string): Promise<Answer> => {
  const stepUp = await vault.stepUp(clerk);
  return vault.run(await revealRequest(clerk.key, { ...clerk.context, ref, stepUp }));
};
/** Room in the budget of an hour. */
const later = () => vault.clock.move(60 * 60_000);

describe('a request for approval', () => {
  it('shows the approver what is asked, and is approved for exactly that', async () => {
    const ref = await register(clerk, NUMBERS[0]!);
    const { approvalId = '' } = done(await asks(clerk, holdOn(ref)));
    const shown = done(await opens(officer, approvalId));
    expect(shown).toMatchObject({
      approvalId,
      kind: 'hold',
      requestedBy: 'P-1029',
      summary: { count: 1, sample: [ref], reason: said.reason, basis: said.basis, purpose: 'REFUND' },
    });
    expect(codeOf(await decides(officer, approvalId, 'approve', 'sha256:other'))).toBe('CONFLICT');
    expect(done(await decides(officer, approvalId))).toEqual({ approvalId, state: 'approved' });
    expect(
      codeOf(
        await does(clerk, { ...holdOn(ref), said: { ...said, reason: 'x' } } as TwoPersonAct, approvalId),
      ),
    ).toBe('DUAL_CONTROL_REQUIRED otherContent');
    const { holdId } = done(await does(clerk, holdOn(ref), approvalId));
    expect(holdId).toMatch(/^\d+$/);
    expect(codeOf(await does(clerk, holdOn(ref), approvalId))).toBe('DUAL_CONTROL_REQUIRED used');
    const release: TwoPersonAct = { op: 'releaseHold', ref, said: { ...said, holdId: holdId! } };
    expect(done(await both(clerk, officer, release))).toEqual({ holdId });
  });

  it('is in the log at each step, with its approval', async () => {
    const ref = await register(clerk, NUMBERS[0]!);
    const approvalId = await approved(clerk, officer, holdOn(ref));
    done(await does(clerk, holdOn(ref), approvalId));
    const [, completion] = await lastRecords(2);
    expect(completion).toMatchObject({
      actorId: 'P-1029',
      operationName: 'hold',
      entries: [{ coordinate: 'Vault.hold', reason: `approval:${approvalId}`, rows: 1, subjects: [ref] }],
    });
  });

  it('is made by whoever could do the operation, and for what is offered', async () => {
    const ref = await register(clerk, NUMBERS[0]!);
    const reader = await vault.person('P-1031', ['reveal'], 'T-0419');
    expect(codeOf(await asks(reader, holdOn(ref)))).toBe('FORBIDDEN_PURPOSE');
    const otherBasis = { ...clerk, context: { ...clerk.context, basis: 'BY-CUSTOM' } };
    expect(codeOf(await asks(otherBasis, holdOn(ref)))).toBe('FORBIDDEN_PURPOSE');
    const body = { op: 'reveal', body: {} };
    const odd = await signAssertion(clerk.key, { ...clerk.context, op: 'requestApproval', ref }, body);
    expect(codeOf(await vault.run(odd))).toBe('BAD_INPUT body');
    const withoutRef = { op: 'hold', body: said };
    const none = await signAssertion(clerk.key, { ...clerk.context, op: 'requestApproval' }, withoutRef);
    expect(codeOf(await vault.run(none))).toBe('UNAUTHENTICATED');
  });

  it('is decided by an officer of the unit or the chief, another person, with a step-up', async () => {
    const ref = await register(clerk, NUMBERS[0]!);
    const { approvalId = '' } = done(await asks(clerk, holdOn(ref)));
    const elsewhere = await vault.officer('P-0102', { role: 'unitOfficer', unit: 'shiminzei' });
    const auditor = await vault.officer('P-0103', { role: 'auditOfficer' });
    for (const person of [other, elsewhere, auditor]) {
      expect(codeOf(await opens(person, approvalId))).toBe('FORBIDDEN_PURPOSE');
      expect(codeOf(await decides(person, approvalId, 'approve', 'sha256:x'))).toBe('FORBIDDEN_PURPOSE');
    }
    const digest = done(await opens(officer, approvalId))['contentDigest']!;
    const { key, context } = officer;
    const body = { approvalId, contentDigest: digest, decision: 'approve' };
    const without = await signAssertion(key, { ...context, op: 'decideApproval' }, body);
    expect(codeOf(await vault.run(without))).toBe('STEP_UP_REQUIRED');
    const otherPurpose = { ...officer, context: { ...context, purpose: 'DELINQUENCY' } };
    expect(codeOf(await opens(otherPurpose, approvalId))).toBe('FORBIDDEN_PURPOSE');
    const chief = await vault.officer('P-0001', { role: 'chiefOfficer', unit: 'soumu' });
    expect(done(await decides(chief, approvalId))).toMatchObject({ state: 'approved' });
  });

  it('of an officer is not his own to approve, and is used by nobody else', async () => {
    const handler = await vault.person('P-0104', OPERATIONS, 'T-0421');
    const ref = await register(handler, NUMBERS[0]!);
    const { approvalId = '' } = done(await asks(handler, holdOn(ref)));
    await vault.databases.owner.vault.run(
      'test.promote',
      ({ raw }) => raw`update vault.person set role = 'unitOfficer' where person_id = 'P-0104'`,
    );
    expect(codeOf(await opens(handler, approvalId))).toBe('DUAL_CONTROL_REQUIRED samePerson');
    expect((await lastRecords(1))[0]?.entries).toMatchObject([{ decision: 'refuse', raised: true }]);
    expect(codeOf(await decides(handler, approvalId, 'refuse', 'sha256:x'))).toBe('CONFLICT');
    done(await decides(officer, approvalId));
    expect(codeOf(await does(clerk, holdOn(ref), approvalId))).toBe('DUAL_CONTROL_REQUIRED otherPerson');
  });

  it('that was refused is not done', async () => {
    const ref = await register(clerk, NUMBERS[0]!);
    const { approvalId = '' } = done(await asks(clerk, holdOn(ref)));
    expect(done(await decides(second, approvalId, 'refuse'))).toMatchObject({ state: 'refused' });
    expect(codeOf(await does(clerk, holdOn(ref), approvalId))).toBe('DUAL_CONTROL_REQUIRED refused');
  });

  it('dies with an approver who is withdrawn before it is used', async () => {
    const leaver = await vault.officer('P-0105', { role: 'unitOfficer' });
    const ref = await register(clerk, NUMBERS[0]!);
    const approvalId = await approved(clerk, leaver, holdOn(ref));
    const { revokeNow } = await import('../../../src/vault/staff/revokeNow.js');
    await vault.context.database.transaction('test.revoke', (tx) =>
      revokeNow(tx, 'P-0105', vault.clock.now()),
    );
    expect(codeOf(await does(clerk, holdOn(ref), approvalId))).toBe('DUAL_CONTROL_REQUIRED withdrawn');
  });

  it('is used once, however many use it at the same time', async () => {
    const ref = await register(clerk, NUMBERS[1]!);
    const approvalId = await approved(clerk, officer, holdOn(ref));
    const stepUp = await vault.stepUp(clerk);
    const details = { ...clerk.context, act: holdOn(ref), stepUp, approvals: [approvalId] as const };
    const requests = await Promise.all(
      Array.from({ length: 6 }, () => approvedRequest(clerk.key, { ...details, approvals: [approvalId] })),
    );
    const codes = (await Promise.all(requests.map((request) => vault.run(request)))).map(codeOf).toSorted();
    expect(codes).toEqual([...Array<string>(5).fill('DUAL_CONTROL_REQUIRED used'), 'done']);
    const holds = await vault.databases.owner.vault.run(
      'test.holds',
      ({ raw }) => raw`select from vault.hold where vault_ref = ${ref} and released_at is null`,
    );
    expect(holds).toHaveLength(1);
  });

  it('must be named, one alone', async () => {
    const ref = await register(clerk, NUMBERS[0]!);
    const stepUp = await vault.stepUp(clerk);
    for (const approvals of [[], ['AP-1', 'AP-2'], ['AP-unknown']]) {
      const details = { ...clerk.context, stepUp, approvals, op: 'hold' as const, ref };
      const answer = await vault.run(await signAssertion(clerk.key, details, said));
      expect(codeOf(answer)).toBe('DUAL_CONTROL_REQUIRED missing');
    }
  });
});

describe('an approval', () => {
  it('is looked at before the intent, and before anything is said of the number', async () => {
    const ref = await register(clerk, repeated('3'));
    const used = await approved(clerk, officer, erasureOf(ref));
    done(await does(clerk, erasureOf(ref), used));
    const stepUp = await vault.stepUp(clerk);
    const intents = async () =>
      (
        await vault.databases.owner.vault.run(
          'test.intents',
          ({ raw }) => raw`select from audit.entry where reason = 'intent'`,
        )
      ).length;
    const before = await intents();
    for (const op of ['hold', 'supersede', 'releaseHold'] as const)
      for (const approvals of [[], ['AP-unknown'], [used]]) {
        const details = { ...clerk.context, stepUp, approvals, op, ref };
        const answer = await vault.run(await signAssertion(clerk.key, details, said));
        expect(codeOf(answer)).toMatch(/^DUAL_CONTROL_REQUIRED (missing|used)$/);
        expect((await lastRecords(1))[0]).toMatchObject({ kind: 'refusal' });
      }
    expect(await intents()).toBe(before);
  });
});

describe('a hold', () => {
  it('is released by its own number alone', async () => {
    const [held, another] = [await register(clerk, NUMBERS[2]!), await register(clerk, NUMBERS[3]!)];
    const { holdId } = done(await both(clerk, officer, holdOn(held)));
    const release: TwoPersonAct = { op: 'releaseHold', ref: another, said: { ...said, holdId: holdId! } };
    expect(codeOf(await asks(clerk, release))).toBe('NOT_FOUND');
    expect(codeOf(await asks(clerk, erasureOf(held)))).toBe('RETENTION_HOLD');
  });
});

const linkedWith = async (unifiedAddresseeNo: string) => {
  const rows = await vault.databases.owner.vault.run(
    'test.linkage',
    ({ raw }) => raw<{ ref: string }[]>`
    select vault_ref as ref from vault.addressee_linkage where unified_addressee_no = ${unifiedAddresseeNo}`,
  );
  return rows.map(({ ref }) => ref);
};

describe('a change of number', () => {
  it('makes a chain: the old one is refused for new work, and names the new one', async () => {
    later();
    const unifiedAddresseeNo = '000000000012345';
    const old = await register(clerk, repeated('3'), { unifiedAddresseeNo });
    const next = await register(clerk, repeated('4'));
    expect(done(await both(clerk, officer, succession(old, next)))).toEqual({ ref: old, supersededBy: next });
    expect(codeOf(await reveal(old))).toBe('CONFLICT');
    expect(codeOf(await reveal(next))).toBe('done');
    await expect(register(clerk, repeated('3'))).rejects.toThrow('CONFLICT');
    const stepUp = await vault.stepUp(clerk);
    const ask = await signAssertion(clerk.key, { ...clerk.context, stepUp, op: 'status', ref: old }, {});
    expect(done(await vault.run(ask))).toMatchObject({
      states: [{ ref: old, state: 'superseded', supersededBy: next, held: false }],
    });
    const [row] = await vault.databases.owner.vault.run(
      'test.unified',
      ({ raw }) => raw`select unified_addressee_no as no from vault.number where vault_ref = ${next}`,
    );
    expect(row).toEqual({ no: unifiedAddresseeNo });
    expect(await linkedWith(unifiedAddresseeNo)).toEqual([next]);
    const third = await register(clerk, repeated('5'));
    expect(done(await both(clerk, officer, succession(next, third)))).toMatchObject({ supersededBy: third });
    // A chain has one beginning and one end.
    for (const [ref, supersededBy] of [
      [old, third],
      [third, old],
      [await register(clerk, repeated('6')), third],
      [third, third],
    ] as const)
      expect(codeOf(await asks(clerk, succession(ref, supersededBy)))).toBe('CONFLICT');
    expect(codeOf(await asks(clerk, succession(third, newVaultRef())))).toBe('NOT_FOUND');
  });

  it('does not join two addressees, nor happen without its approval', async () => {
    const one = await register(clerk, repeated('7'), { unifiedAddresseeNo: '000000000000001' });
    const two = await register(clerk, repeated('8'), { unifiedAddresseeNo: '000000000000002' });
    expect(codeOf(await asks(clerk, succession(one, two)))).toBe('CONFLICT');
    const plain = await register(clerk, repeated('9'));
    const approvalId = await approved(clerk, officer, succession(one, plain));
    expect(codeOf(await does(clerk, succession(plain, one), approvalId))).toBe(
      'DUAL_CONTROL_REQUIRED otherContent',
    );
    // Registered for another meanwhile: looked at again when it is done.
    await vault.databases.owner.vault.run(
      'test.other',
      ({ raw }) =>
        raw`update vault.number set unified_addressee_no = '000000000000009' where vault_ref = ${plain}`,
    );
    expect(codeOf(await does(clerk, succession(one, plain), approvalId))).toBe('CONFLICT');
  });
});

describe('an erasure', () => {
  it('answers with a certificate that a third party verifies, and the number is gone', async () => {
    later();
    const refs = [await register(clerk, NUMBERS[4]!), await register(clerk, NUMBERS[5]!)];
    const anchor = vault.context.seal.keyRing.verifying();
    const answer = await both(clerk, officer, erasureOf(...refs));
    const { certificate } = done(answer) as unknown as {
      certificate: { certificateId: string; signed: string };
    };
    const claims = verifyCertificate(certificate.signed, anchor);
    expect(certifies(claims, refs)).toBe(true);
    expect(claims).toMatchObject({ jti: certificate.certificateId, subjects: 2 });
    const [intent] = (await lastRecords(3)).filter(({ entries }) => entries[0]?.reason === 'intent');
    expect(intent).toMatchObject({ operationName: 'erase' });
    const told = await reveal(refs[0]!);
    expect(codeOf(told)).toBe('ERASED');
    // The number of the certificate is for officers (handbook 15 §10).
    expect(JSON.stringify(told)).not.toContain('EC-');
    const head = await vault.person('P-0110', OPERATIONS, 'T-0430');
    await vault.databases.owner.vault.run(
      'test.promote',
      ({ raw }) => raw`update vault.person set role = 'unitOfficer' where person_id = 'P-0110'`,
    );
    const asked = { ...head.context, ref: refs[0]!, stepUp: await vault.stepUp(head) };
    const toOfficer = await vault.run(await revealRequest(head.key, asked));
    expect([codeOf(toOfficer), JSON.stringify(toOfficer)]).toEqual([
      'ERASED',
      expect.stringContaining('EC-') as string,
    ]);
    expect(codeOf(await asks(clerk, erasureOf(refs[1]!)))).toBe('ERASED');
    const shred = await vault.databases.owner.shred.run(
      'test.shred',
      ({ raw }) => raw`select from shred.key where vault_ref = any (${refs}::text[])`,
    );
    expect(shred).toHaveLength(0);
    // A number that comes back is another registration.
    expect(refs).not.toContain(await register(clerk, NUMBERS[4]!));
  });

  it('needs the references that were signed', async () => {
    const ref = await register(clerk, NUMBERS[3]!);
    const approvalId = await approved(clerk, officer, erasureOf(ref));
    expect(codeOf(await does(clerk, erasureOf(await register(clerk, NUMBERS[1]!)), approvalId))).toBe(
      'DUAL_CONTROL_REQUIRED otherContent',
    );
    const stepUp = await vault.stepUp(clerk);
    const { said: told } = erasureOf(ref);
    const details = { ...clerk.context, stepUp, approvals: [approvalId], op: 'erase' as const, refs: [ref] };
    const swapped = await signAssertion(clerk.key, details, { ...told, refs: [newVaultRef()] });
    expect(codeOf(await vault.run(swapped))).toBe('UNAUTHENTICATED');
  });

  it('that met an error after it had begun stays open, and is finished when the vault is opened next', async () => {
    const ref = await register(clerk, NUMBERS[3]!);
    const approvalId = await approved(clerk, officer, erasureOf(ref));
    const stepUp = await vault.stepUp(clerk);
    const details = { ...clerk.context, act: erasureOf(ref), stepUp, approvals: [approvalId] as [string] };
    const request = await approvedRequest(clerk.key, details);
    await vault.databases.owner.shred.run(
      'test.break',
      ({ raw }) => raw`alter table shred.key rename to gone`,
    );
    expect(codeOf(await vault.run(request))).toBe('DATABASE_ERROR');
    await vault.databases.owner.shred.run(
      'test.mend',
      ({ raw }) => raw`alter table shred.gone rename to key`,
    );
    expect(codeOf(await vault.run(request))).toBe('REPLAY_DETECTED');
    expect(codeOf(await reveal(ref))).toBe('ERASED');
    const { beforeService } = await import('../../../src/vault/operation/beforeService.js');
    await beforeService(vault.context);
    const [row] = await vault.databases.owner.vault.run(
      'test.certificate',
      ({ raw }) => raw<{ signed: string }[]>`
      select c.signed from vault.erasure_certificate c join vault.erasure e using (certificate_id)
      where e.vault_ref = ${ref}`,
    );
    expect(certifies(verifyCertificate(row!.signed, vault.context.seal.keyRing.verifying()), [ref])).toBe(
      true,
    );
  });
});

describe('a status', () => {
  it('of several needs a second person, and is of exactly those', async () => {
    const refs = [await register(clerk, NUMBERS[0]!), await register(clerk, NUMBERS[1]!)];
    const stepUp = await vault.stepUp(clerk);
    const alone = await signAssertion(clerk.key, { ...clerk.context, stepUp, op: 'status', refs }, { refs });
    expect(codeOf(await vault.run(alone))).toBe('DUAL_CONTROL_REQUIRED missing');
    const approvalId = await approved(clerk, officer, statusOf(...refs));
    expect(
      codeOf(await does(clerk, statusOf(refs[0]!, await register(clerk, NUMBERS[2]!)), approvalId)),
    ).toBe('DUAL_CONTROL_REQUIRED otherContent');
    const { states } = done(await does(clerk, statusOf(...refs), approvalId)) as unknown as {
      states: { ref: string }[];
    };
    expect(states.map(({ ref }) => ref).toSorted()).toEqual(refs.toSorted());
  });
});
