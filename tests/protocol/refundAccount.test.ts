import { describe, expect, test } from 'vitest';
import { newUuidV7 } from '../../src/kernel/uuid.js';
import { recordConsentBodyForm, takeRefundAccountBodyForm } from '../../src/protocol/refundAccount.js';

const consent = {
  consentId: `CO-${newUuidV7(1)}`,
  refundId: 'RF-1',
  channel: 'counter',
  consentedOn: '2026-11-20',
  evidenceDigest: `sha256:${'A'.repeat(43)}`,
};
const taking = { refundId: 'RF-1', paymentId: 'PY-1', amount: '45600', customerNo: '0000000123' };

describe('the bodies of operations on accounts', () => {
  test('have their form', () => {
    expect(recordConsentBodyForm.parse(consent)).toEqual(consent);
    expect(takeRefundAccountBodyForm.parse(taking)).toEqual(taking);
  });

  test.each([
    { ...consent, channel: 'hearsay' },
    { ...consent, consentedOn: '2026-02-30' },
    { ...consent, evidenceDigest: 'sha256:short' },
    { ...consent, also: 'this' },
  ])('a consent is not %o', (body) => {
    expect(recordConsentBodyForm.safeParse(body).success).toBe(false);
  });

  test.each(['0', '045600', '-1', '1.5', '10000000000', 'x', ''])('an amount is not %s', (amount) => {
    expect(takeRefundAccountBodyForm.safeParse({ ...taking, amount }).success).toBe(false);
  });
});
