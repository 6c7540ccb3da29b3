import { describe, expect, it } from 'vitest';
import { handOverNext } from '../../../src/worker/push/handOver.js';
import type { JsonObject } from '../../../src/client/json.js';
import { inquiryBody, signedOperation, waiting } from '../../support/push.js';
import { refusal } from '../../worker/support/vault.js';
import { errorsOf, idOf, pushGateway, type Person } from './pushGateway.js';

const { gateway, db, records, vault, deps, change, newPerson } = await pushGateway();

async function newRefund(addresseeNo: string, outcome?: 'approved' | 'rejected'): Promise<bigint> {
  const levyId = await records.levy(addresseeNo);
  await records.receipt({ levyId, applied: 10_000n, addresseeNo });
  const { overpaymentId } = await records.receipt({ levyId, overpaid: 10_000n, addresseeNo });
  const refundId = await records.refund(overpaymentId ?? 0n, addresseeNo, 1_000n);
  if (outcome) await records.decision(refundId, outcome);
  return refundId;
}

describe('the inquiry of an account', () => {
  const inquire = async ({ ref }: Person, refundId: bigint, body = inquiryBody(refundId)) => {
    const signed = await signedOperation('push', ref, body);
    const answer = await change('inquireRefundAccount', { refundId: String(refundId), ...signed });
    return { answer, pushRequestId: idOf(body) };
  };

  it('is made once for an approved refund, and is shown with it', async () => {
    const person = await newPerson();
    const refundId = await newRefund(person.addresseeNo, 'approved');
    const body = inquiryBody(refundId, { holderKana: 'ｸﾗﾓﾘ ﾀﾛｳ' });
    const { answer, pushRequestId } = await inquire(person, refundId, body);
    expect(errorsOf(answer, 'inquireRefundAccount')).toEqual([]);
    expect((await inquire(person, refundId)).answer.data.inquireRefundAccount.userErrors).toMatchObject([
      {
        code: 'CONFLICT',
        field: 'refundId',
        message: expect.stringContaining('inquired for this refund already') as string,
      },
    ]);
    const shown = await gateway.ask(
      'refundOfficer',
      'query($id: ID!) { refund(id: $id) { accountInquiries { id procedure state } } }',
      { variables: { id: String(refundId) } },
    );
    expect(shown.data.refund.accountInquiries).toEqual([
      { id: pushRequestId, procedure: 'INQUIRE_REFUND_ACCOUNT', state: 'WAITING' },
    ]);
    vault.onOperation = () => Promise.resolve(refusal('FORBIDDEN_PURPOSE'));
    await handOverNext(deps);
    // The vault took none of it: another, with another consent, may be made.
    expect(errorsOf((await inquire(person, refundId)).answer, 'inquireRefundAccount')).toEqual([]);
    vault.onOperation = () => Promise.resolve(undefined);
    await handOverNext(deps);
  });

  it('is made once also when two clerks ask at the same moment', async () => {
    const person = await newPerson();
    const refundId = await newRefund(person.addresseeNo, 'approved');
    const answers = await Promise.all([1, 2, 3].map(() => inquire(person, refundId)));
    const errors = answers.flatMap(({ answer }) => errorsOf(answer, 'inquireRefundAccount'));
    expect(errors).toEqual(['CONFLICT refundId', 'CONFLICT refundId']);
    await handOverNext(deps);
  });

  it('is refused for another’s kana, or a refund that is not approved, paid, another’s or not there', async () => {
    const [person, other] = [await newPerson(), await newPerson()];
    const proposed = await newRefund(person.addresseeNo);
    const rejected = await newRefund(person.addresseeNo, 'rejected');
    const mine = await newRefund(person.addresseeNo, 'approved');
    const paid = await newRefund(person.addresseeNo, 'approved');
    await records.payment(paid);
    const ofOther = await newRefund(other.addresseeNo, 'approved');
    const named = (change: JsonObject) => inquire(person, mine, inquiryBody(mine, change));
    const cases = [
      [named({ holderKana: 'ヤマダ　ハナコ' }), 'CONFLICT body'],
      [named({ holderKana: 'ヤマダ　ハナコ', batch: true }), 'CONFLICT body'],
      [inquire(person, proposed), 'CONFLICT refundId'],
      [inquire(person, rejected), 'CONFLICT refundId'],
      [inquire(person, paid), 'CONFLICT refundId'],
      [inquire(person, ofOther), 'CONFLICT assertion'],
      [inquire(person, 999_999_999n), 'NOT_FOUND refundId'],
      [inquire(person, ofOther, inquiryBody(paid)), 'BAD_INPUT body'],
    ] as const;
    for (const [asked, expected] of cases)
      expect(errorsOf((await asked).answer, 'inquireRefundAccount')).toEqual([expected]);
    expect(await waiting(db)).toBe(0);
  });
});
