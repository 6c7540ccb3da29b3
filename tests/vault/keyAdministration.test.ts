import { describe, expect, test, vi } from 'vitest';
import { KEY_CLASSES } from '../../schema/vault/key.js';
import { openAuditLog } from '../../src/audit/log.js';
import { KuramoriError } from '../../src/kernel/errors.js';
import { KEY_CURSOR_CHARS_MAX, KEY_USES_STEP, ROTATION_BATCH_RECORDS_MAX } from '../../src/kernel/limits.js';
import { approve } from '../../src/vault/approval/decide.js';
import { destructionContent } from '../../src/vault/approval/content.js';
import { openApproval, requestApproval } from '../../src/vault/approval/request.js';
import { openClockGuard } from '../../src/vault/clock.js';
import { keyAdministration } from '../../src/vault/keyAdministration.js';
import type { KeyList, ListedKey } from '../../src/vault/keyList.js';
import { vaultSealed } from '../../src/vault/seal/refusal.js';
import { openTestVault, read, write } from './keys/support/vault.js';
import { enter, entry } from './staff/support/register.js';

const vault = await openTestVault();
const { clock, databases } = vault;
const { database } = vault.context;
const audit = openAuditLog(database);
const clockGuard = await openClockGuard(database, clock, () => clock.now().epochMilliseconds);
const context = { ...vault.context, audit, clockGuard };
let inService = true;
const handlers = keyAdministration(context, () => {
  if (!inService) throw vaultSealed();
});
const ask = (command: string, input: Record<string, unknown> = {}) =>
  handlers[`keys.${command}`]!(input, 'hanako');
const NUMBER = '123456789018';

await enter(
  databases.owner.vault,
  clock.now().toString(),
  entry('P-K1', { role: 'keyCustodian', unit: 'joho' }),
  entry('P-K2', { role: 'keyCustodian', unit: 'joho' }),
  entry('P-H1'),
  entry('P-GONE', { role: 'keyCustodian', employmentTo: '2026-10-31' }),
  entry('P-CHIEF', { role: 'chiefOfficer', unit: 'soumu' }),
);

async function approval(keyClass: string, version: number, by = 'P-K1'): Promise<string> {
  const acting = (person: string) => ({ by: person, at: clock.now() });
  return database.transaction('tests.approval', async (tx) => {
    const id = await requestApproval(
      tx,
      {
        kind: 'destroyKey',
        content: destructionContent(keyClass, version),
        summary: { count: 1, purpose: 'COLLECTION', basis: 'b', reason: '期限', sample: [] },
      },
      acting(by),
    );
    await openApproval(tx, id, acting('P-CHIEF'));
    await approve(tx, id, acting('P-CHIEF'));
    return id;
  });
}

async function entries(count: number): Promise<string[]> {
  const rows = await databases.owner.vault.run(
    'tests.entries',
    ({ raw }) => raw<{ text: string }[]>`
      select coordinate || ' ' || decision || ' ' || reason as text from audit.entry
      where kind = 'configuration' and actor_id = 'operator:hanako' order by sequence desc limit ${count}`,
  );
  return rows.map(({ text }) => text).toReversed();
}

async function keys(): Promise<ReadonlyMap<string, ListedKey>> {
  const { keys: list } = (await ask('list')) as KeyList;
  return new Map(list.map((key) => [key.keyId, key]));
}

describe('the list of keys', () => {
  test('shows every key of every class, and none of their bytes', async () => {
    const list = (await ask('list')) as KeyList;
    expect(list.keys.map(({ keyId, state, retired }) => [keyId, state, retired])).toEqual(
      KEY_CLASSES.toSorted().map((each) => [`${each}-1`, 'active', false]),
    );
    expect(list.keys[0]).toEqual({
      keyId: 'certificate-1',
      keyClass: 'certificate',
      version: 1,
      state: 'active',
      retired: false,
      uses: KEY_USES_STEP,
      createdAt: '2026-11-22T03:41:50.123Z',
      activatedAt: '2026-11-22T03:41:50.123Z',
    });
    expect(list).toMatchObject({ due: [], rotations: [] });
    expect(await entries(1)).toEqual(['Vault.keys allow listed']);
  });

  test('is there while the vault is sealed, when nothing else is, and what is refused is logged', async () => {
    inService = false;
    expect((await keys()).size).toBe(KEY_CLASSES.length);
    for (const command of ['prepare', 'plan', 'check', 'rotate', 'continue', 'pause', 'retire', 'destroy'])
      await expect(ask(command, { keyClass: 'factor' })).rejects.toMatchObject({ code: 'VAULT_SEALED' });
    expect(await entries(3)).toEqual([
      'Vault.rotate refuse VAULT_SEALED',
      'Vault.retireKey refuse VAULT_SEALED',
      'Vault.destroyKey refuse VAULT_SEALED',
    ]);
    inService = true;
  });
});

describe('what an operator enters', () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    ['rotate', { keyClass: 'mystery' }, /keyClass/],
    ['rotate', { keyClass: 'subject', dryRun: true }, /the whole/],
    ['check', { keyClass: 'subject', cursor: 'x'.repeat(KEY_CURSOR_CHARS_MAX + 1) }, /cursor/],
    ['retire', { keyClass: 'subject', version: 0 }, /version/],
    ['retire', { keyClass: 'subject', version: 2 ** 31 }, /version/],
    ['destroy', { keyClass: 'subject', version: 1 }, /personId, approvalId/],
  ])('to %s is refused unless it has its form: %j', async (command, input, places) => {
    await expect(ask(command, input)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringMatching(places) as string,
    });
    expect((await entries(1))[0]).toMatch(/refuse BAD_INPUT$/);
  });
});

describe('the rotation of a class', () => {
  const rows = 2 * ROTATION_BATCH_RECORDS_MAX + 1;
  const subject = { keyClass: 'subject' };

  test('is told of and tried without a change, with what does not open', async () => {
    const refs = await write(context, Array<string>(rows).fill(NUMBER));
    const broken = refs.toSorted().at(-1) as string;
    const spoil = () =>
      database.run(
        'tests.spoil',
        ({ raw }) => raw`
          update vault.number set wrapped_dek = set_byte(wrapped_dek, 0, 255 - get_byte(wrapped_dek, 0))
          where vault_ref = ${broken}`,
      );
    await spoil();
    expect(await ask('plan', subject)).toEqual({ toVersion: 2, total: rows });
    let [cursor, done] = ['' as string | undefined, 0];
    const faults: string[] = [];
    while (cursor !== undefined) {
      const batch = (await ask('check', { ...subject, cursor })) as {
        cursor?: string;
        done: number;
        faults: string[];
      };
      done += batch.done;
      faults.push(...batch.faults);
      cursor = batch.cursor;
    }
    expect([done, faults]).toEqual([rows, [broken]]);
    expect(await entries(2)).toEqual([
      'Vault.rotate allow dryRun:subject-2',
      'Vault.rotate allow dryRunFaults:subject:1',
    ]);
    expect((await keys()).has('subject-2')).toBe(false);
    await spoil();
  });

  test('goes batch by batch, is paused, goes on with the same command, and ends: each in the log', async () => {
    await expect(ask('continue', subject)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(ask('pause', subject)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const at = { keyClass: 'subject', toVersion: 2, total: rows };
    expect(await ask('rotate', subject)).toEqual({ ...at, state: 'running', done: 0 });
    const half = { ...at, done: ROTATION_BATCH_RECORDS_MAX };
    expect(await ask('continue', subject)).toEqual({ ...half, state: 'running' });
    expect(await ask('pause', subject)).toEqual({ ...half, state: 'paused' });
    expect(await ask('continue', subject)).toEqual({ ...half, state: 'paused' });
    expect(((await ask('list')) as KeyList).rotations).toEqual([{ ...half, state: 'paused' }]);
    expect(await ask('rotate', subject)).toEqual({ ...half, state: 'running' });
    // Whoever rotated was killed and comes again.
    expect(await ask('rotate', subject)).toEqual({ ...half, state: 'running' });
    let rotation: unknown;
    do rotation = await ask('continue', subject);
    while ((rotation as { state: string }).state === 'running');
    expect(rotation).toEqual({ ...at, state: 'done', done: rows });
    const log = await entries(7);
    expect(log.filter((each) => each.startsWith('Vault.rotate allow'))).toEqual([
      'Vault.rotate allow running:subject-2',
      'Vault.rotate allow paused:subject-2',
      'Vault.rotate allow running:subject-2',
      'Vault.rotate allow goOn:subject-2',
      'Vault.rotate allow done:subject-2',
    ]);
    expect((await keys()).get('subject-1')).toMatchObject({ state: 'deactivated', retired: false });
    const [ref] = await write(context, [NUMBER]);
    expect(await read(context, ref!)).toBe(NUMBER);
  });

  test('takes the version that was made ahead of it, of which there is one at most', async () => {
    expect(await ask('prepare', { keyClass: 'certificate' })).toEqual({ version: 2 });
    await expect(ask('prepare', { keyClass: 'certificate' })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await ask('plan', { keyClass: 'certificate' })).toEqual({ toVersion: 2, total: 0 });
    expect(await ask('check', { keyClass: 'certificate', cursor: '' })).toEqual({ done: 0, faults: [] });
    expect(await ask('rotate', { keyClass: 'certificate' })).toMatchObject({ toVersion: 2, state: 'done' });
    expect((await keys()).get('certificate-2')).toMatchObject({ state: 'active' });
  });
});

describe('a version', () => {
  const old = { keyClass: 'subject', version: 1 };

  test('is not destroyed while it opens, and is not retired while it is in use', async () => {
    await expect(
      ask('destroy', { ...old, personId: 'P-K1', approvalId: await approval('subject', 1) }),
    ).rejects.toMatchObject({ code: 'CONFLICT', facts: { rule: 'notRetired' } });
    await expect(ask('retire', { ...old, version: 2 })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(ask('retire', { ...old, version: 9 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await entries(3)).toEqual([
      'Vault.destroyKey refuse CONFLICT',
      'Vault.retireKey refuse CONFLICT',
      'Vault.retireKey refuse NOT_FOUND',
    ]);
  });

  test('is neither retired nor made nor rotated when the log cannot have it', async () => {
    const away = vi
      .spyOn(audit, 'appendIn')
      .mockRejectedValue(new KuramoriError('AUDIT_UNAVAILABLE', 'Away.'));
    const before = JSON.stringify([...(await keys()).values()]);
    for (const [command, input] of [
      ['retire', old],
      ['prepare', { keyClass: 'index' }],
      ['rotate', { keyClass: 'factor' }],
    ] as const)
      await expect(ask(command, input)).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    expect(away).toHaveBeenCalledTimes(3);
    away.mockRestore();
    expect(JSON.stringify([...(await keys()).values()])).toBe(before);
  });

  test('opens nothing any more once it is retired', async () => {
    await ask('retire', old);
    expect((await keys()).get('subject-1')).toMatchObject({ state: 'deactivated', retired: true });
    expect(context.seal.keyRing.opens('subject', 1)).toBe(false);
    expect(await entries(2)).toContain('Vault.retireKey allow subject-1');
  });

  test('is destroyed by a key custodian with the approval of a second person for that key, used once', async () => {
    const destroy = (approvalId: string, personId = 'P-K1') =>
      ask('destroy', { ...old, personId, approvalId });
    const dual = (rule: string) => ({ code: 'DUAL_CONTROL_REQUIRED', facts: { rule } });
    await expect(destroy('AP-none')).rejects.toMatchObject(dual('missing'));
    await expect(destroy(await approval('subject', 2))).rejects.toMatchObject(dual('otherContent'));
    await expect(destroy(await approval('index', 1))).rejects.toMatchObject(dual('otherContent'));
    await expect(destroy(await approval('subject', 1), 'P-K2')).rejects.toMatchObject(dual('otherPerson'));
    await expect(destroy(await approval('subject', 1, 'P-H1'), 'P-H1')).rejects.toMatchObject({
      code: 'FORBIDDEN_PURPOSE',
    });
    await expect(destroy(await approval('subject', 1), 'P-GONE')).rejects.toMatchObject({
      code: 'ACCOUNT_REVOKED',
    });
    await expect(destroy(await approval('subject', 1), 'P-NOBODY')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await entries(3)).toEqual([
      'Vault.destroyKey refuse role',
      'Vault.destroyKey refuse employment-ended',
      'Vault.destroyKey refuse NOT_FOUND',
    ]);
    const good = await approval('subject', 1);
    const away = vi
      .spyOn(audit, 'appendIn')
      .mockRejectedValueOnce(new KuramoriError('AUDIT_UNAVAILABLE', 'Away.'));
    await expect(destroy(good)).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    away.mockRestore();
    expect((await keys()).get('subject-1')).toMatchObject({ state: 'deactivated' });
    await destroy(good);
    expect(await entries(1)).toEqual([`Vault.destroyKey allow subject-1:by:P-K1:approval:${good}`]);
    const [row] = await databases.owner.vault.run(
      'tests.key',
      ({ raw }) => raw`
        select state, wrapped, (select state from vault.approval where approval_id = ${good}) as approval
        from vault.key where key_id = 'subject-1'`,
    );
    expect(row).toEqual({ state: 'destroyed', wrapped: null, approval: 'consumed' });
    expect((await keys()).get('subject-1')).toMatchObject({ destroyedAt: '2026-11-22T03:41:50.123Z' });
    await expect(destroy(good)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('is destroyed neither by somebody who was withdrawn nor under a clock that is not trusted', async () => {
    await ask('rotate', { keyClass: 'factor' });
    await ask('retire', { keyClass: 'factor', version: 1 });
    const by = async (personId: string) =>
      ask('destroy', {
        keyClass: 'factor',
        version: 1,
        personId,
        approvalId: await approval('factor', 1, personId),
      });
    const untrusted = vi.spyOn(clockGuard, 'assertTrusted').mockImplementation(() => {
      throw new KuramoriError('CLOCK_UNTRUSTED', 'Wrong.');
    });
    await expect(by('P-K1')).rejects.toMatchObject({ code: 'CLOCK_UNTRUSTED' });
    untrusted.mockRestore();
    await databases.owner.vault.run(
      'tests.revoke',
      ({ raw }) => raw`update vault.person set revoked_at = now() where person_id = 'P-K2'`,
    );
    await expect(by('P-K2')).rejects.toMatchObject({ code: 'ACCOUNT_REVOKED' });
    expect((await keys()).get('factor-1')).toMatchObject({ state: 'deactivated' });
  });
});
