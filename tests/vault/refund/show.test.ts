import { expect, test } from 'vitest';
import {
  newReaderKey,
  revealRefundAccountRequest,
  signAssertion,
  viewRefundAccountRequest,
} from '../../../src/client/index.js';
import { storeItem } from '../../../src/vault/spool/spool.js';
import { codeOf, done } from '../operation/support/two.js';
import { pushing } from '../push/support/pushing.js';

const it = await pushing();
const { vault, runner, clerk } = it;
const payer = await vault.person('P-2001', ['revealRefundAccount']);
const UNIFIED = '000000000012345';
const ref = await it.register('123456789018', UNIFIED);
const obtained = async (refundId: string) => {
  done((await it.inquire(ref, UNIFIED, refundId)).answer);
  await runner.settled();
  return refundId;
};

test('an account is sealed to no other key than the one that was signed', async () => {
  const refundId = await obtained('RF-1');
  const [asserted, other] = [await newReaderKey(), await newReaderKey()];
  const details = { ...payer.context, ref, refundId, stepUp: await vault.stepUp(payer) };
  const said = { ...details, op: 'revealRefundAccount' as const, sealTo: asserted.thumbprint };
  const swapped = await signAssertion(payer.key, said, { refundId, readerKey: { ...other.publicJwk } });
  expect(codeOf(await vault.run(swapped))).toBe('UNAUTHENTICATED');
  const honest = await revealRefundAccountRequest(payer.key, details);
  expect(done(await vault.run(honest))).toHaveProperty('refundAccount');
});

test('an account that is not one is shown to nobody', async () => {
  const refundId = await obtained('RF-2');
  const { context, databases, clock } = vault;
  const plaintext = Buffer.from('{"bankCode":"0999","accountNumber":"0012345"}');
  const eraseAfter = clock.now().add({ hours: 1 });
  const itemRef = await context.database.transaction('test.item', (tx) =>
    storeItem(context, tx, { kind: 'account', plaintext, eraseAfter }),
  );
  await databases.owner.vault.run(
    'test.account',
    ({ raw }) => raw`update vault.refund_account set account_ref = ${itemRef} where refund_id = ${refundId}`,
  );
  const view = await viewRefundAccountRequest(clerk.key, { ...clerk.context, ref, refundId });
  const answer = await vault.run(view);
  expect(codeOf(answer)).toBe('INTEGRITY_FAILURE');
  expect(JSON.stringify(answer)).not.toContain('0012345');
});
