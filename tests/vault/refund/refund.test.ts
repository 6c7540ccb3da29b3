import { describe, expect, test } from 'vitest';
import {
  confirmRefundPaymentRequest,
  newConsentId,
  recordConsentRequest,
  revealRefundAccountRequest,
  takeRefundAccountRequest,
  viewRefundAccountRequest,
  withdrawConsentRequest,
  type RecordConsentDetails,
  type SignedOperation,
  type TakeRefundAccountDetails,
} from '../../../src/client/index.js';
import { decodeBody } from '../../../src/audit/body.js';
import type { AuditEntry } from '../../../src/audit/record.js';
import { REGISTERED_ACCOUNT } from '../../../src/protocol/intermediary/registeredAccount.js';
import { clearAway } from '../../../src/vault/housekeeping.js';
import type { VaultRef } from '../../../src/vault/number/vaultRef.js';
import { codeOf, done } from '../operation/support/two.js';
import type { TestPerson } from '../operation/support/vault.js';
import { ACCOUNT_ITEMS, GIVEN } from '../push/support/peer.js';
import { pushing, REFUND_OPERATIONS } from '../push/support/pushing.js';

const it = await pushing();
const { vault, peer, runner, clerk } = it;
const payer = await vault.person('P-2001', [
  'viewRefundAccount',
  'revealRefundAccount',
  'takeRefundAccount',
  'confirmRefundPayment',
]);
const UNIFIED = '000000000012345';
const OTHER_UNIFIED = '000000000099999';
const ref = await it.register('123456789018', UNIFIED);
const other = await it.register('135792468015', OTHER_UNIFIED);
const EVIDENCE = `sha256:${'A'.repeat(43)}`;
const DAY_MS = 24 * 60 * 60_000;

let refunds = 0;
const newRefund = () => `RF-2026-${(refunds += 1)}`;
const inquired = async (refundId = newRefund()) => {
  const { pushRequestId, answer } = await it.inquire(ref, UNIFIED, refundId);
  done(answer);
  await runner.settled();
  return { refundId, pushRequestId };
};
const recordConsent = async (said: Partial<RecordConsentDetails>) => {
  const details = {
    consentId: newConsentId(vault.clock.ms),
    channel: 'paper',
    consentedOn: '2026-11-22',
  } as const;
  const named = { ...clerk.context, ref, refundId: 'RF-C', evidenceDigest: EVIDENCE };
  return vault.run(await recordConsentRequest(clerk.key, { ...named, ...details, ...said }));
};
const view = async (refundId: string, of: VaultRef = ref, person: TestPerson = clerk) => {
  const details = { ...person.context, ref: of, refundId };
  return vault.run(await viewRefundAccountRequest(person.key, details));
};
const take = async (refundId: string, said: Partial<TakeRefundAccountDetails> = {}, person = payer) => {
  const stepUp = await vault.stepUp(person);
  const payment = { paymentId: `PY-${refundId}`, amount: 45_600n, customerNo: '0000000123' };
  const details = { ...person.context, stepUp, ref, refundId, ...payment, ...said };
  return vault.run(await takeRefundAccountRequest(person.key, details));
};
const confirm = async (refundId: string, paymentId = `PY-${refundId}`, paidOn = '2026-11-22') => {
  const details = { ...payer.context, ref, refundId, paymentId, paidOn };
  return vault.run(await confirmRefundPaymentRequest(payer.key, details));
};
const entriesSince = async (sequence: bigint): Promise<readonly AuditEntry[]> => {
  const rows = await vault.databases.owner.vault.run(
    'test.records',
    ({ raw }) => raw<{ body: Buffer }[]>`
    select body from audit.written where first_sequence > ${String(sequence)} order by record_no`,
  );
  return rows.flatMap(({ body }) => decodeBody(body.toString('utf8'))?.entries ?? []);
};
const head = async () => {
  const [row] = await vault.databases.owner.vault.run(
    'test.head',
    ({ raw }) => raw<{ last: bigint }[]>`select coalesce(max(first_sequence), 0) as last from audit.written`,
  );
  return row?.last ?? 0n;
};

describe('a consent', () => {
  test('is recorded once under its name, and not for two refunds', async () => {
    const consentId = newConsentId(vault.clock.ms);
    expect(done(await recordConsent({ consentId }))).toEqual({ consentId });
    expect(done(await recordConsent({ consentId }))).toEqual({ consentId });
    expect(codeOf(await recordConsent({ consentId, refundId: 'RF-D' }))).toBe('CONFLICT');
    expect(codeOf(await recordConsent({ consentId, ref: other }))).toBe('CONFLICT');
  });

  test('is not of a day that has not come', async () => {
    expect(codeOf(await recordConsent({ consentedOn: '2026-11-23' }))).toBe('BAD_INPUT');
  });

  test.each([
    ['was never recorded', 'none', async () => newConsentId(vault.clock.ms)],
    ['is another person’s', 'otherSubject', (refundId: string) => it.consent(other, refundId)],
    ['is for another refund', 'otherRefund', () => it.consent(ref, 'RF-OTHER')],
    [
      'was withdrawn',
      'withdrawn',
      async (refundId: string) => {
        const consentId = await it.consent(ref, refundId);
        const details = { ...clerk.context, ref, consentId, reason: '本人の申出' };
        const withdrawal = await withdrawConsentRequest(clerk.key, details);
        expect(done(await vault.run(withdrawal))).toEqual({ consentId, payment: 'none' });
        return consentId;
      },
    ],
  ])('that %s permits no inquiry', async (_what, rule, consentOf) => {
    const refundId = newRefund();
    const consentId = await consentOf(refundId);
    const received = peer.received.length;
    const before = await head();
    const { answer } = await it.inquire(ref, UNIFIED, refundId, { consentId });
    expect(codeOf(answer)).toBe(`CONSENT_REQUIRED ${rule}`);
    // No intent: the refusal is all that was written down (handbook 15 §5).
    expect(await entriesSince(before)).toMatchObject([{ coordinate: 'Vault.push', decision: 'refuse' }]);
    await runner.settled();
    expect(peer.received).toHaveLength(received);
  });

  test('that came after the request permits it not', async () => {
    const refundId = newRefund();
    const early = vault.clock.ms();
    vault.clock.move(20_000);
    const consentId = await it.consent(ref, refundId);
    const now = () => early;
    const { answer } = await it.inquire(ref, UNIFIED, refundId, { consentId, now });
    expect(codeOf(answer)).toBe('CONSENT_REQUIRED later');
  });

  test('that is withdrawn before the message left stops it', async () => {
    const refundId = newRefund();
    const consentId = await it.consent(ref, refundId);
    peer.faults.push('notReached');
    const { pushRequestId } = await it.inquire(ref, UNIFIED, refundId, { consentId });
    await runner.settled();
    const details = { ...clerk.context, ref, consentId, reason: '本人の申出' };
    done(await vault.run(await withdrawConsentRequest(clerk.key, details)));
    vault.clock.move(60_000);
    await runner.settled();
    expect((await it.history(pushRequestId)).at(-1)).toBe('CANCELLED WITHDRAWN');
  });
});

describe('an inquiry for an account', () => {
  test('leaves the items of handbook 12 §7 in the log, and no value of the account', async () => {
    const before = await head();
    const { refundId, pushRequestId } = await inquired();
    expect((await it.history(pushRequestId)).at(-1)).toBe('DONE OK');
    const entries = await entriesSince(before);
    const said = new Map(entries.map(({ coordinate, reason }) => [coordinate, reason]));
    expect(said.get('Inquiry.refund')).toMatch(new RegExp(`^refund:${refundId} consent:CO-`));
    expect(said.get('Inquiry.bodies')).toBe(`0220000000242012 ${REGISTERED_ACCOUNT.providerBodyCode}`);
    const { procedureCode, informationNameCode } = REGISTERED_ACCOUNT;
    expect(said.get('Inquiry.codes')).toBe(`${procedureCode} ${informationNameCode}`);
    expect(said.get('Inquiry.permission')).toBe('PM-0001');
    expect(said.get('Inquiry.status')).toBe('OK 09 01');
    expect(said.get('RefundAccount.accountNumber')).toBe('delivered');
    expect(said.get('RefundAccount.holder')).toBe('sameHolder');
    const text = JSON.stringify(entries);
    for (const value of ['12345"', '0012345', 'ヤマダ', 'ﾔﾏﾀﾞ']) expect(text).not.toContain(value);
  });

  test('leaves an information provision record (番号法 23条), kept through its seventh anniversary', async () => {
    const { pushRequestId } = await inquired();
    const [record] = await vault.databases.owner.vault.run(
      'test.provision',
      ({ raw }) => raw`
      select inquirer_name, provider_body_code, provided_at is not null as provided, item_codes, result_status,
        recorded_on::text, kept_through::text, audit_sequence > 0 as logged, unified_addressee_no
      from vault.info_provision_record where push_request_id = ${pushRequestId}`,
    );
    expect(record).toEqual({
      inquirer_name: '見本市',
      provider_body_code: REGISTERED_ACCOUNT.providerBodyCode,
      provided: true,
      item_codes: Object.values(REGISTERED_ACCOUNT.items),
      result_status: 'OK 09 01',
      recorded_on: '2026-11-22',
      kept_through: '2033-11-22',
      logged: true,
      unified_addressee_no: UNIFIED,
    });
  });

  test('is done once for a refund, whatever it gave', async () => {
    const { refundId } = await inquired();
    expect(codeOf((await it.inquire(ref, UNIFIED, refundId)).answer)).toBe('CONFLICT refund');
    peer.ending = { line: '09', name: '02', outcome: 'NO_DATA' };
    const none = await inquired();
    peer.ending = GIVEN;
    expect((await it.history(none.pushRequestId)).at(-1)).toBe('DONE NO_DATA');
    expect(codeOf(await view(none.refundId))).toBe('NOT_FOUND');
    expect(codeOf((await it.inquire(ref, UNIFIED, none.refundId)).answer)).toBe('CONFLICT refund');
  });

  test('may be made again when it was refused, as when the code had not been acquired', async () => {
    peer.ending = { line: '21', outcome: 'CODE_NOT_ACQUIRED' };
    const { refundId, pushRequestId } = await inquired();
    peer.ending = GIVEN;
    expect((await it.history(pushRequestId)).at(-1)).toBe('REFUSED CODE_NOT_ACQUIRED');
    const again = await inquired(refundId);
    expect((await it.history(again.pushRequestId)).at(-1)).toBe('DONE OK');
  });

  test('keeps no account that has not its form', async () => {
    peer.ending = { ...GIVEN, items: { ...ACCOUNT_ITEMS, [REGISTERED_ACCOUNT.items.bankCode]: 'none' } };
    const { refundId, pushRequestId } = await inquired();
    peer.ending = GIVEN;
    expect((await it.history(pushRequestId)).at(-1)).toBe('FAILED FORMAT_ERROR');
    expect(codeOf(await view(refundId))).toBe('NOT_FOUND');
  });
});

describe('an account', () => {
  test('is shown masked to who has no right to pay, and to nobody for another person', async () => {
    const { refundId } = await inquired();
    expect(done(await view(refundId))).toEqual({
      refundId,
      account: { bankCode: '0999', branchCode: '012', accountNumber: '***2345', holderKana: 'ﾔ' },
      holderMatches: true,
      taken: false,
      withdrawn: false,
    });
    expect(codeOf(await view(refundId, other))).toBe('NOT_FOUND');
    expect(codeOf(await take(refundId, {}, clerk))).toBe('FORBIDDEN_PURPOSE');
  });

  test('is shown whole to who pays, sealed to the key that the terminal signed for', async () => {
    const { refundId } = await inquired();
    const stepUp = await vault.stepUp(payer);
    const details = { ...payer.context, ref, refundId, stepUp };
    const request = await revealRefundAccountRequest(payer.key, details);
    const { refundAccount = '' } = done(await vault.run(request));
    expect(refundAccount).not.toContain('0012345');
    expect(await request.open(refundAccount)).toEqual({
      bankCode: '0999',
      branchCode: '012',
      accountType: '1',
      accountNumber: '0012345',
      holderKana: 'ﾔﾏﾀﾞ ﾊﾅｺ',
    });
    const another = await revealRefundAccountRequest(payer.key, details);
    await expect(another.open(refundAccount)).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    const forged: SignedOperation = { ...request, assertion: another.assertion };
    expect(codeOf(await vault.run(forged))).toMatch(/^UNAUTHENTICATED/);
  });

  test('is used once, for its refund, and the transfer record stays sealed in the vault', async () => {
    const { refundId } = await inquired();
    expect(done(await take(refundId))).toEqual({ refundId, paymentId: `PY-${refundId}` });
    expect(done(await take(refundId))).toEqual({ refundId, paymentId: `PY-${refundId}` });
    expect(codeOf(await take(refundId, { paymentId: 'PY-ANOTHER' }))).toBe('CONFLICT taken');
    const second = await inquired();
    expect(codeOf(await take(second.refundId, { paymentId: `PY-${refundId}` }))).toBe('CONFLICT payment');
    expect(done(await view(refundId))['taken']).toBe(true);
  });

  test('in another name is paid to only when somebody says why', async () => {
    const items = { ...ACCOUNT_ITEMS, [REGISTERED_ACCOUNT.items.holderKana]: 'サトウ タロウ' };
    peer.ending = { ...GIVEN, items };
    const { refundId } = await inquired();
    peer.ending = GIVEN;
    expect(done(await view(refundId))['holderMatches']).toBe(false);
    expect(codeOf(await take(refundId))).toBe('CONFLICT holder');
    expect(done(await take(refundId, { differingHolder: '旧姓の口座と確認済み' }))['refundId']).toBe(
      refundId,
    );
  });

  test('is erased 30 days after the payment was confirmed, from both databases, with an entry', async () => {
    const { refundId } = await inquired();
    done(await take(refundId));
    const { owner } = vault.databases;
    const [row] = await owner.vault.run(
      'test.account',
      ({ raw }) => raw<{ account: string; payment: string }[]>`
      select account_ref as account, payment_ref as payment from vault.refund_account
      where refund_id = ${refundId}`,
    );
    const refs = [row!.account, row!.payment];
    const left = async () => {
      const items = await owner.vault.run(
        'test.items',
        ({ raw }) => raw`select from vault.spool_item where item_ref = any (${refs}::text[])`,
      );
      const keys = await owner.shred.run(
        'test.keys',
        ({ raw }) => raw`select from shred.key where vault_ref = any (${refs}::text[])`,
      );
      return [items.length, keys.length];
    };
    const clear = () => clearAway(vault.context, { warn: () => undefined });
    expect(codeOf(await confirm(refundId, 'PY-NONE'))).toBe('NOT_FOUND');
    expect(codeOf(await confirm(refundId, undefined, '2027-11-22'))).toBe('BAD_INPUT');
    expect(done(await confirm(refundId))['refundId']).toBe(refundId);
    vault.clock.move(60_000);
    expect(done(await confirm(refundId))['refundId']).toBe(refundId);
    vault.clock.move(30 * DAY_MS - 61_000);
    await clear();
    expect(await left()).toEqual([2, 2]);
    const before = await head();
    vault.clock.move(1_000);
    await clear();
    expect(await left()).toEqual([0, 0]);
    const erased = (await entriesSince(before)).filter(
      ({ coordinate }) => coordinate === 'RefundAccount.erased',
    );
    expect(erased.map(({ reason }) => reason)).toContain(`refund:${refundId}`);
  });
});

test('every operation on accounts needs a grant of its own', async () => {
  const nobody = await vault.person('P-3001', ['register']);
  for (const op of REFUND_OPERATIONS.filter((each) => each === 'viewRefundAccount'))
    expect([op, codeOf(await view('RF-1', ref, nobody))]).toEqual([op, 'FORBIDDEN_PURPOSE']);
});
