import { describe, expect, test } from 'vitest';
import { byTwos, codeOf, done } from '../../operation/support/two.js';
import { deliverPackage } from '../../../../src/vault/transfer/delivery/deliver.js';
import { signAssertion } from '../../../../src/client/assertion.js';
import { recipientFingerprint } from '../../../../src/protocol/transfer/keys.js';
import { newPackageId, organizationSide, recipientSetting, round, transferScene } from '../support/scene.js';

const scene = await transferScene();
const { vault, handler, officer, auditor } = scene;
const { decides } = byTwos(vault);

/** Nothing is sent with it. */
const NO_LINE = { ca: '', key: '', certificate: '' };

/** Approval of the unit's officer. */
async function approvedByOfficer(assembly: Parameters<typeof scene.asksAssembly>[0]): Promise<string> {
  const { approvalId = '' } = done(await scene.asksAssembly(assembly));
  done(await decides(officer, approvalId));
  return approvalId;
}

describe('what two people approve of a package', () => {
  test('is used by the one who asked, once', async () => {
    const assembly = await scene.draft();
    const approvalId = await approvedByOfficer(assembly);
    expect(done(await scene.assembles(assembly, [approvalId]))).toMatchObject({ state: 'ASSEMBLED' });
    expect(codeOf(await scene.assembles(assembly, [approvalId]))).toBe('DUAL_CONTROL_REQUIRED used');
    await scene.operate('seal', { packageId: assembly.packageId });
  });

  test('is not given by the requester himself', async () => {
    const { approvalId = '' } = done(await scene.asksAssembly(await scene.draft()));
    expect(codeOf(await decides(handler, approvalId, 'approve', 'sha256:x'))).toBe('FORBIDDEN_PURPOSE');
  });

  test('is needed', async () => {
    expect(codeOf(await scene.assembles(await scene.draft(), []))).toBe('DUAL_CONTROL_REQUIRED missing');
  });

  test('holds for the digest of one draft alone', async () => {
    const one = await scene.draft();
    const another = await scene.draft();
    const approvalId = await approvedByOfficer(one);
    expect(codeOf(await scene.assembles(another, [approvalId]))).toBe('DUAL_CONTROL_REQUIRED otherContent');
    const altered = { ...one, draftDigest: another.draftDigest };
    expect(codeOf(await scene.assembles(altered, [approvalId]))).toBe('DUAL_CONTROL_REQUIRED otherContent');
  });

  test('shows the approver count, recipient, samples and what differs from the last time', async () => {
    const { approvalId = '' } = done(await scene.asksAssembly(await scene.draft({}, 25)));
    const answer = await byTwos(vault).opens(officer, approvalId);
    const { summary } = done(answer) as unknown as { summary: Record<string, unknown> };
    expect(summary).toMatchObject({ count: 25, recipient: '249203' });
    expect(summary['sample']).toHaveLength(9);
    expect(summary['differences']).toEqual([
      'Cases: 2 the last time, 25 now.',
      'Unpaid: 260000 yen the last time, 3250000 yen now.',
    ]);
  });

  test('is void when a key of the recipient changes after it', async () => {
    const assembly = await scene.draft();
    const approvalId = await approvedByOfficer(assembly);
    const renamed = recipientSetting(scene.side, { name: '架空滞納整理機構（改称）' });
    await scene.enter(renamed);
    expect(codeOf(await scene.assembles(assembly, [approvalId]))).toBe('DUAL_CONTROL_REQUIRED otherContent');
    await scene.enter(recipientSetting(scene.side));
    expect(codeOf(await scene.assembles(assembly, [approvalId]))).toBe('done');
    await scene.operate('seal', { packageId: assembly.packageId });
  });
});

describe('a second approver, the audit officer', () => {
  test('is needed for more than 500 cases', async () => {
    const five = await scene.draft({}, 501);
    const first = await approvedByOfficer(five);
    expect(codeOf(await scene.assembles(five, [first]))).toBe('DUAL_CONTROL_REQUIRED missing');
    const { approvalId: second = '' } = done(await scene.asksAssembly(five, 'audit'));
    expect(codeOf(await decides(officer, second, 'approve', 'sha256:x'))).toBe('FORBIDDEN_PURPOSE');
    done(await decides(auditor, second));
    expect(codeOf(await scene.assembles(five, [second, first]))).toBe('DUAL_CONTROL_REQUIRED otherContent');
    expect(done(await scene.assembles(five, [first, second]))).toMatchObject({ state: 'ASSEMBLED' });
    await scene.operate('abort', { packageId: five.packageId, reason: '試験' });
  });

  test('is not needed for 500', async () => {
    const assembly = await scene.draft({}, 500);
    expect(done(await scene.assembled(assembly))).toMatchObject({ state: 'ASSEMBLED' });
    await scene.operate('abort', { packageId: assembly.packageId, reason: '試験' });
  });

  test('is needed, with a reason, in a month that is no window', async () => {
    await scene.enter(round({ windows: [4, 6, 10] }));
    const silent = await scene.draft();
    expect(codeOf(await scene.assembled(silent, true))).toBe('BAD_INPUT');
    const told = await scene.draft({ outOfWindowReason: '時効完成が近い事案のため' });
    const first = await approvedByOfficer(told);
    expect(codeOf(await scene.assembles(told, [first]))).toBe('DUAL_CONTROL_REQUIRED missing');
    expect(codeOf(await scene.assembled(told, true))).toBe('done');
    await scene.operate('abort', { packageId: told.packageId, reason: '試験' });
    await scene.enter(round());
  });
});

describe('what two people approve of a release', () => {
  test('is a sealed package, one ciphertext of it, and a way that the recipient has', async () => {
    const { packageId, draftDigest } = await scene.draft();
    const release = { packageId, draftDigest, ciphertextSha256: 'a'.repeat(64), way: 'HTTPS' } as const;
    expect(codeOf(await scene.asksRelease(release))).toBe('CONFLICT');
    done(await scene.assembled({ packageId, draftDigest }));
    expect(codeOf(await scene.asksRelease(release))).toBe('CONFLICT');
    const { sha256 } = (await scene.operate('seal', { packageId })) as { sha256: string };
    expect(codeOf(await scene.asksRelease(release))).toBe('DUAL_CONTROL_REQUIRED otherContent');
    const sealed = { ...release, ciphertextSha256: sha256 };
    const early = deliverPackage(scene.transfers.context, NO_LINE, packageId);
    await expect(early).rejects.toMatchObject({ code: 'CONFLICT', facts: { state: 'SEALED' } });
    const another = { ...sealed, draftDigest: 'b'.repeat(64) };
    expect(codeOf(await scene.asksRelease(another))).toBe('DUAL_CONTROL_REQUIRED otherContent');
    const { approvalId = '' } = done(await scene.asksRelease(sealed));
    done(await decides(officer, approvalId));
    expect(codeOf(await scene.releases(sealed, [approvalId]))).toBe('CONFLICT');
    const byMedium = { ...sealed, way: 'MEDIUM' } as const;
    expect(codeOf(await scene.releases(byMedium, [approvalId]))).toBe('DUAL_CONTROL_REQUIRED otherContent');
    await scene.enter(recipientSetting(scene.side, { url: 'https://kikou.example' }));
    expect(done(await scene.releases(sealed, [approvalId]))).toMatchObject({ state: 'RELEASED' });
    await scene.enter(recipientSetting(scene.side));
    const sent = deliverPackage(scene.transfers.context, NO_LINE, packageId);
    await expect(sent).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

test('a package over the quota of the fiscal year is refused', async () => {
  await scene.enter(round({ quota: 3 }));
  expect(codeOf(await scene.assembled(await scene.draft()))).toBe('CONFLICT');
  await scene.enter(round());
});

test('nothing that the vault does not know is assembled', async () => {
  const assembly = { packageId: newPackageId(), draftDigest: 'a'.repeat(64) };
  expect(codeOf(await scene.asksAssembly(assembly))).toBe('NOT_FOUND');
});

describe('what is assembled', () => {
  test('has no reference in what was signed where no numbers go along', async () => {
    const ref = await byTwos(vault).register(handler, '123456789018');
    const assembly = await scene.draft();
    const approvalId = await approvedByOfficer(assembly);
    const details = { ...handler.context, stepUp: await vault.stepUp(handler), approvals: [approvalId], ref };
    const signed = await signAssertion(handler.key, { ...details, op: 'packageAssemble' }, { ...assembly });
    expect(codeOf(await vault.run(signed))).toBe('UNAUTHENTICATED');
    done(await scene.assembles(assembly, [approvalId]));
    await scene.operate('seal', { packageId: assembly.packageId });
  });

  test('is approved by two people where two must, whatever offices one of them has held', async () => {
    await scene.enter(round({ windows: [4] }));
    const both = await vault.officer('OFFICER-BOTH', { role: 'unitOfficer' });
    const assembly = await scene.draft({ outOfWindowReason: '機構と合意した。' });
    const { approvalId: first = '' } = done(await scene.asksAssembly(assembly));
    done(await decides(both, first));
    await vault.databases.owner.vault.run(
      'test.role',
      ({ raw }) => raw`update vault.person set role = 'auditOfficer' where person_id = 'OFFICER-BOTH'`,
    );
    const { approvalId: second = '' } = done(await scene.asksAssembly(assembly, 'audit'));
    done(await decides(both, second));
    expect(codeOf(await scene.assembles(assembly, [first, second]))).toBe('DUAL_CONTROL_REQUIRED samePerson');
    await scene.enter(round());
  });

  test('is not sealed when one of the keys that were approved is in force no more', async () => {
    const another = await organizationSide();
    const keysOf = (side: typeof another) =>
      (recipientSetting(side) as { value: { keys: readonly object[] } }).value.keys;
    const keys = [...keysOf(scene.side), ...keysOf(another)];
    await scene.enter(recipientSetting(scene.side, { keys } as never));
    const assembly = await scene.draft();
    done(await scene.assembled(assembly));
    const fingerprint = recipientFingerprint(another.recipient);
    await scene.operate('revokeKey', { fingerprint, reason: '漏えいの疑い' });
    await expect(scene.operate('seal', { packageId: assembly.packageId })).rejects.toMatchObject({
      code: 'CONFLICT',
      facts: { rule: 'recipientKey' },
    });
    await scene.operate('abort', { packageId: assembly.packageId, reason: '鍵の失効' });
    await scene.enter(recipientSetting(scene.side));
  });
});
