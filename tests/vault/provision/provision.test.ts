import { beforeEach, describe, expect, test } from 'vitest';
import {
  decideApprovalRequest,
  decideProvisionRequest,
  deleteCopiesRequest,
  newPushRequestId,
  openApprovalRequest,
  pendingProvisionsRequest,
  provisionApprovalRequest,
  registerCopiesRequest,
  switchProvisionRequest,
  type GivenCopy,
  type SignedOperation,
} from '../../../src/client/index.js';
import type { EnvelopeOf } from '../../../src/protocol/intermediary/message.js';
import type { ProvisionAnswer } from '../../../src/protocol/provision.js';
import { storeParts } from '../../../src/vault/spool/parts.js';
import { byTwos, codeOf, done } from '../operation/support/two.js';
import type { TestPerson } from '../operation/support/vault.js';
import { entriesOf } from '../transfer/support/log.js';
import { pushing } from '../push/support/pushing.js';

const it = await pushing();
const { vault, peer } = it;
const { context } = vault;
const owner = vault.databases.owner.vault;
const MINUTE = 60_000;
const UNIFIED = '000000000012345';
const ref = await it.register('123456789018', UNIFIED);
const OPERATIONS = [
  'registerCopies',
  'deleteCopies',
  'decideProvision',
  'listPendingProvisions',
  'switchProvision',
];
const giver = await vault.person('P-3001', OPERATIONS, 'T-0430');
const other = await vault.person('P-3002', OPERATIONS, 'T-0431');
const officer = await vault.officer('P-0301', { role: 'unitOfficer' });
const auditor = await vault.officer('P-0302', { role: 'auditOfficer', unit: 'kansa' });
const BASIS = 'NUMBER-ACT-19-8';
const about = { provisionBasis: BASIS, reason: '他団体への提供' };

beforeEach(() => {
  [peer.status, peer.reason] = ['DONE', undefined];
  peer.faults.length = 0;
  peer.silentQuestions = 0;
});

const copy = (said: Partial<GivenCopy> = {}): GivenCopy => ({
  ref,
  recordId: 'C-1',
  unifiedAddresseeNo: UNIFIED,
  informationNameCode: 'TM00000000000100',
  version: 1,
  publishedFrom: '2026-11-01',
  publishedTo: '2027-05-31',
  autoAnswerForbidden: false,
  nonDisclosure: false,
  items: { CZ01: '3200000' },
  ...said,
});
const operate = async (person: TestPerson, make: (stepUp: string) => Promise<SignedOperation>) =>
  vault.run(await make(await vault.stepUp(person)));
const registers = (
  copies: readonly GivenCopy[],
  messageId = newPushRequestId(vault.clock.ms),
  person = giver,
) =>
  operate(person, (stepUp) =>
    registerCopiesRequest(person.key, { ...person.context, stepUp, messageId, copies }),
  );
const lists = () =>
  operate(giver, (stepUp) => pendingProvisionsRequest(giver.key, { ...giver.context, stepUp }));
const decides = (provisionId = 'PV-1') =>
  operate(giver, (stepUp) =>
    decideProvisionRequest(giver.key, {
      ...giver.context,
      stepUp,
      messageId: newPushRequestId(vault.clock.ms),
      provisionId,
      decision: 'PROVIDE',
      reason: '本人確認済',
    }),
  );
const deletes = (recordIds: readonly string[]) =>
  operate(giver, (stepUp) =>
    deleteCopiesRequest(giver.key, {
      ...giver.context,
      stepUp,
      messageId: newPushRequestId(vault.clock.ms),
      copies: recordIds.map((recordId) => ({ ref, recordId })),
    }),
  );
const asks = async (approver: 'unit' | 'audit') =>
  vault.run(await provisionApprovalRequest(giver.key, { ...giver.context, ...about, approver }));
const approves = async (approver: TestPerson, approvalId: string) => {
  const shown = done(
    await vault.run(await openApprovalRequest(approver.key, { ...approver.context, approvalId })),
  );
  const contentDigest = String(shown['contentDigest']);
  return operate(approver, (stepUp) =>
    decideApprovalRequest(approver.key, {
      ...approver.context,
      stepUp,
      approvalId,
      contentDigest,
      decision: 'approve',
    }),
  );
};
const approvals = async (
  byOfficer = async () => officer,
  byAuditor = async () => auditor,
): Promise<readonly [string, string]> => {
  const first = done(await asks('unit'))['approvalId'] ?? '';
  const second = done(await asks('audit'))['approvalId'] ?? '';
  done(await approves(await byOfficer(), first));
  done(await approves(await byAuditor(), second));
  return [first, second];
};
const switches = (begin?: { provisionBasis: string; approvals: readonly [string, string] }, person = giver) =>
  operate(person, (stepUp) =>
    switchProvisionRequest(person.key, {
      ...person.context,
      stepUp,
      reason: '試行',
      ...(begin && { begin }),
    }),
  );
const told = async (answer: ReturnType<typeof registers>) => done(await answer) as unknown as ProvisionAnswer;
const last = <Kind extends 'copy.register' | 'copy.delete' | 'provision.decide'>(kind: Kind) =>
  peer.received.filter((envelope) => envelope.kind === kind).at(-1) as EnvelopeOf<Kind>;

describe('while nothing is given', () => {
  test('every operation that would give something is refused, raised, and nothing is sent', async () => {
    const sent = peer.received.length;
    for (const answer of [await registers([copy()]), await deletes(['C-1']), await decides(), await lists()])
      expect(codeOf(answer)).toBe('FORBIDDEN_PURPOSE');
    expect(peer.received).toHaveLength(sent);
    for (const op of ['registerCopies', 'deleteCopies', 'decideProvision', 'listPendingProvisions'])
      expect((await entriesOf(vault, `Vault.${op}`)).at(-1)).toMatchObject({
        decision: 'refuse',
        reason: 'provision-off',
        raised: true,
      });
    const [row] = await owner.run(
      'test.none',
      ({ raw }) => raw`select count(*)::int n from vault.provision_message`,
    );
    expect(row).toEqual({ n: 0 });
  });

  test('no approval is asked for, and nothing begun, without a legal basis for giving', async () => {
    expect(codeOf(await asks('unit'))).toBe('FORBIDDEN_PURPOSE');
    expect(codeOf(await switches({ provisionBasis: BASIS, approvals: ['AP-1', 'AP-2'] }))).toBe(
      'FORBIDDEN_PURPOSE',
    );
  });
});

describe('to begin', () => {
  test('takes a basis, an officer and the audit officer; then copies are given', async () => {
    await owner.run(
      'test.basis',
      ({ raw }) => raw`
      insert into vault.legal_basis (basis, purpose, valid_from, valid_to, provision)
      values (${BASIS}, 'INFORMATION_PROVISION', '2026-04-01', '2026-12-31', '番号法第19条第8号')`,
    );
    const [first, second] = await approvals();
    for (const named of [[first], [first, second, 'AP-9'], [second, first]])
      expect(
        codeOf(await switches({ provisionBasis: BASIS, approvals: named as unknown as [string, string] })),
      ).toMatch(/^DUAL_CONTROL_REQUIRED (missing|otherContent)|^UNAUTHENTICATED/);
    expect(codeOf(await registers([copy()]))).toBe('FORBIDDEN_PURPOSE');
    expect(codeOf(await switches({ provisionBasis: BASIS, approvals: [first, second] }, other))).toBe(
      'DUAL_CONTROL_REQUIRED otherPerson',
    );
    expect(done(await switches({ provisionBasis: BASIS, approvals: [first, second] }))).toEqual({ on: true });
    expect(codeOf(await switches({ provisionBasis: BASIS, approvals: [first, second] }))).toBe(
      'DUAL_CONTROL_REQUIRED used',
    );
    expect(await told(registers([copy()]))).toMatchObject({
      state: 'DONE',
      reason: 'OK',
      copies: [{ recordId: 'C-1', result: 'REGISTERED' }],
    });
  });

  test('takes two people, also when one has come from the unit to the audit in between', async () => {
    const both = await approvals(
      () => vault.officer('P-0303', { role: 'unitOfficer' }),
      () => vault.officer('P-0303', { role: 'auditOfficer', unit: 'kansa' }),
    );
    expect(codeOf(await switches({ provisionBasis: BASIS, approvals: both }))).toBe(
      'DUAL_CONTROL_REQUIRED samePerson',
    );
  });

  test('is approved by nobody but these two', async () => {
    const { approvalId = '' } = done(await asks('audit'));
    expect(codeOf(await byTwos(vault).opens(officer, approvalId))).toBe('FORBIDDEN_PURPOSE');
    expect((await byTwos(vault).opens(auditor, approvalId)).outcome).toBe('done');
  });

  test('is written down with its basis and both approvals, or not at all', async () => {
    for (const row of [`(true, null, 'AP-1', 'AP-2'`, `(true, 'B', 'AP-1', null`, `(false, 'B', null, null`])
      await expect(
        owner.run('test.insert', ({ raw }) =>
          raw.unsafe(`insert into vault.provision_switch
            (is_on, basis, first_approval, second_approval, reason, switched_by, switched_at)
            values ${row}, '試行', 'P-1', now())`),
        ),
      ).rejects.toMatchObject({ facts: { constraint: 'provision_switch_approved' } });
  });

  test('is kept as it was decided, by the owner too', async () => {
    for (const statement of [
      'update vault.provision_switch set is_on = false',
      'delete from vault.provision_switch',
    ])
      for (const database of [context.database, owner])
        await expect(database.run('test.change', ({ raw }) => raw.unsafe(statement))).rejects.toMatchObject({
          code: 'DATABASE_ERROR',
        });
  });
});

describe('copies', () => {
  test('go as they were signed, without the reference, and the log names the person', async () => {
    const answer = await told(registers([copy({ recordId: 'C-2', version: 3, autoAnswerForbidden: true })]));
    const { body, messageId, actAs } = last('copy.register');
    expect(messageId).toBe(answer.messageId);
    expect(actAs.personId).toBe('P-3001');
    const { ref: _, ...given } = copy({ recordId: 'C-2', version: 3, autoAnswerForbidden: true });
    expect(body).toEqual({ copies: [given] });
    expect((await entriesOf(vault, 'Vault.registerCopies')).at(-1)).toMatchObject({
      reason: `DONE:OK:${answer.messageId}`,
      rows: 1,
      subjects: [ref],
    });
  });

  test('that were not all taken say which', async () => {
    peer.copyResults.set('C-4', 'VERSION_NOT_NEWER');
    const answer = await told(registers([copy({ recordId: 'C-3' }), copy({ recordId: 'C-4' })]));
    expect(answer).toMatchObject({
      state: 'DONE',
      reason: 'PARTIAL',
      copies: [
        { recordId: 'C-3', result: 'REGISTERED' },
        { recordId: 'C-4', result: 'VERSION_NOT_NEWER' },
      ],
    });
  });

  test('are deleted by their record numbers', async () => {
    expect(await told(deletes(['C-2', 'C-3']))).toMatchObject({ state: 'DONE', reason: 'OK' });
    expect(last('copy.delete').body).toEqual({ recordIds: ['C-2', 'C-3'] });
  });

  test('of a person whose numbers are not linked, or published backwards, are not given', async () => {
    expect(codeOf(await registers([copy({ unifiedAddresseeNo: '000000000099999' })]))).toBe(
      'CONFLICT linkage',
    );
    expect(codeOf(await registers([copy({ publishedTo: '2026-10-31' })]))).toBe('BAD_INPUT');
    expect(codeOf(await registers([copy({ version: 0 })]))).toBe('BAD_INPUT body');
  });

  test('are given once under one name, and told as often as they are asked for', async () => {
    const messageId = newPushRequestId(vault.clock.ms);
    const first = await told(registers([copy({ recordId: 'C-5' })], messageId));
    const sent = peer.received.length;
    expect(await told(registers([copy({ recordId: 'C-5' })], messageId))).toEqual(first);
    expect(peer.received).toHaveLength(sent);
    expect(codeOf(await registers([copy({ recordId: 'C-6' })], messageId))).toBe('CONFLICT messageId');
    expect(codeOf(await registers([copy({ recordId: 'C-5' })], messageId, other))).toBe('CONFLICT messageId');
  });
});

describe('a message that does not arrive', () => {
  const again = async (messageId: string, minutes: number) => {
    vault.clock.move(minutes * MINUTE);
    return told(registers([copy({ recordId: 'C-7' })], messageId));
  };

  test('waits 1, 2, 4, 8, 15 minutes before it is sent again, and is given up after the eighth time', async () => {
    peer.faults.push('notReached', 'outage', ...Array.from({ length: 6 }, () => 'notReached' as const));
    const messageId = newPushRequestId(vault.clock.ms);
    const first = await again(messageId, 0);
    expect(first).toMatchObject({ state: 'RETRY_WAIT', reason: 'NOT_REACHED' });
    expect(await again(messageId, 0)).toEqual(first);
    expect(await again(messageId, 1)).toMatchObject({ state: 'RETRY_WAIT', reason: 'OUTAGE' });
    for (const minutes of [2, 4, 8, 15, 15, 15])
      expect(await again(messageId, minutes)).toMatchObject({ state: 'RETRY_WAIT' });
    expect(await again(messageId, 15)).toMatchObject({ state: 'FAILED', reason: 'ATTEMPTS_SPENT' });
    expect(await again(messageId, 15)).toMatchObject({ state: 'FAILED' });
  });

  test('is not given up while the last copy of it may still be taken', async () => {
    peer.faults.push(...Array.from({ length: 7 }, () => 'notReached' as const), 'lostBefore');
    const messageId = newPushRequestId(vault.clock.ms);
    for (const minutes of [0, 1, 2, 4, 8, 15, 15]) await again(messageId, minutes);
    expect(await again(messageId, 15)).toMatchObject({ state: 'INDETERMINATE', reason: 'NO_ANSWER' });
    const sent = peer.received.length;
    expect(await again(messageId, 1)).toMatchObject({ state: 'INDETERMINATE', reason: 'NO_ANSWER' });
    expect(await again(messageId, 10)).toMatchObject({ state: 'FAILED', reason: 'ATTEMPTS_SPENT' });
    expect(peer.received).toHaveLength(sent);
  });

  test('is asked about, and not sent again when it had its effect', async () => {
    peer.faults.push('lostAfter');
    const messageId = newPushRequestId(vault.clock.ms);
    expect(await again(messageId, 0)).toMatchObject({ state: 'INDETERMINATE', reason: 'NO_ANSWER' });
    const sent = peer.received.length;
    expect(await again(messageId, 0)).toMatchObject({ state: 'DONE', reason: 'OK' });
    expect(peer.received).toHaveLength(sent);
    expect(peer.effects.get(messageId)).toBe(1);
  });

  test('is sent again as the identical envelope while it is taken, and anew when no copy is', async () => {
    for (const [minutes, isSame] of [
      [1, true],
      [7, false],
    ] as const) {
      peer.faults.push('lostBefore');
      const messageId = newPushRequestId(vault.clock.ms);
      const at = vault.clock.ms();
      await again(messageId, 0);
      expect(await again(messageId, minutes)).toMatchObject({ state: 'DONE' });
      expect(Date.parse(last('copy.register').sentAt) <= at + MINUTE).toBe(isSame);
    }
  });

  test('is left as it is while a copy of it may still be on its way, and while nobody answers', async () => {
    peer.faults.push('lostBefore');
    const messageId = newPushRequestId(vault.clock.ms);
    await again(messageId, 0);
    const sent = peer.received.length;
    expect(await again(messageId, 4)).toMatchObject({ state: 'INDETERMINATE' });
    peer.silentQuestions = 1;
    expect(await again(messageId, 0)).toMatchObject({ state: 'INDETERMINATE' });
    expect(peer.received).toHaveLength(sent);
    expect(await again(messageId, 5)).toMatchObject({ state: 'DONE' });
  });

  test('is settled once by two hands', async () => {
    const messageId = newPushRequestId(vault.clock.ms);
    const [stepUpOne, stepUpTwo] = [await vault.stepUp(giver), await vault.stepUp(giver)];
    const make = (stepUp: string) =>
      registerCopiesRequest(giver.key, {
        ...giver.context,
        stepUp,
        messageId,
        copies: [copy({ recordId: 'C-8' })],
      });
    const requests = [await make(stepUpOne), await make(stepUpTwo)];
    const answers = await Promise.all(requests.map((request) => vault.run(request)));
    for (const answer of answers) expect(done(answer)).toMatchObject({ state: 'DONE', reason: 'OK' });
    expect(peer.effects.get(messageId)).toBe(1);
  });

  test('stays as another hand has settled it', async () => {
    peer.faults.push('lostAfter');
    const messageId = newPushRequestId(vault.clock.ms);
    await again(messageId, 0);
    peer.meanwhile = async () => expect(await again(messageId, 0)).toMatchObject({ state: 'DONE' });
    expect(await again(messageId, 0)).toMatchObject({
      state: 'DONE',
      copies: [{ recordId: 'C-7', result: 'REGISTERED' }],
    });
    expect(peer.effects.get(messageId)).toBe(1);
  });

  test('is believed for nothing when what lies in the spool of it is another’s', async () => {
    const messageId = newPushRequestId(vault.clock.ms);
    await again(messageId, 0);
    const stored = (kind: 'envelope' | 'receipt') =>
      context.database.transaction('test.store', (tx) =>
        storeParts(context, tx, {
          kind,
          plaintext: Buffer.from('{}'),
          eraseAfter: vault.clock.now().add({ hours: 1 }),
        }),
      );
    for (const [column, kind] of [
      ['receipt_refs', 'receipt'],
      ['envelope_refs', 'envelope'],
    ] as const) {
      const refs = await stored(kind);
      const former = await owner.run(
        'test.former',
        ({ raw }) =>
          raw<
            { refs: string[] }[]
          >`select ${raw(column)} as refs from vault.provision_message where message_id = ${messageId}`,
      );
      const put = (these: readonly string[]) =>
        owner.run(
          'test.put',
          ({ raw }) =>
            raw`update vault.provision_message set ${raw(column)} = ${[...these]}::text[]
            where message_id = ${messageId}`,
        );
      await put(refs);
      expect(codeOf(await registers([copy({ recordId: 'C-7' })], messageId))).toBe('INTEGRITY_FAILURE');
      await put(former[0]!.refs);
    }
  });
});

describe('an answer', () => {
  test.each([
    ['STAFF_WITHOUT_RIGHT', 'REFUSED STAFF_WITHOUT_RIGHT'],
    ['SENT_AT_OUT_OF_WINDOW', 'RETRY_WAIT NOT_RECEIVED'],
  ] as const)('that refuses for %s comes to %s', async (reason, expected) => {
    [peer.status, peer.reason] = ['REFUSED', reason];
    const answer = await told(registers([copy({ recordId: 'C-9' })]));
    expect(`${answer.state} ${answer.reason}`).toBe(expected);
  });
});

describe('a provision that a person must decide', () => {
  test('is not listed while the server tells nothing', async () => {
    expect(codeOf(await lists())).toBe('TIMEOUT noAnswer');
  });

  test('is listed, and the log names who is known here', async () => {
    const one = {
      provisionId: 'PV-1',
      inquirerBodyCode: '0220000000992022',
      informationNameCode: 'TM00000000000100',
      itemCodes: ['CZ01'],
      requestedAt: '2026-11-22T03:00:00Z',
    };
    const provisions = [
      { ...one, unifiedAddresseeNo: UNIFIED },
      { ...one, provisionId: 'PV-2' },
    ];
    peer.pending = { provisions };
    expect(done(await lists())).toEqual({ provisions });
    peer.pending = undefined;
    expect((await entriesOf(vault, 'Vault.listPendingProvisions')).at(-1)).toMatchObject({
      rows: 2,
      subjects: [ref],
    });
  });

  test('is decided by a message of its own', async () => {
    expect(await told(decides())).toMatchObject({ state: 'DONE', reason: 'PROVIDE' });
    expect(last('provision.decide').body).toEqual({
      provisionId: 'PV-1',
      decision: 'PROVIDE',
      reason: '本人確認済',
    });
  });
});

describe('to stop', () => {
  test('takes one person, and holds at once', async () => {
    expect(done(await switches(undefined, other))).toEqual({ on: false });
    expect(codeOf(await registers([copy()]))).toBe('FORBIDDEN_PURPOSE');
  });

  test('needs nobody when the legal basis ends', async () => {
    const [first, second] = await approvals();
    done(await switches({ provisionBasis: BASIS, approvals: [first, second] }));
    done(await registers([copy({ recordId: 'C-10' })]));
    await owner.run(
      'test.ended',
      ({ raw }) => raw`
      update vault.legal_basis set valid_to = '2026-11-21' where purpose = 'INFORMATION_PROVISION'`,
    );
    expect(codeOf(await registers([copy({ recordId: 'C-11' })]))).toMatch(/^FORBIDDEN_PURPOSE/);
  });
});
