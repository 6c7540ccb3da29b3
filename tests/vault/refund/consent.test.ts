import { expect, test } from 'vitest';
import { newConsentId, recordConsentRequest, withdrawConsentRequest } from '../../../src/client/index.js';
import { codeOf, done } from '../operation/support/two.js';
import { pushing } from '../push/support/pushing.js';

const it = await pushing();
const { vault, clerk } = it;
const ref = await it.register('123456789018', '000000000012345');
const other = await it.register('135792468015', '000000000099999');
const withdraw = async (consentId: string, of = ref, reason = '本人の申出') => {
  const details = { ...clerk.context, ref: of, consentId, reason };
  return vault.run(await withdrawConsentRequest(clerk.key, details));
};
const withdrawals = async (consentId: string) => [
  ...(await vault.databases.owner.vault.run(
    'test.withdrawals',
    ({ raw }) => raw`
    select reason, withdrawn_by as by from vault.refund_consent_withdrawal where consent_id = ${consentId}`,
  )),
];

test('a consent is withdrawn by nobody for another person, nor one that was never given', async () => {
  const consentId = await it.consent(ref, 'RF-1');
  expect(codeOf(await withdraw(consentId, other))).toBe('NOT_FOUND');
  expect(codeOf(await withdraw(newConsentId(vault.clock.ms)))).toBe('NOT_FOUND');
  expect(await withdrawals(consentId)).toEqual([]);
});

test('a withdrawal is final: said again it is the first one, and the name serves for no consent any more', async () => {
  const consentId = await it.consent(ref, 'RF-2');
  expect(done(await withdraw(consentId))).toEqual({ consentId, payment: 'none' });
  expect(done(await withdraw(consentId, ref, '別の理由'))).toEqual({ consentId, payment: 'none' });
  expect(await withdrawals(consentId)).toEqual([{ reason: '本人の申出', by: 'P-1029' }]);
  const again = { consentId, refundId: 'RF-2', channel: 'counter', consentedOn: '2026-11-20' } as const;
  const details = { ...clerk.context, ref, ...again, evidenceDigest: `sha256:${'A'.repeat(43)}` };
  expect(codeOf(await vault.run(await recordConsentRequest(clerk.key, details)))).toBe('CONFLICT');
});
