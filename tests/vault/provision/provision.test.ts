import { beforeEach, describe, expect, test } from 'vitest';
import {
  decideApprovalRequest,
  decideProvisionRequest,
  deleteCopiesRequest,
  newPushRequestId,
  openApprovalRequest,
  pendingProvisionsRequest,
  provisionApprovalRequest,
  switchProvisionRequest,
} from '../../../src/client/index.js';
import { openWorkOf } from '../../../src/vault/erasure/running.js';
import { byTwos, codeOf, done } from '../operation/support/two.js';
import type { TestPerson } from '../operation/support/vault.js';
import { entriesOf } from '../transfer/support/log.js';
import { BASIS, giving, MINUTE, UNIFIED } from './support.js';

const { it, vault, peer, ref, giver, other, copy, operate, registers, told, last, calm } = await giving();
const { context } = vault;
const owner = vault.databases.owner.vault;
const OTHER_UNIFIED = '000000000012346';
const otherRef = await it.register('135792468015', OTHER_UNIFIED);
const officer = await vault.officer('P-0301', { role: 'unitOfficer' });
const auditor = await vault.officer('P-0302', { role: 'auditOfficer', unit: 'kansa' });
const about = { provisionBasis: BASIS, reason: '他団体への提供' };

beforeEach(calm);

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
const deletes = (recordIds: readonly string[], whose = ref) =>
  operate(giver, (stepUp) =>
    deleteCopiesRequest(giver.key, {
      ...giver.context,
      stepUp,
      messageId: newPushRequestId(vault.clock.ms),
      copies: recordIds.map((recordId) => ({ ref: whose, recordId })),
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

  test('are nobody’s but the person’s for whom they were registered', async () => {
    const others = { ref: otherRef, unifiedAddresseeNo: OTHER_UNIFIED };
    done(await registers([copy({ ...others, recordId: 'C-20' })]));
    const sent = peer.received.length;
    expect(codeOf(await deletes(['C-20']))).toBe('CONFLICT recordId');
    expect(codeOf(await deletes(['C-2', 'C-20'], otherRef))).toBe('CONFLICT recordId');
    expect(codeOf(await deletes(['C-99']))).toBe('CONFLICT recordId');
    expect(codeOf(await registers([copy({ recordId: 'C-20', version: 2 })]))).toBe('CONFLICT recordId');
    expect(peer.received).toHaveLength(sent);
    expect(await told(deletes(['C-20'], otherRef))).toMatchObject({ state: 'DONE', reason: 'OK' });
    for (const database of [context.database, owner])
      await expect(
        database.run('test.change', ({ raw }) => raw`delete from vault.provision_copy`),
      ).rejects.toMatchObject({ code: 'DATABASE_ERROR' });
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
  test('sends nothing more, and still finds out what became of what was sent', async () => {
    peer.faults.push('lostAfter', 'lostBefore');
    const [arrived, lost] = [newPushRequestId(vault.clock.ms), newPushRequestId(vault.clock.ms)];
    const again = (messageId: string) => registers([copy({ recordId: 'C-12' })], messageId);
    for (const messageId of [arrived, lost])
      expect(await told(again(messageId))).toMatchObject({ state: 'INDETERMINATE' });
    done(await switches(undefined, other));
    const sent = peer.received.length;
    expect(await told(again(arrived))).toMatchObject({ state: 'DONE', reason: 'OK' });
    expect(codeOf(await again(lost))).toBe('FORBIDDEN_PURPOSE');
    expect([...(await openWorkOf(context)([ref]))]).toEqual([ref]);
    vault.clock.move(10 * MINUTE);
    expect(codeOf(await again(lost))).toBe('FORBIDDEN_PURPOSE');
    expect([...(await openWorkOf(context)([ref]))]).toEqual([]);
    expect(peer.received).toHaveLength(sent);
  });

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
