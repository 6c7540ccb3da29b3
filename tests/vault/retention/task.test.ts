import { afterAll, describe, expect, it } from 'vitest';
import { newVaultRef, type VaultRef } from '../../../src/vault/number/vaultRef.js';
import { installRetentionRules } from '../../../src/vault/retention/rule.store.js';
import { endTask, resumeRegistered, resumeTask } from '../../../src/vault/retention/task.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { by, inTx } from '../approval/support/people.js';
import { erase, erasureContext, registerNumber, temporaryFolder } from '../erasure/support/vault.js';

const databases = await testVaultDatabases();
const { vault } = databases;
const context = await erasureContext(databases, `${temporaryFolder()}/journal`);
afterAll(() => context.close());
await installRetentionRules(vault);

const statement = (refs: readonly VaultRef[], purpose = 'REFUND') => ({
  refs,
  purpose,
  caseRef: 'C-2026-0001',
  reason: '還付の終了',
});
const ends = (refs: readonly VaultRef[], own: { purpose?: string; endedOn?: string } = {}) => {
  const { purpose, endedOn = '2026-11-02' } = own;
  const end = { ...statement(refs, purpose), retentionClass: 'INFO_PROVISION_7Y', endedOn } as const;
  return inTx(vault, (tx) => endTask(tx, end, by('P-1')));
};
const resumes = (refs: readonly VaultRef[], purpose?: string) =>
  inTx(vault, (tx) => resumeTask(tx, statement(refs, purpose), by('P-1')));
const registered = async () => (await registerNumber(databases)).ref;
const retentionOf = async (ref: VaultRef) => {
  const [row] = await vault.run(
    'test.retention',
    ({ raw }) => raw<{ day: string | null; class: string | null; purpose: string | null }[]>`
    select retention_ends_on as day, retention_class as class, retention_purpose as purpose
    from vault.number where vault_ref = ${ref}`,
  );
  return row;
};
const NOT_RUNNING = { day: null, class: null, purpose: null };

describe('the end of a task', () => {
  it('sets the first day on which numbers may be erased (handbook 11 §4.4)', async () => {
    const [one, other] = [await registered(), await registered()];
    expect(String(await ends([one, other]))).toBe('2033-11-03');
    const expected = { day: '2033-11-03', class: 'INFO_PROVISION_7Y', purpose: 'REFUND' };
    expect(await retentionOf(one)).toEqual(expected);
    expect(await retentionOf(other)).toEqual(expected);
  });

  it('is taken back when the task goes on, and may come again', async () => {
    const ref = await registered();
    await ends([ref]);
    await resumes([ref]);
    expect(await retentionOf(ref)).toEqual(NOT_RUNNING);
    await ends([ref], { endedOn: '2026-11-01' });
    expect(await retentionOf(ref)).toMatchObject({ day: '2033-11-02' });
  });

  it('lets nothing go while another purpose needs the number, then the last of their days counts', async () => {
    const ref = await registered();
    await resumes([ref], 'COLLECTION');
    await ends([ref], { purpose: 'REFUND', endedOn: '2026-11-02' });
    expect(await retentionOf(ref)).toEqual(NOT_RUNNING);
    await ends([ref], { purpose: 'COLLECTION', endedOn: '2026-10-01' });
    expect(await retentionOf(ref)).toEqual({
      day: '2033-11-03',
      class: 'INFO_PROVISION_7Y',
      purpose: 'REFUND',
    });
  });

  it('keeps what was said, row by row', async () => {
    const ref = await registered();
    await ends([ref]);
    await resumes([ref]);
    const rows = await vault.run(
      'test.changes',
      ({ raw }) => raw`
      select purpose, state, retention_class as class, ended_on as "endedOn", reason, case_ref as "caseRef",
        stated_by as "statedBy" from vault.task_change where vault_ref = ${ref} order by id`,
    );
    const told = { purpose: 'REFUND', reason: '還付の終了', caseRef: 'C-2026-0001', statedBy: 'P-1' };
    expect([...rows]).toEqual([
      { ...told, state: 'ended', class: 'INFO_PROVISION_7Y', endedOn: '2026-11-02' },
      { ...told, state: 'resumed', class: null, endedOn: null },
    ]);
    for (const change of ['update vault.task_change set reason = reason', 'delete from vault.task_change'])
      await expect(vault.run('test.change', ({ raw }) => raw.unsafe(change))).rejects.toMatchObject({
        facts: { sqlstate: '42501' },
      });
  });

  it('is refused for days to come, for no day, for a day without a rule and without a reason', async () => {
    const ref = await registered();
    await expect(ends([ref], { endedOn: '2026-11-03' })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      facts: { field: 'endedOn' },
    });
    await expect(ends([ref], { endedOn: '2026-02-30' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(ends([ref], { endedOn: '2015-10-04' })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    });
    const silent = { ...statement([ref]), reason: ' ' };
    await expect(inTx(vault, (tx) => resumeTask(tx, silent, by('P-1')))).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
    expect(await retentionOf(ref)).toEqual(NOT_RUNNING);
  });

  it('is refused for a number that is erased or was never registered', async () => {
    const { ref } = await registerNumber(databases, { retentionEndsOn: '2026-01-01' });
    await erase(context, [ref]);
    await expect(resumes([ref])).rejects.toMatchObject({ code: 'ERASED' });
    await expect(ends([newVaultRef()])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a number that is registered again', () => {
  const again = (refs: readonly VaultRef[]) =>
    inTx(vault, (tx) => resumeRegistered(tx, statement(refs, 'COLLECTION'), by('P-2')));

  it('is no longer on its way out; others are left alone', async () => {
    const [ended, kept] = [await registered(), await registered()];
    await ends([ended]);
    await again([ended, kept, newVaultRef()]);
    expect(await retentionOf(ended)).toEqual(NOT_RUNNING);
    const said = await vault.run(
      'test.said',
      ({ raw }) => raw`select from vault.task_change where vault_ref = ${kept}`,
    );
    expect(said).toHaveLength(0);
  });

  it('does not come back when its erasure has begun', async () => {
    const { ref } = await registerNumber(databases, { retentionEndsOn: '2026-01-01' });
    await erase(context, [ref]);
    await again([ref]);
    const said = await vault.run(
      'test.said',
      ({ raw }) => raw`select from vault.task_change where vault_ref = ${ref}`,
    );
    expect(said).toHaveLength(0);
  });
});
