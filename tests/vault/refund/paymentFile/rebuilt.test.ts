import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { erasureAdministration } from '../../../../src/vault/erasure/administration.js';
import { VaultService } from '../../../../src/vault/opening.js';
import { beforeService } from '../../../../src/vault/operation/beforeService.js';
import type {
  HandedPaymentFile,
  ToldPaymentFiles,
} from '../../../../src/vault/refund/paymentFile/administration.js';
import { fileKeyService } from '../../../../src/vault/seal/file.js';
import { revokeNow } from '../../../../src/vault/staff/revokeNow.js';
import { codeOf, done } from '../../operation/support/two.js';
import type { TestPerson } from '../../operation/support/vault.js';
import { CONSIGNOR_ENTRY, PAY_ON, paying, refusal } from './support.js';

const it = await paying();
const { vault, payer, officer, clerk, twos, ask, taken, act } = it;
const owner = vault.databases.owner.vault;
const second = await vault.officer('P-0200', { role: 'unitOfficer' });
const chief = await vault.officer('P-0300', { role: 'chiefOfficer', unit: 'soumu' });
const UNIFIED = '000000000012345';
const ref = await it.register('123456789018', UNIFIED);
await ask('consignor', { ...CONSIGNOR_ENTRY, layout: '120+CRLF' });

const run = async (sql: string) => [...(await owner.run('test.sql', ({ raw }) => raw.unsafe(sql)))];
const make = (approvalId: string) =>
  ask<HandedPaymentFile>('file', { payOn: PAY_ON, personId: payer.personId, approvalId });
const open = async () => (await ask<ToldPaymentFiles>('list')).rebuilds;
const files = async () => (await ask<ToldPaymentFiles>('list')).files;

const service = new VaultService(vault.context);
const reopen = () => service.open(fileKeyService(vault.keyFile), 'hanako');
/** The journal's file is lost, and made anew as an officer decides. */
async function rebuild(by = 'OFFICER-1'): Promise<void> {
  await service.seal('hanako');
  rmSync(vault.journalFile);
  const order = { cause: '装置の故障', by };
  await erasureAdministration(vault.context)['erasure.rebuildJournal']!(order, 'hanako');
  await reopen();
}

const comparing = {
  op: 'paymentJournalCompared',
  said: { reason: '銀行の振込一覧と照合した' },
} as const;
const enters = ({ personId }: TestPerson, approvalId: string) =>
  refusal(ask('journalCompared', { personId, approvalId }));
/** Two officers compare with the bank. */
async function compare(): Promise<void> {
  expect(await enters(officer, await twos.approved(officer, second, comparing))).toBe('accepted');
}

const TABLES = ['payment_journal_compared', 'payment_journal_rebuilt'];
/** What a restored backup does with rows that are newer. */
async function forget(...tables: readonly string[]): Promise<void> {
  await run(tables.map((table) => `alter table vault.${table} disable trigger kept`).join(';'));
  for (const table of tables) await run(`delete from vault.${table}`);
  await run(tables.map((table) => `alter table vault.${table} enable always trigger kept`).join(';'));
  await beforeService(vault.context);
}

const rebuiltLines = () =>
  readFileSync(vault.journalFile, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"rebuilt"'));

describe('after the journal was made anew', () => {
  test('no payment file is asked for, approved, made or given again before two officers have compared', async () => {
    await taken(ref, UNIFIED, 1_000n);
    const { fileNo } = await make(await twos.approved(payer, officer, act()));
    await taken(ref, UNIFIED, 2_000n);
    const { approvalId: asked = '' } = done(await twos.asks(payer, act()));
    const approved = await twos.approved(payer, officer, act());
    await rebuild();
    expect(await open()).toEqual([
      {
        rebuildId: expect.stringMatching(/^RB-/) as string,
        rebuiltAt: vault.clock.now().toString(),
        decidedBy: 'OFFICER-1',
      },
    ]);
    expect(codeOf(await twos.asks(payer, act()))).toBe('CONFLICT rebuiltJournal');
    expect(codeOf(await twos.decides(officer, asked))).toBe('CONFLICT rebuiltJournal');
    expect(await refusal(make(approved))).toBe('CONFLICT rebuiltJournal');
    expect(await refusal(ask('again', { fileNo }))).toBe('CONFLICT rebuiltJournal');
    expect(codeOf(await twos.decides(officer, asked, 'refuse'))).toBe('done');

    await compare();
    expect(await open()).toEqual([]);
    expect(await ask('again', { fileNo })).toMatchObject({ fileNo });
    expect(await make(approved)).toMatchObject({ fileNo: fileNo + 1, totalYen: '2000' });
    expect(await make(approved)).toMatchObject({ fileNo: fileNo + 1, totalYen: '2000' });
  });

  test('a file that was made and not handed out before waits, too', async () => {
    await taken(ref, UNIFIED, 2_500n);
    const approved = await twos.approved(payer, officer, act());
    const made = await make(approved);
    await rebuild();
    expect(await refusal(make(approved))).toBe('CONFLICT rebuiltJournal');
    await compare();
    expect(await make(approved)).toEqual(made);
  });

  test('a payment that database and journal have forgotten, and the bank has made, is not made twice', async () => {
    const refundId = await taken(ref, UNIFIED, 3_000n);
    const { fileNo } = await make(await twos.approved(payer, officer, act()));
    const before = (await files()).length;
    await service.seal('hanako');
    const tables = ['payment_file_record', 'payment_file'];
    await run(tables.map((table) => `alter table vault.${table} disable trigger kept`).join(';'));
    for (const table of tables) await run(`delete from vault.${table} where file_no = ${fileNo}`);
    await run(tables.map((table) => `alter table vault.${table} enable always trigger kept`).join(';'));
    await rebuild();
    expect(await files()).toHaveLength(before - 1);
    expect(codeOf(await twos.asks(payer, act()))).toBe('CONFLICT rebuiltJournal');
    await it.confirm(ref, refundId);
    await compare();
    expect(codeOf(await twos.asks(payer, act()))).toBe('CONFLICT nothingToPay');
  });

  test('it is raised once, however often the vault is opened', async () => {
    await rebuild();
    const [{ rebuildId } = { rebuildId: '' }] = await open();
    await beforeService(vault.context);
    const rows =
      await run(`select reason from audit.entry where coordinate = 'Vault.paymentJournalRebuilt' and raised
      and reason like 'rebuilt:${rebuildId} at:% by:OFFICER-1'`);
    expect(rows).toHaveLength(1);
    await compare();
  });
});

describe('who compares', () => {
  test('is an officer who asks and another who approves, neither the one who decided the rebuilding', async () => {
    await rebuild(chief.personId);
    expect(codeOf(await twos.asks(payer, comparing))).toBe('FORBIDDEN_PURPOSE');
    expect(codeOf(await twos.asks(clerk, comparing))).toBe('FORBIDDEN_PURPOSE');
    expect(codeOf(await twos.asks(chief, comparing))).toBe('DUAL_CONTROL_REQUIRED involved');
    const { approvalId = '' } = done(await twos.asks(officer, comparing));
    expect(codeOf(await twos.opens(officer, approvalId))).toBe('DUAL_CONTROL_REQUIRED samePerson');
    expect(codeOf(await twos.opens(clerk, approvalId))).toBe('FORBIDDEN_PURPOSE');
    expect(codeOf(await twos.decides(chief, approvalId))).toBe('DUAL_CONTROL_REQUIRED involved');
    const [{ rebuildId, rebuiltAt } = { rebuildId: '', rebuiltAt: '' }] = await open();
    expect(done(await twos.opens(second, approvalId))).toMatchObject({
      kind: 'paymentJournalCompared',
      summary: {
        count: 1,
        reason: comparing.said.reason,
        sample: [`${rebuildId} at:${rebuiltAt} by:${chief.personId}`],
      },
    });
    expect(await enters(officer, approvalId)).toBe('DUAL_CONTROL_REQUIRED missing');
    done(await twos.decides(second, approvalId));
    expect(await enters(second, approvalId)).toBe('DUAL_CONTROL_REQUIRED otherPerson');
    expect(await enters(payer, approvalId)).toBe('FORBIDDEN_PURPOSE role');
    expect(await enters(officer, 'AP-0')).toBe('DUAL_CONTROL_REQUIRED missing');
    expect(await enters(officer, approvalId)).toBe('accepted');
    expect(await enters(officer, approvalId)).toBe('NOT_FOUND');
    const [entry] =
      await run(`select reason from audit.entry where coordinate = 'Vault.paymentJournalCompared'
      and decision = 'allow' order by sequence desc limit 1`);
    expect(entry).toEqual({ reason: `rebuilt:1 by:${officer.personId} approval:${approvalId}` });
  });

  test('is looked at again when it is entered', async () => {
    await rebuild();
    const approvalId = await twos.approved(officer, chief, comparing);
    await run(`alter table vault.payment_journal_rebuilt disable trigger kept;
      update vault.payment_journal_rebuilt set decided_by = '${chief.personId}';
      alter table vault.payment_journal_rebuilt enable always trigger kept`);
    expect(await enters(officer, approvalId)).toBe('DUAL_CONTROL_REQUIRED involved');
    await run(`alter table vault.payment_journal_rebuilt disable trigger kept;
      update vault.payment_journal_rebuilt set decided_by = 'OFFICER-1';
      alter table vault.payment_journal_rebuilt enable always trigger kept`);
    expect(await enters(officer, approvalId)).toBe('accepted');
  });

  test('is not somebody who was withdrawn meanwhile', async () => {
    await rebuild();
    const leaver = await vault.officer('P-0400', { role: 'unitOfficer' });
    const approvalId = await twos.approved(leaver, second, comparing);
    const { database, clock } = vault.context;
    await database.transaction('test.revoke', (tx) => revokeNow(tx, leaver.personId, clock.now()));
    expect(await enters(leaver, approvalId)).toBe('ACCOUNT_REVOKED person-revoked');
    await compare();
  });
});

describe('a comparison', () => {
  test('is not made where nothing was made anew', async () => {
    expect(codeOf(await twos.asks(officer, comparing))).toBe('NOT_FOUND');
    expect(await enters(officer, 'AP-0')).toBe('NOT_FOUND');
  });

  test('from before the newest rebuilding says nothing of it, though both are of one instant', async () => {
    await rebuild();
    const early = await twos.approved(officer, second, comparing);
    const { rebuildId: first } = (await open())[0]!;
    await rebuild();
    expect(await open()).toHaveLength(2);
    expect(await enters(officer, early)).toBe('DUAL_CONTROL_REQUIRED otherContent');
    await compare();
    expect(await open()).toEqual([]);
    await rebuild();
    expect((await open()).map(({ rebuildId }) => rebuildId)).not.toContain(first);
    expect(codeOf(await twos.asks(payer, act()))).toBe('CONFLICT rebuiltJournal');
    await compare();
    expect(codeOf(await twos.asks(payer, act()))).toBe('CONFLICT nothingToPay');
  });

  test('of one kind is none of the other', async () => {
    await taken(ref, UNIFIED, 4_000n);
    const payment = await twos.approved(payer, officer, act());
    await rebuild();
    expect(await enters(officer, payment)).toBe('DUAL_CONTROL_REQUIRED otherPerson');
    await compare();
    expect(await make(payment)).toMatchObject({ totalYen: '4000' });
  });
});

describe('a restore', () => {
  test('of a backup from before the rebuilding does not lift what stops payments', async () => {
    await rebuild();
    await forget(...TABLES);
    expect(codeOf(await twos.asks(payer, act()))).toBe('CONFLICT rebuiltJournal');
    await compare();
  });

  test.each([
    ['rebuilding', TABLES],
    ['comparison', TABLES.slice(0, 1)],
  ])('of a backup from before the %s asks for a comparison again', async (_, tables) => {
    await rebuild();
    await compare();
    await forget(...tables);
    expect(codeOf(await twos.asks(payer, act()))).toBe('CONFLICT rebuiltJournal');
    await compare();
    await beforeService(vault.context);
    expect(await open()).toEqual([]);
  });

  test('of an older copy of the journal does not either, and the copy is given what it lacks', async () => {
    const copy = readFileSync(vault.journalFile);
    const known = rebuiltLines().length;
    await rebuild();
    const [{ rebuildId } = { rebuildId: '' }] = await open();
    await service.seal('hanako');
    writeFileSync(vault.journalFile, copy);
    await reopen();
    expect(rebuiltLines()).toHaveLength(known + 1);
    expect(rebuiltLines().at(-1)).toContain(rebuildId);
    expect(codeOf(await twos.asks(payer, act()))).toBe('CONFLICT rebuiltJournal');
    await compare();
  });

  test.each(TABLES)('meets a table that nobody changes: %s', async (table) => {
    await expect(run(`delete from vault.${table}`)).rejects.toMatchObject({ facts: { sqlstate: '42501' } });
  });
});
