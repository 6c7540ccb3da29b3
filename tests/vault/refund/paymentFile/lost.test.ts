import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { beforeService } from '../../../../src/vault/operation/beforeService.js';
import type {
  HandedPaymentFile,
  ToldPaymentFiles,
} from '../../../../src/vault/refund/paymentFile/administration.js';
import { codeOf, done } from '../../operation/support/two.js';
import { CONSIGNOR_ENTRY, PAY_ON, paying, refusal } from './support.js';

const it = await paying();
const { vault, payer, otherPayer, officer, clerk, twos, ask, taken, act } = it;
const owner = vault.databases.owner.vault;
const UNIFIED = '000000000012345';
const ref = await it.register('123456789018', UNIFIED);
await ask('consignor', { ...CONSIGNOR_ENTRY, layout: '120+CRLF' });

const run = async (sql: string) => [...(await owner.run('test.sql', ({ raw }) => raw.unsafe(sql)))];
const approved = () => twos.approved(payer, officer, act());
const make = (approvalId: string) =>
  ask<HandedPaymentFile>('file', { payOn: PAY_ON, personId: payer.personId, approvalId });
const comparing = (fileNo: number, outcome: 'paid' | 'notPaid') =>
  ({ op: 'paymentCompared', said: { fileNo, outcome, reason: '銀行の振込結果と照合した' } }) as const;
const compares = async (fileNo: number, outcome: 'paid' | 'notPaid') => {
  const approvalId = await twos.approved(payer, officer, comparing(fileNo, outcome));
  return ask('compared', { fileNo, outcome, personId: payer.personId, approvalId });
};
const lostNow = async () =>
  (await ask<ToldPaymentFiles>('list')).files.flatMap(({ fileNo, lost }) => (lost ? [[fileNo, lost]] : []));

/** What a restored backup does: the files made since are gone from the database, their payments wait again. */
async function restoreBefore(fileNo: number): Promise<void> {
  const tables = ['payment_file', 'payment_file_record'];
  await run(tables.map((table) => `alter table vault.${table} disable trigger kept`).join(';'));
  for (const table of tables.toReversed()) await run(`delete from vault.${table} where file_no >= ${fileNo}`);
  await run(tables.map((table) => `alter table vault.${table} enable always trigger kept`).join(';'));
  await beforeService(vault.context);
}

describe('a payment file that a restore has lost', () => {
  test('whose money the bank never moved is paid by another file', async () => {
    const refundId = await taken(ref, UNIFIED, 3_000n);
    const made = await make(await approved());
    await restoreBefore(made.fileNo);
    await compares(made.fileNo, 'notPaid');
    const again = await make(await approved());
    expect(again).toMatchObject({ fileNo: made.fileNo + 1, count: 1, totalYen: '3000' });
    const place = { fileNo: again.fileNo, recordNo: 1, payOn: PAY_ON };
    expect(done(await it.withdraw(ref, await it.consentFor(refundId)))).toMatchObject(place);
  });

  test('is lost once more when a second restore loses the file of the same bytes that paid instead', async () => {
    await taken(ref, UNIFIED, 3_500n);
    const made = await make(await approved());
    await restoreBefore(made.fileNo);
    await compares(made.fileNo, 'notPaid');
    const again = await make(await approved());
    expect(again.sha256).toBe(made.sha256);
    await restoreBefore(again.fileNo);
    expect((await lostNow()).slice(0, 2)).toEqual([
      [again.fileNo, 'open'],
      [made.fileNo, 'notPaid'],
    ]);
    expect(codeOf(await twos.asks(payer, act()))).toBe('CONFLICT lostFile');
    await compares(again.fileNo, 'paid');
    expect(codeOf(await twos.asks(payer, act()))).toBe('CONFLICT nothingToPay');
  });

  test('is compared by who may pay and a second person, in their own words, once', async () => {
    await taken(ref, UNIFIED, 4_000n);
    const { fileNo } = await make(await approved());
    await restoreBefore(fileNo);
    expect(codeOf(await twos.asks(clerk, comparing(fileNo, 'paid')))).toBe('FORBIDDEN_PURPOSE');
    expect(codeOf(await twos.asks(payer, comparing(fileNo + 9, 'paid')))).toBe('NOT_FOUND');
    const { approvalId = '' } = done(await twos.asks(payer, comparing(fileNo, 'paid')));
    expect(done(await twos.opens(officer, approvalId))).toMatchObject({
      kind: 'paymentCompared',
      summary: {
        count: 1,
        sample: [`file:${fileNo}`, `payOn:${PAY_ON}`, 'totalYen:4000', 'outcome:paid', expect.any(String)],
      },
    });
    const said = { fileNo, outcome: 'paid', personId: payer.personId, approvalId };
    expect(await refusal(ask('compared', said))).toBe('DUAL_CONTROL_REQUIRED missing');
    done(await twos.decides(officer, approvalId));
    expect(await refusal(ask('compared', { ...said, outcome: 'notPaid' }))).toBe(
      'DUAL_CONTROL_REQUIRED otherContent',
    );
    expect(await refusal(ask('compared', { ...said, personId: otherPayer.personId }))).toBe(
      'DUAL_CONTROL_REQUIRED otherPerson',
    );
    expect(await refusal(ask('compared', { ...said, outcome: 'perhaps' }))).toBe('BAD_INPUT');
    expect(await refusal(ask('compared', said))).toBe('accepted');
    expect(await refusal(ask('compared', said))).toBe('NOT_FOUND');
  });

  test('is found once, raised, and not when nothing was restored', async () => {
    await taken(ref, UNIFIED, 5_000n);
    const { fileNo, sha256 } = await make(await approved());
    const raised = async () =>
      (
        await run(`select reason from audit.entry where coordinate = 'Vault.paymentFileLost' and raised
        and reason = 'lost:${fileNo} ${sha256}'`)
      ).length;
    await beforeService(vault.context);
    expect(await raised()).toBe(0);
    await restoreBefore(fileNo);
    await beforeService(vault.context);
    expect(await raised()).toBe(1);
    await compares(fileNo, 'paid');
  });
});

describe('a consent that is withdrawn after a restore has lost the file', () => {
  test.each([
    [
      'that its account was taken',
      'update vault.refund_account set taken_at = null, taken_by = null, payment_id = null, payment_ref = null',
    ],
    ['its account', 'delete from vault.refund_account'],
  ])('and %s is told of the file, which the bank may have', async (_, sql) => {
    const refundId = await taken(ref, UNIFIED, 4_500n);
    const consentId = await it.consentFor(refundId);
    const { fileNo } = await make(await approved());
    await restoreBefore(fileNo);
    await run(`${sql} where refund_id = '${refundId}'`);
    const place = { payment: 'inFile', fileNo, recordNo: 1, payOn: PAY_ON };
    expect(done(await it.withdraw(ref, consentId))).toMatchObject(place);
    await compares(fileNo, 'notPaid');
    expect(done(await it.withdraw(ref, consentId))).toMatchObject({ payment: 'none' });
  });
});

describe('the journal on the disk', () => {
  const lines = () =>
    readFileSync(vault.journalFile, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"paymentFile"'));

  test('has a file before its bytes leave, and none leaves without', async () => {
    const refundId = await taken(ref, UNIFIED, 6_000n);
    const approvalId = await approved();
    const before = readFileSync(vault.journalFile);
    writeFileSync(vault.journalFile, Buffer.concat([before, Buffer.from('another writer\n')]));
    expect(await refusal(make(approvalId))).toBe('INTEGRITY_FAILURE');
    writeFileSync(vault.journalFile, before);
    const made = await make(approvalId);
    expect(lines().at(-1)).toContain(`"refundIds":["${refundId}"]`);
    const count = lines().length;
    expect(await ask('again', { fileNo: made.fileNo })).toEqual(made);
    expect(lines()).toHaveLength(count);
  });

  test('is given the files that it lacks when the vault is opened', async () => {
    await taken(ref, UNIFIED, 7_000n);
    const before = readFileSync(vault.journalFile);
    const { sha256 } = await make(await approved());
    await vault.context.erasureJournal.close();
    writeFileSync(vault.journalFile, before);
    await beforeService(vault.context);
    expect(lines().at(-1)).toContain(sha256);
    expect(await lostNow()).not.toContainEqual([expect.any(Number), 'open']);
  });

  test.each(['payment_file_lost', 'payment_file_compared'])(
    'is matched by a table that nobody changes: %s',
    async (table) => {
      await expect(run(`delete from vault.${table}`)).rejects.toMatchObject({ facts: { sqlstate: '42501' } });
    },
  );
});

describe('a refund in a lost file', () => {
  test('lets nothing be paid until two people have compared it, and pays nothing twice then', async () => {
    const [first, second] = [await taken(ref, UNIFIED, 1_000n), await taken(ref, UNIFIED, 2_000n)];
    const approvalId = await approved();
    const made = await make(approvalId);
    await restoreBefore(made.fileNo);
    expect((await lostNow()).at(0)).toEqual([made.fileNo, 'open']);
    expect(codeOf(await twos.asks(payer, act()))).toBe('CONFLICT lostFile');
    expect(await refusal(make(approvalId))).toBe('CONFLICT lostFile');
    const withdrawn = done(await it.withdraw(ref, await it.consentFor(second)));
    expect(withdrawn).toMatchObject({ payment: 'inFile', fileNo: made.fileNo, recordNo: 2 });

    await compares(made.fileNo, 'paid');
    expect((await lostNow()).at(0)).toEqual([made.fileNo, 'paid']);
    expect(codeOf(await twos.asks(payer, act()))).toBe('CONFLICT nothingToPay');
    await taken(ref, UNIFIED, 200n);
    expect(await make(await approved())).toMatchObject({
      fileNo: made.fileNo + 1,
      count: 1,
      totalYen: '200',
    });
    vault.clock.move(6 * 24 * 60 * 60_000);
    const fileRecord = { fileNo: made.fileNo, recordNo: 1, amount: 1_000n };
    await it.confirm(ref, first, { paidOn: PAY_ON, fileRecord });
  });
});
