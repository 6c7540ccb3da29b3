import {
  confirmRefundPaymentRequest,
  takeRefundAccountRequest,
  withdrawConsentRequest,
  type ConfirmRefundPaymentDetails,
  type PaymentFileAct,
} from '../../../../src/client/index.js';
import type { VaultRef } from '../../../../src/vault/number/vaultRef.js';
import { paymentAdministration } from '../../../../src/vault/refund/paymentFile/administration.js';
import { insertHolidays } from '../../../../src/vault/evidence/incident/incident.store.js';
import { byTwos, done } from '../../operation/support/two.js';
import { pushing } from '../../push/support/pushing.js';

export const PAY_ON = '2026-11-27';
export const CONSIGNOR_ENTRY = {
  by: 'OFFICER-1',
  validFrom: '2026-04-01',
  code: '0024201203',
  name: 'ミホンシ　カイケイカンリシャ',
  bankCode: '0998',
  bankName: 'ミホン',
  branchCode: '001',
  branchName: 'シヤクショ',
  accountType: '1',
  accountNumber: '0000001',
};

/** A vault in service with people who pay, and the commands at its host. */
export async function paying() {
  const it = await pushing();
  const { vault, runner } = it;
  const payer = await vault.person('P-2001', ['takeRefundAccount', 'confirmRefundPayment']);
  const otherPayer = await vault.person('P-2002', ['takeRefundAccount']);
  const officer = await vault.officer('P-0100', { role: 'unitOfficer' });
  const twos = byTwos(vault);
  const service = { open: true };
  const handlers = paymentAdministration(vault.context, () => {
    if (!service.open) throw new Error('sealed');
  });
  const ask = <T = unknown>(command: string, input: object = {}) =>
    handlers[`payment.${command}`]!(input as never, 'hanako') as Promise<T>;
  await vault.context.database.transaction('test.holidays', (tx) =>
    insertHolidays(tx, [{ day: '2026-11-23', name: '勤労感謝の日' }]),
  );
  let refunds = 0;
  /** A refund whose account was taken for a payment. @returns its number */
  const taken = async (ref: VaultRef, unified: string, amount: bigint): Promise<string> => {
    const refundId = `RF-2026-${(refunds += 1)}`;
    done((await it.inquire(ref, unified, refundId)).answer);
    await runner.settled();
    const stepUp = await vault.stepUp(payer);
    const payment = { paymentId: `PY-${refundId}`, amount, customerNo: String(refunds).padStart(10, '0') };
    const details = { ...payer.context, stepUp, ref, refundId, ...payment };
    done(await vault.run(await takeRefundAccountRequest(payer.key, details)));
    return refundId;
  };
  const confirms = async (
    ref: VaultRef,
    refundId: string,
    said: Partial<Pick<ConfirmRefundPaymentDetails, 'paidOn' | 'fileRecord'>> = {},
  ) => {
    const paid = { refundId, paymentId: `PY-${refundId}`, paidOn: '2026-11-22', ...said };
    return vault.run(await confirmRefundPaymentRequest(payer.key, { ...payer.context, ref, ...paid }));
  };
  const confirm = async (...said: Parameters<typeof confirms>) => void done(await confirms(...said));
  /** The consent for a refund. */
  const consentFor = async (refundId: string): Promise<string> => {
    const [row] = await vault.databases.owner.vault.run(
      'test.consent',
      ({ raw }) =>
        raw<{ id: string }[]>`select consent_id as id from vault.push where refund_id = ${refundId}`,
    );
    return row!.id;
  };
  const withdraw = async (ref: VaultRef, consentId: string) => {
    const details = { ...it.clerk.context, ref, consentId, reason: '本人の申出' };
    return vault.run(await withdrawConsentRequest(it.clerk.key, details));
  };
  const act = (payOn = PAY_ON): PaymentFileAct => ({
    op: 'paymentFile',
    said: { payOn, reason: '11月分の還付' },
  });
  return {
    ...it,
    payer,
    otherPayer,
    officer,
    twos,
    service,
    ask,
    taken,
    confirm,
    confirms,
    consentFor,
    withdraw,
    act,
  };
}

/** What a refused command says: its code, with the rule or the field. */
export async function refusal(command: Promise<unknown>): Promise<string> {
  try {
    await command;
    return 'accepted';
  } catch (error) {
    const { code, facts } = error as { code?: string; facts?: Record<string, string> };
    return `${code ?? String(error)} ${facts?.['rule'] ?? facts?.['field'] ?? ''}`.trim();
  }
}
