import { describe, expect, test } from 'vitest';
import { byTwos, done } from '../../operation/support/two.js';
import { transferSettingRequest } from '../../../../src/client/index.js';
import { readSignedSetting } from '../../../../src/vault/transfer/setting/claims.js';
import { findSetting } from '../../../../src/vault/transfer/setting/setting.store.js';
import { organizationSide, ORGANIZATION, recipientSetting, round, transferScene } from '../support/scene.js';

const scene = await transferScene();
const { vault, side } = scene;
const { context } = vault;
const owner = vault.databases.owner.vault;
const recipient = () => findSetting(context.database, context, 'recipient', ORGANIZATION);

describe('a setting of transfers', () => {
  test('is entered for exactly what a second person approved', async () => {
    const asking = await vault.officer('OFFICER-7', { role: 'unitOfficer' });
    const setting = round({ quota: 7 });
    const request = { ...asking.context, setting, reason: '枠の変更' };
    const { approvalId = '' } = done(await vault.run(await transferSettingRequest(asking.key, request)));
    const enter = (entered: object, personId = 'OFFICER-7') =>
      scene.operate('setting', { setting: entered, personId, approvalId });
    await expect(enter(setting)).rejects.toMatchObject({ facts: { rule: 'missing' } });
    done(await byTwos(vault).decides(scene.officer, approvalId));
    await expect(enter(round({ quota: 8 }))).rejects.toMatchObject({ facts: { rule: 'otherContent' } });
    await expect(enter(setting, 'OFFICER-8')).rejects.toMatchObject({ facts: { rule: 'otherPerson' } });
    await expect(enter(setting, 'NOBODY')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await enter(setting);
    await expect(enter(setting)).rejects.toMatchObject({ facts: { rule: 'used' } });
  });

  test('is entered by nobody who has left, or was stopped, whatever was approved before', async () => {
    const entering = async (personId: string) => {
      const asking = await vault.officer(personId, { role: 'unitOfficer' });
      const setting = round({ quota: 9 });
      const request = { ...asking.context, setting, reason: '枠の変更' };
      const { approvalId = '' } = done(await vault.run(await transferSettingRequest(asking.key, request)));
      done(await byTwos(vault).decides(scene.officer, approvalId));
      return () => scene.operate('setting', { setting, personId, approvalId });
    };
    const [left, stopped] = [await entering('OFFICER-LEFT'), await entering('OFFICER-STOPPED')];
    await owner.run(
      'test.left',
      ({ raw }) => raw`update vault.person set employment_to = '2026-03-31' where person_id = 'OFFICER-LEFT'`,
    );
    await owner.run(
      'test.stopped',
      ({ raw }) => raw`update vault.person set revoked_at = now() where person_id = 'OFFICER-STOPPED'`,
    );
    for (const enter of [left, stopped])
      await expect(enter()).rejects.toMatchObject({ code: 'ACCOUNT_REVOKED' });
  });

  test('is not asked for by a handler', async () => {
    const { key, context: said } = scene.handler;
    const request = { ...said, setting: round(), reason: '枠の変更' };
    const answer = await vault.run(await transferSettingRequest(key, request));
    expect(answer).toMatchObject({ outcome: 'refused', error: { code: 'FORBIDDEN_PURPOSE' } });
  });

  test('holds on its days; of several, the one entered last', async () => {
    await scene.enter({ ...recipientSetting(side, { name: '来年の名' }), validFrom: '2027-04-01' });
    expect((await recipient())?.name).toBe('架空滞納整理機構');
    await scene.enter({ ...recipientSetting(side, { name: '昨日まで' }), validTo: '2026-11-21' });
    expect((await recipient())?.name).toBe('架空滞納整理機構');
    await scene.enter(recipientSetting(side, { name: '今の名' }));
    expect((await recipient())?.name).toBe('今の名');
  });

  test('tells who decided it', async () => {
    const [newest] = (await scene.operate('settings', {})) as { enteredBy: string; approvedBy: string }[];
    expect(newest).toMatchObject({ enteredBy: 'OFFICER-8', approvedBy: 'OFFICER-9' });
  });
});

describe('who writes to the database', () => {
  const forged = async (signed: (row: { signed: string }) => string, name = ORGANIZATION) => {
    const [row] = await owner.run(
      'test.signed',
      ({ raw }) => raw<{ signed: string }[]>`
      select signed from vault.transfer_setting where kind = 'recipient' order by setting_id desc limit 1`,
    );
    await owner.run(
      'test.forge',
      ({ raw }) => raw`
      insert into vault.transfer_setting (kind, name, valid_from, signed, approval_id, entered_at)
      values ('recipient', ${name}, '2026-04-01', ${signed(row!)}, 'AP-forged', now())`,
    );
  };

  test('cannot put a key of his own in the place of the recipient’s', async () => {
    const thief = await organizationSide();
    await forged(({ signed }) => {
      const [header, payload, signature] = signed.split('.') as [string, string, string];
      const claims = Buffer.from(payload, 'base64url')
        .toString('utf8')
        .replace(side.recipient, thief.recipient);
      return [header, Buffer.from(claims).toString('base64url'), signature].join('.');
    });
    await expect(recipient()).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    await scene.enter(recipientSetting(side));
    expect((await recipient())?.bodyCode).toBe(ORGANIZATION);
  });

  test('cannot pass the setting of one organization for that of another', async () => {
    await forged(({ signed }) => signed, '111112');
    const moved = findSetting(context.database, context, 'recipient', '111112');
    await expect(moved).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
  });

  test.each(['update', 'delete from', 'truncate'])('cannot %s what was entered', async (verb) => {
    const set = verb === 'update' ? ' set name = name' : '';
    const change = owner.run('test.change', ({ raw }) => raw.unsafe(`${verb} vault.transfer_setting${set}`));
    await expect(change).rejects.toMatchObject({ facts: { sqlstate: '42501' } });
  });
});

describe('what the vault signed of a setting', async () => {
  const [row] = await owner.run(
    'test.signed',
    ({ raw }) =>
      raw<{ signed: string }[]>`select signed from vault.transfer_setting order by setting_id limit 1`,
  );
  const { keys } = context.seal.keyRing.verifying();
  const read = (known: typeof keys, issuer: string) =>
    readSignedSetting(row!.signed, { keys: known.map((key) => ({ ...key })) }, issuer);
  const ours = `vault:${context.municipality}`;

  test('is read with its key and for its municipality alone', () => {
    expect(read(keys, ours)).toMatchObject({ iss: ours });
    for (const refused of [() => read([], ours), () => read(keys, 'vault:111112')])
      expect(refused).toThrow(expect.objectContaining({ code: 'INTEGRITY_FAILURE' }));
  });
});
