import { createHash } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { decodeBody } from '../../../../src/audit/body.js';
import { KuramoriError } from '../../../../src/kernel/errors.js';
import { clearAway } from '../../../../src/vault/housekeeping.js';
import type {
  HandedPaymentFile,
  ToldPaymentFiles,
} from '../../../../src/vault/refund/paymentFile/administration.js';
import { codeOf, done } from '../../operation/support/two.js';
import { CONSIGNOR_ENTRY, PAY_ON, paying, refusal } from './support.js';

const it = await paying();
const { vault, payer, otherPayer, officer, clerk, twos, ask, taken, act } = it;
const { owner } = vault.databases;
const UNIFIED = '000000000012345';
const OTHER_UNIFIED = '000000000099999';
const ref = await it.register('123456789018', UNIFIED);
const other = await it.register('135792468015', OTHER_UNIFIED);
const DAY_MS = 24 * 60 * 60_000;

const rows = async (sql: string) => [...(await owner.vault.run('test.rows', ({ raw }) => raw.unsafe(sql)))];
const files = async () => (await rows('select from vault.payment_file')).length;
const approved = (payOn = PAY_ON) => twos.approved(payer, officer, act(payOn));
const make = (approvalId: string, own: object = {}) =>
  ask<HandedPaymentFile>('file', { payOn: PAY_ON, personId: payer.personId, approvalId, ...own });
const bytesOf = ({ file }: HandedPaymentFile) => Buffer.from(file, 'base64');
const amountsOf = (handed: HandedPaymentFile) =>
  bytesOf(handed)
    .toString('latin1')
    .split('\r\n')
    .filter((line) => line.startsWith('2'))
    .map((line) => Number(line.slice(80, 90)));
const lastRecord = async () => {
  const [row] = await rows('select body from audit.written order by record_no desc limit 1');
  return decodeBody((row as unknown as { body: Buffer }).body.toString('utf8'))!;
};

describe('a payment file is not asked for', () => {
  test('by who may not pay', async () => {
    expect(codeOf(await twos.asks(clerk, act()))).toBe('FORBIDDEN_PURPOSE');
    expect(codeOf(await twos.asks(officer, act()))).toBe('FORBIDDEN_PURPOSE');
  });

  test('without a consignor, which an officer enters in a form the bank can read', async () => {
    expect(codeOf(await twos.asks(payer, act()))).toBe('CONFLICT consignor');
    const enter = (own: object) => refusal(ask('consignor', { ...CONSIGNOR_ENTRY, ...own }));
    expect(await enter({ by: 'P-2001' })).toBe('FORBIDDEN_PURPOSE role');
    expect(await enter({ code: '123' })).toBe('BAD_INPUT');
    expect(await enter({ name: '見本市' })).toBe('BAD_INPUT name');
    expect(await enter({ bankName: 'ミホンギンコウホンテンエイギョウ' })).toBe('BAD_INPUT bankName');
    expect(await enter({ name: 'ｱ'.repeat(41) })).toBe('BAD_INPUT name');
    expect(await enter({ branchName: '123456789018' })).toBe('BAD_INPUT branchName');
    expect(await enter({ layout: '120+LF' })).toBe('BAD_INPUT');
    expect(await enter({})).toBe('accepted');
  });

  test('when there is nothing to pay', async () => {
    expect(codeOf(await twos.asks(payer, act()))).toBe('CONFLICT nothingToPay');
  });

  test.each([
    ['is past', '2026-11-20', 'BAD_INPUT'],
    ['is Saturday', '2026-11-28', 'BAD_INPUT'],
    ['is a holiday', '2026-11-23', 'BAD_INPUT'],
    ['is too far ahead', '2027-01-22', 'BAD_INPUT'],
    ['is none', '2026-11-31', 'BAD_INPUT body'],
    ['is of a year whose holidays nobody entered', '2027-01-05', 'CONFLICT holidays'],
  ])('for a day that %s', async (_what, payOn, refused) => {
    expect(codeOf(await twos.asks(payer, act(payOn)))).toBe(refused);
  });
});

describe('a payment file', () => {
  test('carries what was taken until it was asked for, as a second person was shown it, and once', async () => {
    await taken(ref, UNIFIED, 45_600n);
    await taken(other, OTHER_UNIFIED, 1_200n);
    const confirmed = await taken(ref, UNIFIED, 7n);
    await it.confirm(ref, confirmed);
    const { approvalId = '' } = done(await twos.asks(payer, act()));
    expect(done(await twos.opens(officer, approvalId))).toMatchObject({
      kind: 'paymentFile',
      summary: {
        count: 2,
        sample: [`payOn:${PAY_ON}`, 'totalYen:46800', expect.stringMatching(/^refunds:/)],
      },
    });
    expect(await refusal(make(approvalId))).toBe('DUAL_CONTROL_REQUIRED missing');
    done(await twos.decides(officer, approvalId));
    const late = await taken(ref, UNIFIED, 300n);
    const handed = await make(approvalId);
    expect(amountsOf(handed)).toEqual([45_600, 1_200]);
    expect(handed).toMatchObject({ fileNo: 1, payOn: PAY_ON, count: 2, totalYen: '46800', madeBy: 'P-2001' });
    expect(handed.sha256).toBe(`sha256:${createHash('sha256').update(bytesOf(handed)).digest('hex')}`);
    const next = await make(await approved());
    expect([next.fileNo, amountsOf(next)]).toEqual([2, [300]]);
    expect(await rows(`select file_no from vault.payment_file_record where refund_id = '${late}'`)).toEqual([
      { file_no: 2 },
    ]);
  });

  test('is the same to the byte when it is asked for again, by its approval or by its number', async () => {
    await taken(ref, UNIFIED, 500n);
    const approvalId = await approved();
    const first = await make(approvalId);
    // A later entry of the consignor changes no file that was made.
    await ask('consignor', { ...CONSIGNOR_ENTRY, validFrom: '2026-11-01', accountNumber: '0000002' });
    expect(await make(approvalId)).toEqual(first);
    expect(await ask('again', { fileNo: first.fileNo })).toEqual(first);
    expect(await refusal(make(approvalId, { personId: 'P-2002' }))).toBe('DUAL_CONTROL_REQUIRED otherPerson');
    expect(await refusal(make(approvalId, { payOn: '2026-11-26' }))).toBe(
      'DUAL_CONTROL_REQUIRED otherContent',
    );
    expect(await refusal(ask('again', { fileNo: 99 }))).toBe('NOT_FOUND');
    const [newest] = (await ask<ToldPaymentFiles>('list')).files;
    const { file: _file, ...told } = first;
    expect(newest).toEqual(told);
  });

  test('is made by who asked, while employed and with a grant, of exactly what was approved', async () => {
    const refundId = await taken(ref, UNIFIED, 600n);
    const before = await files();
    const approvalId = await approved();
    expect(await refusal(make(approvalId, { personId: otherPayer.personId }))).toBe(
      'DUAL_CONTROL_REQUIRED otherPerson',
    );
    expect(await refusal(make(approvalId, { personId: 'P-0100' }))).toBe('FORBIDDEN_PURPOSE');
    expect(await refusal(make(approvalId, { personId: 'P-NONE' }))).toBe('NOT_FOUND');
    expect(await refusal(make('AP-none'))).toBe('DUAL_CONTROL_REQUIRED missing');
    expect(await refusal(make(approvalId, { payOn: '2026-11-26' }))).toBe(
      'DUAL_CONTROL_REQUIRED otherContent',
    );
    const more = await taken(ref, UNIFIED, 1n);
    const second = await approved();
    await it.confirm(ref, refundId);
    expect(await refusal(make(second))).toBe('DUAL_CONTROL_REQUIRED otherContent');
    await it.confirm(ref, more);
    expect(await refusal(make(second))).toBe('CONFLICT nothingToPay');
    expect(await files()).toBe(before);
  });

  test('is not made, and no approval used, when its entry cannot be written', async () => {
    await taken(ref, UNIFIED, 700n);
    const [approvalId, before] = [await approved(), await files()];
    const away = vi
      .spyOn(vault.context.audit, 'appendIn')
      .mockRejectedValueOnce(new KuramoriError('AUDIT_UNAVAILABLE', 'The log is away.'));
    expect(await refusal(make(approvalId))).toBe('AUDIT_UNAVAILABLE');
    away.mockRestore();
    expect(await files()).toBe(before);
    expect(amountsOf(await make(approvalId))).toEqual([700]);
  });

  test('is made once when it is asked for at the same moment by two approvals', async () => {
    await taken(ref, UNIFIED, 800n);
    const approvals = [await approved(), await approved()];
    const outcomes = await Promise.all(approvals.map((approvalId) => refusal(make(approvalId))));
    expect(outcomes.toSorted()).toEqual(['CONFLICT nothingToPay', 'accepted']);
  });

  test('needs an open vault', async () => {
    it.service.open = false;
    await expect(make('AP-1')).rejects.toThrow('sealed');
    await expect(ask('again', { fileNo: 1 })).rejects.toThrow('sealed');
    it.service.open = true;
  });

  test('leaves an entry that names whom it pays, and no account', async () => {
    const refundId = await taken(other, OTHER_UNIFIED, 900n);
    const made = await make(await approved());
    const record = await lastRecord();
    expect(record).toMatchObject({ kind: 'export', actorId: 'operator:hanako' });
    expect(record.entries).toMatchObject([
      { coordinate: 'Vault.paymentFile', decision: 'allow', rows: 1, subjects: [other], raised: true },
    ]);
    expect(record.entries[0]!.reason).toMatch(
      new RegExp(`^made:${made.fileNo} payOn:${PAY_ON} totalYen:900 ${made.sha256} by:P-2001 approval:AP-`),
    );
    await ask('again', { fileNo: made.fileNo });
    expect((await lastRecord()).entries[0]!.reason).toMatch(`again:${made.fileNo} `);
    const kept = await rows(`select p::text, r::text from vault.payment_file p
      join vault.payment_file_record r using (file_no) where refund_id = '${refundId}'`);
    const text = JSON.stringify([kept, record]);
    for (const value of ['0012345', 'ﾔﾏﾀﾞ', 'ヤマダ', '0999']) expect(text).not.toContain(value);
  });

  test('whose bytes would be others is not handed out', async () => {
    await taken(ref, UNIFIED, 1_000n);
    const { fileNo } = await make(await approved());
    const spoil = (sql: string) =>
      owner.vault.run('test.spoil', ({ raw }) =>
        raw.unsafe(`do $$ begin alter table vault.payment_file disable trigger kept;
          ${sql}; alter table vault.payment_file enable always trigger kept; end $$`),
      );
    await spoil(`update vault.payment_file set pay_on = pay_on + 3 where file_no = ${fileNo}`);
    expect(await refusal(ask('again', { fileNo }))).toBe('INTEGRITY_FAILURE');
    await spoil(`update vault.payment_file set pay_on = pay_on - 3 where file_no = ${fileNo}`);
    expect(await refusal(ask('again', { fileNo }))).toBe('accepted');
  });

  test.each(['payment_file', 'payment_file_record', 'payment_consignor'])(
    'has a journal that nobody changes: %s',
    async (table) => {
      for (const sql of [`delete from vault.${table}`, `truncate vault.${table} cascade`])
        await expect(rows(sql)).rejects.toMatchObject({ facts: { sqlstate: '42501' } });
      const asVault = vault.databases.vault.run('test.change', ({ raw }) =>
        raw.unsafe(`delete from vault.${table}`),
      );
      await expect(asVault).rejects.toMatchObject({ facts: { sqlstate: '42501' } });
    },
  );

  test('cannot be had once its records are erased, 30 days after they were confirmed', async () => {
    const refundId = await taken(ref, UNIFIED, 1_100n);
    const { fileNo } = await make(await approved());
    vault.clock.move(5 * DAY_MS);
    const fileRecord = { fileNo, recordNo: 1, amount: 1_100n };
    await it.confirm(ref, refundId, { paidOn: PAY_ON, fileRecord });
    vault.clock.move(30 * DAY_MS);
    expect(await refusal(ask('again', { fileNo }))).toBe('ERASED');
    await clearAway(vault.context, { warn: () => undefined });
    expect(await refusal(ask('again', { fileNo }))).toBe('ERASED');
    const [left] = await rows(`select payment_ref from vault.refund_account where refund_id = '${refundId}'`);
    expect(left).toEqual({ payment_ref: null });
  });
});
