import { beforeEach, describe, expect, it } from 'vitest';
import type { ApprovalContent } from '../../../src/kernel/dualControl.js';
import type { ApprovalId, ApprovalKind, ApprovalSummary } from '../../../src/vault/approval/approval.js';
import { findApproval } from '../../../src/vault/approval/approval.store.js';
import { consumeApproval, voidApprovalsOf } from '../../../src/vault/approval/consume.js';
import { approve, refuse } from '../../../src/vault/approval/decide.js';
import { openApproval, requestApproval } from '../../../src/vault/approval/request.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { approvedBy, by, inTx, MORNING, refusedBy } from './support/people.js';

const { vault, owner } = await testVaultDatabases();
const CONTENT = { op: 'supersede', ref: 'vr_0123456789ABCDEFGHJKMNPQRS' };
const SUMMARY: ApprovalSummary = {
  count: 1,
  purpose: 'DELINQUENCY',
  basis: 'BASIS-24',
  reason: '番号変更の届出',
  sample: ['C-2026-0098'],
  differences: ['前回より1件多い'],
};
const UNKNOWN = 'AP-00000000-0000-4000-8000-000000000000';

const ask = (person: string, minutes = 0, kind: ApprovalKind = 'supersede'): Promise<ApprovalId> =>
  inTx(vault, (tx) => requestApproval(tx, { kind, content: CONTENT, summary: SUMMARY }, by(person, minutes)));
const open = (id: string, person: string, minutes: number) =>
  inTx(vault, (tx) => openApproval(tx, id, by(person, minutes)));
const decide = (id: string, person: string, minutes: number) =>
  inTx(vault, (tx) => approve(tx, id, by(person, minutes)));
const consume = (approvalId: string, person: string, minutes: number, content: ApprovalContent = CONTENT) =>
  inTx(vault, (tx) => consumeApproval(tx, { approvalId, kind: 'supersede', content }, by(person, minutes)));
const state = async (id: string) => (await findApproval(vault, id))?.state;

beforeEach(async () => {
  await owner.vault.run('test.clear', ({ raw }) => raw`delete from vault.approval`);
});

describe('an approval', () => {
  it('goes from request over the opened summary to its one use', async () => {
    const id = await ask('A');
    expect(id).toMatch(/^AP-[0-9a-f-]{36}$/);
    expect(await findApproval(vault, id)).toMatchObject({ state: 'requested', requested: { by: 'A' } });
    const shown = await open(id, 'B', 1);
    expect(shown.summary).toEqual(SUMMARY);
    expect(await decide(id, 'B', 2)).toMatchObject({ state: 'approved', decided: { by: 'B' } });
    expect(await consume(id, 'A', 3)).toMatchObject({ state: 'consumed' });
    expect(await findApproval(vault, id)).toMatchObject({
      state: 'consumed',
      decided: by('B', 2),
      consumedAt: MORNING.add({ minutes: 3 }),
    });
    await expect(consume(id, 'A', 4)).rejects.toMatchObject(refusedBy('used'));
  });

  it('keeps nothing of its content but the digest', async () => {
    const id = await ask('A');
    const [row] = await vault.run(
      'test.row',
      ({ raw }) =>
        raw<{ text: string }[]>`select a::text as text from vault.approval a where approval_id = ${id}`,
    );
    expect(row!.text).toMatch(/sha256:[A-Za-z0-9_-]{43}/);
    expect(row!.text).not.toContain(CONTENT.ref);
  });

  it('needs the summary to be opened by the one who approves', async () => {
    const id = await ask('A');
    await expect(decide(id, 'B', 1)).rejects.toMatchObject(refusedBy('notOpened'));
    await open(id, 'C', 2);
    await expect(decide(id, 'B', 3)).rejects.toMatchObject(refusedBy('notOpened'));
    expect((await decide(id, 'C', 3)).decided).toEqual(by('C', 3));
  });

  it('is given by whoever has opened it, though others opened it after him', async () => {
    const id = await ask('A');
    await open(id, 'B', 1);
    await open(id, 'C', 2);
    expect((await decide(id, 'B', 3)).decided).toEqual(by('B', 3));
  });

  it('is not given before it was opened, whenever others opened it', async () => {
    const id = await ask('A');
    await open(id, 'C', 1);
    await open(id, 'B', 5);
    await expect(decide(id, 'B', 3)).rejects.toMatchObject(refusedBy('notOpened'));
  });

  it('is not opened, given or refused by the one who asked', async () => {
    const id = await ask('A');
    await expect(open(id, 'A', 1)).rejects.toMatchObject(refusedBy('samePerson'));
    await expect(decide(id, 'A', 1)).rejects.toMatchObject(refusedBy('samePerson'));
    await expect(inTx(vault, (tx) => refuse(tx, id, by('A', 1)))).rejects.toMatchObject(
      refusedBy('samePerson'),
    );
  });

  it('is refused by the database too when both are the same person', async () => {
    const id = await ask('A');
    await expect(
      vault.run(
        'test.cheat',
        ({ raw }) => raw`update vault.approval set decided_by = 'A' where approval_id = ${id}`,
      ),
    ).rejects.toMatchObject({ facts: { constraint: 'approval_two_people' } });
  });

  it('is for exactly what was approved', async () => {
    const id = await ask('A');
    await approvedBy(vault, id, 'B', 1);
    const other = { ...CONTENT, ref: 'vr_0123456789ABCDEFGHJKMNPQRT' };
    await expect(consume(id, 'A', 2, other)).rejects.toMatchObject(refusedBy('otherContent'));
    await expect(
      inTx(vault, (tx) =>
        consumeApproval(tx, { approvalId: id, kind: 'erase', content: CONTENT }, by('A', 2)),
      ),
    ).rejects.toMatchObject(refusedBy('otherContent'));
    await expect(consume(id, 'C', 2)).rejects.toMatchObject(refusedBy('otherPerson'));
    expect(await state(id)).toBe('approved');
    expect(await consume(id, 'A', 2)).toMatchObject({ state: 'consumed' });
  });

  it('is stale 24 hours after it was given', async () => {
    const id = await ask('A');
    await approvedBy(vault, id, 'B', 0);
    await expect(consume(id, 'A', 24 * 60)).rejects.toMatchObject(refusedBy('stale'));
    expect(await consume(id, 'A', 24 * 60 - 1)).toMatchObject({ state: 'consumed' });
  });

  it('cannot be used once it was refused', async () => {
    const id = await ask('A');
    expect(await inTx(vault, (tx) => refuse(tx, id, by('B', 1)))).toMatchObject({ state: 'refused' });
    expect(await state(id)).toBe('refused');
    await expect(consume(id, 'A', 2)).rejects.toMatchObject(refusedBy('refused'));
    await expect(open(id, 'C', 2)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(decide(id, 'C', 2)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('is missing when nobody asked, and its number is told to nobody', async () => {
    await expect(consume(UNKNOWN, 'A', 1)).rejects.toMatchObject(refusedBy('missing'));
    await expect(open(UNKNOWN, 'A', 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await findApproval(vault, UNKNOWN)).toBeUndefined();
  });

  it.each([
    ['count', { count: 0 }],
    ['count', { count: 1.5 }],
    ['sample', { sample: Array.from({ length: 11 }, () => 'C') }],
    ['reason', { reason: ' ' }],
  ])('is not asked for with a bad %s', async (field, changes) => {
    const summary = { ...SUMMARY, ...changes };
    await expect(
      inTx(vault, (tx) => requestApproval(tx, { kind: 'erase', content: CONTENT, summary }, by('A'))),
    ).rejects.toMatchObject({ code: 'BAD_INPUT', facts: { field } });
  });
});

describe('rings', () => {
  it('are refused within 24 hours and for one kind (handbook 15 §6.3)', async () => {
    await approvedBy(vault, await ask('A'), 'B', 1);
    await approvedBy(vault, await ask('B'), 'C', 2);
    const id = await ask('C', 3);
    await expect(approvedBy(vault, id, 'A', 4)).rejects.toMatchObject(refusedBy('ring'));
    await approvedBy(vault, id, 'D', 5);
    const otherKind = await ask('C', 6, 'grant');
    await approvedBy(vault, otherKind, 'A', 7);
    const nextDay = await ask('C', 24 * 60 + 2);
    await approvedBy(vault, nextDay, 'A', 24 * 60 + 2);
  });

  it('count approvals that were used or voided, and not refusals', async () => {
    const used = await ask('A');
    await approvedBy(vault, used, 'B', 1);
    await consume(used, 'A', 2);
    await expect(approvedBy(vault, await ask('B', 3), 'A', 4)).rejects.toMatchObject(refusedBy('ring'));
    await approvedBy(vault, await ask('X'), 'Y', 1);
    await inTx(vault, (tx) => voidApprovalsOf(tx, 'X'));
    await expect(approvedBy(vault, await ask('Y', 3), 'X', 4)).rejects.toMatchObject(refusedBy('ring'));
    const refused = await ask('M');
    await inTx(vault, (tx) => refuse(tx, refused, by('N', 1)));
    await approvedBy(vault, await ask('N', 2), 'M', 3);
  });

  it('do not come about by two approvals at once', async () => {
    for (let round = 0; round < 5; round++) {
      const [first, second] = [await ask(`A${round}`), await ask(`B${round}`)];
      await open(first, `B${round}`, 1);
      await open(second, `A${round}`, 1);
      const results = await Promise.allSettled([
        decide(first, `B${round}`, 2),
        decide(second, `A${round}`, 2),
      ]);
      expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      const [rejected] = results.filter((result) => result.status === 'rejected');
      expect(rejected!.reason).toMatchObject(refusedBy('ring'));
    }
  });
});

describe('the one use', () => {
  it('goes to one of two at once', async () => {
    const id = await ask('A');
    await approvedBy(vault, id, 'B', 1);
    const results = await Promise.allSettled(Array.from({ length: 2 }, () => consume(id, 'A', 2)));
    const [rejected] = results.filter((result) => result.status === 'rejected');
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(rejected!.reason).toMatchObject(refusedBy('used'));
  });

  it('is given back when what it was for did not happen', async () => {
    const id = await ask('A');
    await approvedBy(vault, id, 'B', 1);
    const failed = inTx(vault, async (tx) => {
      await consumeApproval(tx, { approvalId: id, kind: 'supersede', content: CONTENT }, by('A', 2));
      throw new Error('the act failed');
    });
    await expect(failed).rejects.toThrow('the act failed');
    expect(await consume(id, 'A', 3)).toMatchObject({ state: 'consumed' });
  });
});

describe('the withdrawal of a person', () => {
  it('voids his requests and the approvals he asked for or gave, used ones aside', async () => {
    const [waiting, asked, given, used, others] = [
      await ask('W'),
      await ask('W'),
      await ask('A'),
      await ask('A'),
      await ask('A'),
    ];
    await approvedBy(vault, asked, 'B', 1);
    await approvedBy(vault, given, 'V', 2);
    await approvedBy(vault, used, 'V', 3);
    await consume(used, 'A', 4);
    await approvedBy(vault, others, 'B', 3);
    expect(await inTx(vault, (tx) => voidApprovalsOf(tx, 'W'))).toEqual([waiting, asked].toSorted());
    expect(await inTx(vault, (tx) => voidApprovalsOf(tx, 'V'))).toEqual([given]);
    expect(await Promise.all([waiting, asked, given, used, others].map(state))).toEqual([
      'void',
      'void',
      'void',
      'consumed',
      'approved',
    ]);
    await expect(consume(given, 'A', 5)).rejects.toMatchObject(refusedBy('withdrawn'));
    await expect(open(waiting, 'B', 5)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
