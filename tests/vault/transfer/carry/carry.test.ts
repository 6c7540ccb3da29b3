import { describe, expect, test } from 'vitest';
import { raiseOverdueCarries } from '../../../../src/vault/transfer/carry/carry.js';
import { revokeNow } from '../../../../src/vault/staff/revokeNow.js';
import { EVIDENCE_KINDS } from '../../../../src/vault/evidence/kinds.js';
import { transferState } from '../../../../src/vault/transfer/transferState.js';
import { enter, entry } from '../../staff/support/register.js';
import { entriesOf, raisedEntries } from '../support/log.js';
import { recipientSetting, transferScene } from '../support/scene.js';

const scene = await transferScene();
const { vault, transfers } = scene;
const { packageId, ciphertextSha256 } = await scene.released('MEDIUM');

const carry = (own: Record<string, unknown> = {}) => ({
  packageId,
  mediumType: 'DVD_R',
  serialNo: 'DVD-2026-0042',
  label: '移管 第3回',
  sealNo: 'S-0042',
  caseLockNo: 'L-7',
  writtenAt: '2026-11-22T04:00:00Z',
  writtenBy: 'P-1029',
  readBackDigest: ciphertextSha256,
  firstCarrier: 'P-1029',
  secondCarrier: 'OFFICER-1',
  purpose: '移管データの搬送',
  fromPlace: '架空市役所',
  toPlace: '滞納整理機構',
  transport: '公用車',
  leftAt: '2026-11-22T05:00:00Z',
  expectedAt: '2026-11-22T07:00:00Z',
  ...own,
});

describe('a medium', () => {
  test.each(['FLASH_USB', 'SD', 'SSD', 'PAPER', ''])('of the kind %s does not leave', async (mediumType) => {
    const code = mediumType === '' ? 'BAD_INPUT' : 'MEDIA_NOT_ALLOWED';
    await expect(scene.operate('carry', carry({ mediumType }))).rejects.toMatchObject({ code });
  });

  test.each([
    ['one carrier alone', { secondCarrier: 'P-1029' }, 'BAD_INPUT'],
    ['a carrier nobody knows', { secondCarrier: 'P-9999' }, 'NOT_FOUND'],
    ['other bytes than were sealed', { readBackDigest: 'a'.repeat(64) }, 'INTEGRITY_FAILURE'],
    ['no seal', { sealNo: '' }, 'BAD_INPUT'],
    ['a seal that may be an individual number', { sealNo: '123456789018' }, 'BAD_INPUT'],
    ['a serial number that may be one', { serialNo: '1234 5678 9018' }, 'BAD_INPUT'],
  ])('with %s does not leave', async (_, own, code) => {
    await expect(scene.operate('carry', carry(own))).rejects.toMatchObject({ code });
    expect((await transferState(vault.context, packageId)).state).toBe('RELEASED');
  });

  test('with somebody who has left, or was stopped, does not leave', async () => {
    const { database, clock } = vault.context;
    const day = clock.now().toString();
    await enter(database, day, entry('P-LEFT', { employmentTo: '2026-03-31' }), entry('P-STOPPED'));
    await database.run(
      'test.revoke',
      ({ raw }) => raw`update vault.person set revoked_at = now() where person_id = 'P-STOPPED'`,
    );
    for (const secondCarrier of ['P-LEFT', 'P-STOPPED'])
      await expect(scene.operate('carry', carry({ secondCarrier }))).rejects.toMatchObject({
        code: 'ACCOUNT_REVOKED',
      });
    expect((await transferState(vault.context, packageId)).state).toBe('RELEASED');
  });

  test('with a package that was released for the line, or not at all, does not leave', async () => {
    await scene.enter(recipientSetting(scene.side, { url: 'https://127.0.0.1:1/' }));
    const online = await scene.released('HTTPS');
    const other = { packageId: online.packageId, readBackDigest: online.ciphertextSha256 };
    await expect(scene.operate('carry', carry(other))).rejects.toMatchObject({ code: 'CONFLICT' });
    const written = scene.operate('medium', { packageId: online.packageId });
    await expect(written).rejects.toMatchObject({ code: 'CONFLICT' });
    const draft = await scene.draft();
    const unsealed = { packageId: draft.packageId };
    await expect(scene.operate('carry', carry(unsealed))).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('a carry record', () => {
  let carryId = '';

  test('begins with the bytes that are written onto the medium, which is logged', async () => {
    const { sha256 } = (await scene.operate('medium', { packageId })) as { sha256: string };
    expect(sha256).toBe(ciphertextSha256);
    expect((await entriesOf(vault, 'Transfer.medium')).at(-1)?.reason).toContain(sha256);
  });

  test('takes the package on its way, and holds the approval of the release', async () => {
    ({ carryId } = (await scene.operate('carry', carry())) as { carryId: string });
    expect((await transferState(vault.context, packageId)).state).toBe('IN_CARRY');
    const [row] = await vault.databases.owner.vault.run(
      'test.carry',
      ({ raw }) => raw<{ approval_id: string; medium_type: string }[]>`
      select approval_id, medium_type from vault.transfer_carry where carry_id = ${carryId}`,
    );
    expect(row?.medium_type).toBe('DVD_R');
    expect(row?.approval_id).toMatch(/^AP-/);
  });

  test('that is open is told to whoever withdraws one of its carriers', async () => {
    const { database, clock } = vault.context;
    const undone = database.transaction('test.revoke', async (tx) => {
      const open = { carryId, packageId, serialNo: 'DVD-2026-0042' };
      expect((await revokeNow(tx, 'OFFICER-1', clock.now())).openCarries).toEqual([open]);
      expect((await revokeNow(tx, 'CHIEF', clock.now())).openCarries).toEqual([]);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
  });

  test('that is open for three days is raised, once', async () => {
    vault.clock.move(3 * 24 * 60 * 60_000 - 60 * 60_000);
    await transfers.round();
    expect(await raisedEntries(vault, 'Carry.overdue')).toEqual([]);
    vault.clock.move(4 * 60 * 60_000);
    await transfers.round();
    await transfers.round();
    expect(await raisedEntries(vault, 'Carry.overdue')).toEqual([carryId]);
  });

  test('notes each thing once; a broken seal and a loss are raised', async () => {
    const note = (kind: string, details = {}) => scene.operate('carried', { carryId, kind, details });
    await note('arrived', { receivedBy: '機構 受付' });
    await note('sealBroken', { condition: '封印が剥がれていた' });
    await note('lost');
    await note('destroyed', { method: '細断' });
    await expect(note('arrived')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(note('found')).rejects.toMatchObject({ code: 'BAD_INPUT' });
    const unknown = {
      carryId: carryId.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      kind: 'returned',
    };
    await expect(scene.operate('carried', unknown)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await raisedEntries(vault, 'Carry.sealBroken')).toEqual([carryId]);
    expect(await raisedEntries(vault, 'Carry.lost')).toEqual([carryId]);
    expect(await raisedEntries(vault, 'Carry.arrived')).toEqual([]);
  });

  test('is evidence for the audit officer, with what became of the medium', async () => {
    const slice = { from: '2026-11-22', to: '2026-11-22', after: undefined };
    const { lines } = await EVIDENCE_KINDS.carry.read(vault.context.database, slice, '2026-11-26');
    expect(lines).toHaveLength(1);
    const cells = lines[0]!.cells.join('|');
    for (const told of [carryId, 'DVD_R', 'P-1029、OFFICER-1', '紛失', '封印破損', '廃棄', '期限超過'])
      expect(cells).toContain(told);
  });

  test('stays as it was written, for the owner of the database too', async () => {
    const change = vault.databases.owner.vault.run(
      'test.change',
      ({ raw }) => raw`update vault.transfer_carry set medium_type = 'LTO'`,
    );
    await expect(change).rejects.toMatchObject({ facts: { sqlstate: '42501' } });
  });
});

describe('what was entered of a medium', async () => {
  const { packageId: other, ciphertextSha256: readBackDigest } = await scene.released('MEDIUM');
  const entered = carry({ packageId: other, readBackDigest, serialNo: 'DVD-2026-0077' });

  test('is the same when it is entered again, and another entry is refused', async () => {
    const first = await scene.operate('carry', entered);
    expect(await scene.operate('carry', entered)).toEqual(first);
    const changed = { ...entered, sealNo: 'S-0078' };
    await expect(scene.operate('carry', changed)).rejects.toMatchObject({ code: 'CONFLICT' });
    const { carryId } = first as { carryId: string };
    const arrived = { carryId, kind: 'arrived', details: { receivedBy: '受付' } };
    await scene.operate('carried', arrived);
    await scene.operate('carried', arrived);
    const otherwise = { ...arrived, details: { receivedBy: '夜間受付' } };
    await expect(scene.operate('carried', otherwise)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('is raised once when two look at it at once', async () => {
    const before = (await raisedEntries(vault, 'Carry.overdue')).length;
    vault.clock.move(30 * 24 * 60 * 60_000);
    const { context } = transfers;
    const { database } = context;
    const meanwhile: typeof database = {
      run: (statement, work) => database.run(statement, work),
      close: () => database.close(),
      transaction: async (name, work) => {
        await raiseOverdueCarries(context);
        return database.transaction(name, work);
      },
    };
    await raiseOverdueCarries({ ...context, database: meanwhile });
    const raised = await raisedEntries(vault, 'Carry.overdue');
    expect(raised.length).toBeGreaterThan(before);
    expect(new Set(raised).size).toBe(raised.length);
  });
});
