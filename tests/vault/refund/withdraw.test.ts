import { describe, expect, test } from 'vitest';
import { takeRefundAccountRequest, viewRefundAccountRequest } from '../../../src/client/index.js';
import type { HandedPaymentFile } from '../../../src/vault/refund/paymentFile/administration.js';
import { codeOf, done } from '../operation/support/two.js';
import { CONSIGNOR_ENTRY, PAY_ON, paying, refusal } from './paymentFile/support.js';

const it = await paying();
const { vault, payer, officer, clerk, peer, runner, twos, ask, taken } = it;
const owner = vault.databases.owner.vault;
const UNIFIED = '000000000012345';
const ref = await it.register('123456789018', UNIFIED);
await ask('consignor', { ...CONSIGNOR_ENTRY, layout: '120+CRLF' });

const approved = () => twos.approved(payer, officer, it.act());
const make = (approvalId: string) =>
  ask<HandedPaymentFile>('file', { payOn: PAY_ON, personId: payer.personId, approvalId });
const withdrawFor = async (refundId: string) => it.withdraw(ref, await it.consentFor(refundId));
const take = async (refundId: string) => {
  const stepUp = await vault.stepUp(payer);
  const payment = { paymentId: `PY-${refundId}`, amount: 500n, customerNo: '0000000001' };
  return vault.run(
    await takeRefundAccountRequest(payer.key, { ...payer.context, stepUp, ref, refundId, ...payment }),
  );
};
const inFiles = async (refundId: string) => {
  const rows = await owner.run(
    'test.inFiles',
    ({ raw }) => raw`select file_no from vault.payment_file_record where refund_id = ${refundId}`,
  );
  return rows.length;
};

/** Runs work that comes to the account of a refund in this order, each waiting for it before the next begins. */
async function inTurn<T>(refundId: string, ...works: readonly (() => Promise<T>)[]): Promise<T[]> {
  return owner
    .transaction('test.hold', async (tx) => {
      await tx.run(
        'test.lock',
        ({ raw }) => raw`
      select from vault.refund_account where refund_id = ${refundId} for update`,
      );
      const running: Promise<T>[] = [];
      for (const work of works) {
        running.push(work());
        await expect.poll(() => waiters(), { timeout: 10_000 }).toBe(running.length);
      }
      return { running };
    })
    .then(({ running }) => Promise.all(running));
}

async function waiters(): Promise<number> {
  const [row] = await vault.databases.vault.run(
    'test.waiters',
    ({ raw }) => raw<{ n: bigint }[]>`
    select count(distinct pid) as n from pg_locks where not granted
      and pid in (select pid from pg_stat_activity where datname = current_database())`,
  );
  return Number(row?.n);
}

describe('a consent that is withdrawn', () => {
  test('before the account is used lets nobody use it or see it whole', async () => {
    const refundId = 'RF-W-1';
    done((await it.inquire(ref, UNIFIED, refundId)).answer);
    await runner.settled();
    expect(done(await withdrawFor(refundId))).toMatchObject({ payment: 'none' });
    expect(codeOf(await take(refundId))).toBe('CONSENT_REQUIRED withdrawn');
    const view = { ...clerk.context, ref, refundId };
    const shown = done(await vault.run(await viewRefundAccountRequest(clerk.key, view)));
    expect(shown).toMatchObject({ taken: false, withdrawn: true });
  });

  test('after its inquiry was taken in leaves the state of it tellable, and takes no other', async () => {
    const refundId = 'RF-W-8';
    const { pushRequestId, answer } = await it.inquire(ref, UNIFIED, refundId);
    done(answer);
    const consentId = await it.consentFor(refundId);
    await runner.settled();
    done(await it.withdraw(ref, consentId));
    const again = await it.inquire(ref, UNIFIED, refundId, { consentId, pushRequestId });
    expect(done(again.answer)).toMatchObject({ pushRequestId, replayed: true });
    const other = await it.inquire(ref, UNIFIED, refundId, { consentId });
    expect(codeOf(other.answer)).toBe('CONSENT_REQUIRED withdrawn');
  });

  test('while its inquiry is under way leaves an account that nobody can use', async () => {
    const refundId = 'RF-W-2';
    peer.meanwhile = async () => void done(await withdrawFor(refundId));
    peer.faults.push('lostAfter');
    done((await it.inquire(ref, UNIFIED, refundId)).answer);
    await runner.settled();
    vault.clock.move(60_000);
    await runner.settled();
    expect(codeOf(await take(refundId))).toBe('CONSENT_REQUIRED withdrawn');
  });

  test('after the account was used stops the payment, and the account goes as one that nobody took', async () => {
    const [stays, goes] = [await taken(ref, UNIFIED, 300n), await taken(ref, UNIFIED, 700n)];
    const early = await approved();
    expect(done(await withdrawFor(goes))).toMatchObject({ payment: 'stopped' });
    expect(done(await withdrawFor(goes))).toMatchObject({ payment: 'stopped' });
    expect(await refusal(make(early))).toBe('DUAL_CONTROL_REQUIRED otherContent');
    expect(codeOf(await take(goes))).toBe('CONSENT_REQUIRED withdrawn');
    expect(await make(await approved())).toMatchObject({ count: 1, totalYen: '300' });
    expect([await inFiles(stays), await inFiles(goes)]).toEqual([1, 0]);
    const [ends] = await owner.run(
      'test.ends',
      ({ raw }) => raw<{ days: number }[]>`
      select max(round(extract(epoch from i.erase_after - a.consent_withdrawn_at) / 86400))::int as days
      from vault.refund_account a join vault.spool_item i on i.item_ref in (a.account_ref, a.payment_ref)
      where a.refund_id = ${goes}`,
    );
    expect(ends?.days).toBe(30);
  });

  test('after the payment file left tells file, line and day, for only the bank can stop that', async () => {
    const refundId = await taken(ref, UNIFIED, 800n);
    const { fileNo } = await make(await approved());
    const inFile = { payment: 'inFile', fileNo, recordNo: 1, payOn: PAY_ON };
    expect(done(await withdrawFor(refundId))).toMatchObject(inFile);
    expect(done(await withdrawFor(refundId))).toMatchObject(inFile);
  });

  test('after it was paid in another way finds it paid', async () => {
    const refundId = await taken(ref, UNIFIED, 900n);
    await it.confirm(ref, refundId);
    expect(done(await withdrawFor(refundId))).toMatchObject({ payment: 'paid' });
  });

  test('at the moment in which the file is made comes before it or after it, and each side says which', async () => {
    const first = await taken(ref, UNIFIED, 1_000n);
    const [toMake, consentId] = [await approved(), await it.consentFor(first)];
    const outcomes = await inTurn<unknown>(
      first,
      () => make(toMake),
      () => it.withdraw(ref, consentId),
    );
    const [made, told] = outcomes as [HandedPaymentFile, Awaited<ReturnType<typeof it.withdraw>>];
    expect(done(told)).toMatchObject({ payment: 'inFile', fileNo: made.fileNo });

    const second = await taken(ref, UNIFIED, 1_100n);
    const [toRefuse, withdrawn] = [await approved(), await it.consentFor(second)];
    const [stopped, refused] = await inTurn<unknown>(
      second,
      () => it.withdraw(ref, withdrawn),
      () => refusal(make(toRefuse)),
    );
    expect(done(stopped as typeof told)).toMatchObject({ payment: 'stopped' });
    expect(refused).toBe('CONFLICT nothingToPay');
    expect(await inFiles(second)).toBe(0);
  });
});

describe('a payment that stands in a payment file', () => {
  test('is confirmed with its file, and one that stands in none without', async () => {
    const refundId = await taken(ref, UNIFIED, 50n);
    const fileRecord = { fileNo: 1, recordNo: 1, amount: 50n };
    expect(codeOf(await it.confirms(ref, refundId, { fileRecord }))).toBe('CONFLICT inNoFile');
    expect(done(await it.confirms(ref, refundId))).toMatchObject({ refundId });
  });

  test('is confirmed by file, line and amount as the vault has them, on a day from that of the file on', async () => {
    await taken(ref, UNIFIED, 100n);
    const refundId = await taken(ref, UNIFIED, 1_234n);
    const { fileNo } = await make(await approved());
    const view = { ...clerk.context, ref, refundId };
    expect(done(await vault.run(await viewRefundAccountRequest(clerk.key, view)))).toMatchObject({
      fileRecord: { fileNo, recordNo: 2, payOn: PAY_ON },
    });
    vault.clock.move(6 * 24 * 60 * 60_000);
    const right = { fileNo, recordNo: 2, amount: 1_234n };
    const confirm = async (fileRecord?: typeof right, paidOn = PAY_ON) => {
      const answer = await it.confirms(ref, refundId, { paidOn, ...(fileRecord && { fileRecord }) });
      return answer.outcome === 'refused' ? codeOf(answer) : done(answer)['refundId'];
    };
    expect(await confirm()).toBe('CONFLICT inFile');
    expect(await confirm({ ...right, fileNo: fileNo + 1 })).toBe('CONFLICT record');
    expect(await confirm({ ...right, recordNo: 1 })).toBe('CONFLICT record');
    expect(await confirm({ ...right, amount: 1_235n })).toBe('CONFLICT amount');
    expect(await confirm(right, '2026-11-26')).toBe('BAD_INPUT');
    expect(await confirm(right)).toBe(refundId);
    expect(await confirm(right)).toBe(refundId);
  });
});
