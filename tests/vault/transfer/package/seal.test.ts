import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderArea } from '../../../../src/protocol/transfer/container/area.js';
import { openPackage, type Receiver } from '../../../../src/protocol/transfer/container/open.js';
import type { TwoPersonAct } from '../../../../src/client/index.js';
import { newVaultRef } from '../../../../src/vault/number/vaultRef.js';
import { transferState } from '../../../../src/vault/transfer/transferState.js';
import { transferSigner } from '../../../../src/vault/transfer/package/signer.js';
import { temporaryFolder } from '../../keys/support/vault.js';
import { PATTERNED_BASES, checkDigitOf } from '../../number/support/patterned.js';
import { byTwos, codeOf, done } from '../../operation/support/two.js';
import { entriesOf, raisedEntries } from '../support/log.js';
import { caseNo, organizationSide, ORGANIZATION, recipientSetting, transferScene } from '../support/scene.js';

const scene = await transferScene();
const { vault, side } = scene;
const seal = (packageId: string) => scene.operate('seal', { packageId });

/** Opens a sealed package as the organization does. @returns the folder with its files */
async function opened(packageId: string, series: Awaited<ReturnType<Receiver['series']>>) {
  const target = join(temporaryFolder(), 'opened');
  const { publicKey } = transferSigner(vault.context);
  const receiver: Receiver = {
    bodyCode: ORGANIZATION,
    content: 'TRANSFER',
    identities: [{ identity: side.identity, recipient: side.recipient, validUntil: '2028-04-01T00:00:00Z' }],
    senderKeys: () => [publicKey],
    series: () => series,
  };
  const folder = join(scene.folder, 'packages', `TRANSFER-${packageId}`);
  const { manifest } = await openPackage(folder, receiver, await folderArea(target));
  return { target, manifest };
}

describe('a sealed package', () => {
  test('is opened by the recipient, who finds who approved it, and its place in the series', async () => {
    const first = await scene.draft();
    done(await scene.assembled(first));
    await seal(first.packageId);
    const { manifest } = await opened(first.packageId, { seen: false, last: undefined });
    expect(manifest).toMatchObject({ seriesNo: 1, previousPackageDigest: null, cases: 2 });
    expect(manifest.approvals).toEqual([
      expect.objectContaining({ personRole: 'unitOfficer', draftDigest: first.draftDigest }),
    ]);

    const second = await scene.draft();
    done(await scene.assembled(second));
    await seal(second.packageId);
    const { packageDigest = '' } = await transferState(vault.context, first.packageId);
    const last = { seriesNo: 1, ciphertextSha256: packageDigest };
    expect((await opened(second.packageId, { seen: false, last })).manifest).toMatchObject({
      seriesNo: 2,
      previousPackageDigest: packageDigest,
    });
    const again = (await seal(second.packageId)) as { sha256: string };
    expect(again.sha256).toBe((await transferState(vault.context, second.packageId)).packageDigest);
  });

  test('waits for the one before it, and takes the number of one that was given up', async () => {
    const third = await scene.draft();
    done(await scene.assembled(third));
    const fourth = await scene.draft();
    expect(codeOf(await scene.assembled(fourth))).toBe('CONFLICT');
    await scene.operate('abort', { packageId: third.packageId, reason: '取下げ' });
    expect(done(await scene.assembled(fourth))).toMatchObject({ seriesNo: 3 });
    await seal(fourth.packageId);
    await expect(seal(third.packageId)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('is not given up while a later one stands', async () => {
    const one = await scene.draft();
    done(await scene.assembled(one));
    await seal(one.packageId);
    const later = await scene.draft();
    done(await scene.assembled(later));
    const abort = (packageId: string) => scene.operate('abort', { packageId, reason: '取下げ' });
    await expect(abort(one.packageId)).rejects.toMatchObject({ code: 'CONFLICT' });
    await abort(later.packageId);
    await abort(one.packageId);
    expect(readdirSync(join(scene.folder, 'packages'))).not.toContain(`TRANSFER-${one.packageId}`);
  });
});

describe('keys of the recipient', () => {
  test('that were revoked after the approval stop the seal, which is raised', async () => {
    const assembly = await scene.draft();
    done(await scene.assembled(assembly));
    const { fingerprint } = (recipientSetting(side) as { value: { keys: [{ fingerprint: string }] } }).value
      .keys[0];
    await scene.operate('revokeKey', { fingerprint, reason: '鍵の紛失' });
    await expect(seal(assembly.packageId)).rejects.toMatchObject({
      code: 'CONFLICT',
      facts: { rule: 'recipientKey' },
    });
    expect(await raisedEntries(vault, 'Transfer.seal')).toContain('recipientKey');
    await scene.operate('abort', { packageId: assembly.packageId, reason: '鍵の失効' });
    await expect(scene.draft()).rejects.toMatchObject({ code: 'CONFLICT' });
    Object.assign(scene.side, await organizationSide());
    await scene.enter(recipientSetting(scene.side));
  });

  test('that have ended stop the seal', async () => {
    const assembly = await scene.draft();
    const ending = structuredClone(recipientSetting(side)) as {
      value: { keys: [{ validTo: string }] };
    };
    ending.value.keys[0].validTo = '2026-11-22';
    await scene.enter(ending);
    const short = await scene.draft();
    done(await scene.assembled(short));
    vault.clock.move(24 * 60 * 60_000);
    await expect(seal(short.packageId)).rejects.toMatchObject({ code: 'CONFLICT' });
    await scene.operate('abort', { packageId: short.packageId, reason: '鍵の満了' });
    vault.clock.move(-24 * 60 * 60_000);
    await scene.enter(recipientSetting(side));
    expect(codeOf(await scene.assembled(assembly))).toBe('done');
    await scene.operate('abort', { packageId: assembly.packageId, reason: '試験' });
  });

  test.each([
    ['longer than two years', { validTo: '2028-04-02' }],
    ['confirmed by one person', { confirmedBy: ['P-1029', 'P-1029'] }],
    ['with another fingerprint', { fingerprint: 'a'.repeat(64) }],
  ])('%s are not entered', async (_, own) => {
    const setting = structuredClone(recipientSetting(side)) as { value: { keys: [object] } };
    Object.assign(setting.value.keys[0], own);
    const entry = { setting, personId: 'OFFICER-8', approvalId: 'AP-1' };
    await expect(scene.operate('setting', entry)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });
});

describe('individual numbers', () => {
  const numbers = PATTERNED_BASES.slice(100, 102).map((base) => base + checkDigitOf(base));

  test('are added in the vault, for a recipient with a basis, approved by the audit officer as well', async () => {
    const { register } = byTwos(vault);
    const refs = [];
    for (const number of numbers) refs.push(await register(scene.handler, number));
    const subjects = refs.map((ref, at) => ({ caseNo: caseNo(at + 1), ref }));
    const own = { profile: 'withNumbers', basis: ['numbers'] };
    const assembly = await scene.draft(own);
    expect(codeOf(await scene.assembled(assembly, true))).toBe('BAD_INPUT');
    const one = { ...assembly, subjects: subjects.slice(0, 1) };
    expect(codeOf(await scene.assembled(one, true))).toBe('BAD_INPUT');
    // In any order: what is approved is which number goes with which case.
    const whole = { ...assembly, subjects: subjects.toReversed() };
    expect(codeOf(await scene.assembled(whole))).toBe('DUAL_CONTROL_REQUIRED missing');
    const { seriesNo } = done(await scene.assembled(whole, true)) as unknown as { seriesNo: number };
    const logged = (await entriesOf(vault, 'Vault.packageAssemble')).at(-1);
    expect(logged?.subjects?.toSorted()).toEqual(refs.toSorted());

    await seal(assembly.packageId);
    const before = await previous(seriesNo);
    const { target, manifest } = await opened(assembly.packageId, { seen: false, last: before });
    expect(readFileSync(join(target, '11_individual_number.csv'), 'ascii')).toBe(
      [
        'caseNo,addresseeNo,individualNumber',
        `D-000001,0000000123,${numbers[0]}`,
        `D-000002,0000000123,${numbers[1]}`,
        '',
      ].join('\n'),
    );
    expect(manifest.files.map(({ name }) => name)).toContain('11_individual_number.csv');
    const [kept] = await vault.databases.owner.vault.run(
      'test.kept',
      ({ raw }) => raw<{ manifest: string }[]>`
      select manifest from vault.transfer_package where package_id = ${assembly.packageId}`,
    );
    expect(kept!.manifest).not.toContain('11_individual_number.csv');
    // Nobody was shown one.
    const shown = await vault.databases.owner.vault.run(
      'test.shown',
      ({ raw }) => raw`select from vault.budget_use where kind = 'reveal'`,
    );
    expect(shown).toHaveLength(0);
  });

  test('are not erased from the assembly until the package is given up, and enter no package afterwards', async () => {
    const { register, both, asks, approved, does } = byTwos(vault);
    const clerk = await vault.person('P-1030', ['erase', 'register']);
    const ref = await register(scene.handler, PATTERNED_BASES[110]! + checkDigitOf(PATTERNED_BASES[110]!));
    const said = { fileName: '収滞納管理ファイル', basis: '番号法第20条', reason: '誤登録' };
    const erasure: TwoPersonAct = { op: 'erase', refs: [ref], said };
    const subjects = [{ caseNo: caseNo(1), ref }];
    const own = { profile: 'withNumbers', basis: ['numbers'] };
    const waiting = await scene.draft(own, 1);
    const earlier = await approved(clerk, scene.officer, erasure);
    done(await scene.assembled({ ...waiting, subjects }, true));
    expect(codeOf(await does(clerk, erasure, earlier))).toBe('CONFLICT');
    await seal(waiting.packageId);
    expect(codeOf(await asks(clerk, erasure))).toBe('CONFLICT');
    await scene.operate('abort', { packageId: waiting.packageId, reason: '試験' });
    expect(codeOf(await both(clerk, scene.officer, erasure))).toBe('done');
    const late = await scene.draft(own, 1);
    expect(codeOf(await scene.assembled({ ...late, subjects }, true))).toBe('ERASED');
    const unknown = [{ caseNo: caseNo(1), ref: newVaultRef() }];
    expect(codeOf(await scene.assembled({ ...late, subjects: unknown }, true))).toBe('NOT_FOUND');
  });

  test('are not taken without a basis that covers them, nor by the records side', async () => {
    await expect(scene.draft({ profile: 'withNumbers' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    const { packageId } = await scene.draft();
    const { uploads } = scene.transfers;
    const part = uploads.part(packageId, '11_individual_number.csv', 0, Buffer.from('x'));
    await expect(part).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

async function previous(seriesNo: number) {
  const [row] = await vault.databases.owner.vault.run(
    'test.previous',
    ({ raw }) => raw<{ sha256: string }[]>`
    select s.sha256 from vault.transfer_package p join vault.transfer_sealed s using (package_id)
    where p.series_no = ${seriesNo - 1} order by s.at desc limit 1`,
  );
  return row && { seriesNo: seriesNo - 1, ciphertextSha256: row.sha256 };
}
