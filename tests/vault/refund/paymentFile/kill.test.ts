import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  approvalRequest,
  decideApprovalRequest,
  inquireRefundAccountRequest,
  newConsentId,
  newPushRequestId,
  openApprovalRequest,
  recordConsentRequest,
  registerRequest,
  stepUpRequest,
  takeRefundAccountRequest,
  verifyPublishedKeys,
  type SignedOperation,
} from '../../../../src/client/index.js';
import { systemClock, today } from '../../../../src/kernel/clock.js';
import { openDayFrom } from '../../../../src/kernel/closedDays.js';
import { plainDate } from '../../../../src/kernel/dates.js';
import type { HandedPaymentFile } from '../../../../src/vault/refund/paymentFile/administration.js';
import { MUNICIPALITY, type VaultPerson } from '../../processes/vault.js';
import { temporaryHome } from '../../processes/process.js';
import { networkAuthority } from '../../push/support/certificates.js';
import { startPeer } from '../../push/support/peerServer.js';
import { startPushingProcess } from '../../push/support/vaultProcess.js';
import { CONSIGNOR_ENTRY } from './support.js';

const home = temporaryHome();
const network = await networkAuthority();
const server = await startPeer(await network.issue('intermediary', 'serverAuth'), network.ca);
const linkage = await network.issue('vault', 'clientAuth');
const pushing = await startPushingProcess(home, server, linkage, network.ca);
const { vault } = pushing;
const { owner } = vault.databases;
const UNIFIED = '000000000012345';
const DAY = today(systemClock);
const PAY_ON = openDayFrom(plainDate(DAY), new Set()).toString();
const operations = ['register', 'push', 'recordConsent', 'takeRefundAccount'];
const payer = await vault.person('P-2001', { operations });
const officer = await vault.person('P-0100', { role: 'unitOfficer' });
const { signed } = await pushing.client().publishedKeys();
const vaultKeys = await verifyPublishedKeys(signed, vault.anchor, { municipality: MUNICIPALITY });

let requests = 0;
const operate = async ({ assertion, body }: SignedOperation) => {
  const { result } = await pushing.client().operate({ assertion, body, requestId: `R-${(requests += 1)}` });
  return result as Record<string, string>;
};
const stepUp = async (person: VaultPerson) => {
  const { key, context } = person;
  const { stepUp: fresh = '' } = await operate(
    await stepUpRequest(key, { ...context, vaultKeys, totp: person.nextCode() }),
  );
  return fresh;
};
const eventually = async (isSo: () => Promise<boolean>) => {
  for (let tries = 0; tries < 500; tries += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it never came to it');
};
const count = async (sql: string) =>
  (await owner.vault.run('test.count', ({ raw }) => raw.unsafe(sql))).length;

/** An account is taken for a payment, and two people decide its file. @returns the approval */
const approved = async (refundId: string): Promise<string> => {
  const { key, context } = payer;
  const consentId = newConsentId();
  const evidenceDigest = `sha256:${'A'.repeat(43)}`;
  const consent = { consentId, refundId, channel: 'counter', consentedOn: DAY, evidenceDigest } as const;
  await operate(await recordConsentRequest(key, { ...context, ref, ...consent }));
  const inquiry = { unifiedAddresseeNo: UNIFIED, refundId, holderKana: 'ヤマダ ハナコ', consentId };
  const pushRequestId = newPushRequestId();
  await operate(await inquireRefundAccountRequest(key, { ...context, ref, ...inquiry, pushRequestId }));
  const obtained = `select from vault.refund_account where refund_id = '${refundId}'`;
  await eventually(async () => (await count(obtained)) === 1);
  const payment = { refundId, paymentId: `PY-${refundId}`, amount: 45_600n, customerNo: '0000000123' };
  const fresh = { ...context, ref, stepUp: await stepUp(payer) };
  await operate(await takeRefundAccountRequest(key, { ...fresh, ...payment }));
  const act = { op: 'paymentFile', said: { payOn: PAY_ON, reason: '還付' } } as const;
  const { approvalId = '' } = await operate(await approvalRequest(key, { ...context, act }));
  const opening = await openApprovalRequest(officer.key, { ...officer.context, approvalId });
  const { contentDigest = '' } = await operate(opening);
  const decided = { approvalId, contentDigest, decision: 'approve', stepUp: await stepUp(officer) } as const;
  await operate(await decideApprovalRequest(officer.key, { ...officer.context, ...decided }));
  return approvalId;
};
const make = (approvalId: string) =>
  vault.administer('payment.file', {
    payOn: PAY_ON,
    personId: payer.personId,
    approvalId,
  }) as Promise<HandedPaymentFile>;

const registration = { ...payer.context, vaultKeys, number: '123456789018' };
const attributes = { unifiedAddresseeNo: UNIFIED };
const { ref = '' } = await operate(await registerRequest(payer.key, { ...registration, attributes }));
await vault.administer('payment.consignor', CONSIGNOR_ENTRY);
await vault.administer('evidence.holidays', {
  holidays: [DAY, PAY_ON].map((day) => ({ day: `${day.slice(0, 4)}-01-01`, name: '元日' })),
});

// A file is held up inside its transaction, before it commits, for as long as the test has the lock.
const LOCK = 7_778;
await owner.vault.run('test.hold', ({ raw }) =>
  raw.unsafe(`create function public.hold_payment() returns trigger security definer language plpgsql as $$
    begin
      perform pg_advisory_xact_lock(${LOCK});
      return null;
    end $$;
    create trigger held after insert on vault.payment_file_record for each row
      execute function public.hold_payment()`),
);
const waiting = `select from pg_locks where locktype = 'advisory' and objid = ${LOCK} and not granted`;

test('a payment file whose vault is killed before the journal has it is made once, when asked for again', async () => {
  const approvalId = await approved('RF-1');
  await owner.vault.transaction('test.holding', async (tx) => {
    await tx.run('test.lock', ({ raw }) => raw`select pg_advisory_xact_lock(${LOCK})`);
    const cut = make(approvalId).catch(() => 'cut');
    await eventually(async () => (await count(waiting)) === 1);
    await pushing.kill();
    expect(await cut).toBe('cut');
  });
  await pushing.restart();
  const handed = await make(approvalId);
  expect(handed).toMatchObject({ fileNo: 1, count: 1, totalYen: '45600' });
  expect(await count('select from vault.payment_file')).toBe(1);
});

test('one whose vault is killed after the journal has it is the same file again, and no other', async () => {
  const approvalId = await approved('RF-2');
  const cut = make(approvalId).catch(() => 'cut');
  await eventually(async () => (await count('select from vault.payment_file where file_no = 2')) === 1);
  await pushing.kill();
  await cut;
  await pushing.restart();
  const handed = await make(approvalId);
  const bytes = Buffer.from(handed.file, 'base64');
  expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(handed.sha256);
  const journal = `select from vault.payment_file where file_no = 2 and sha256 = '${handed.sha256}'`;
  expect([handed.fileNo, await count(journal)]).toEqual([2, 1]);
  expect(await count('select from vault.payment_file')).toBe(2);
  expect(await count('select from vault.payment_file_record')).toBe(2);
});
