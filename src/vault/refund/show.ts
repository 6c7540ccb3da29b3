import { epochSeconds } from '../../kernel/clock.js';
import { CredentialRefusal } from '../../kernel/token/refusal.js';
import { revealRefundAccountBodyForm, viewRefundAccountBodyForm } from '../../protocol/refundAccount.js';
import { sealTo } from '../cipher/jwe.js';
import { p256PublicJwk, thumbprint } from '../cipher/p256.js';
import { wipe } from '../cipher/wipe.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { subjectRef } from '../operation/subjects.js';
import { signToken } from '../signing/sign.js';
import { masked } from './account.js';
import { placeOf } from './paymentFile/paymentFile.store.js';
import { assertConsented, openAccount, standingAccount } from './refundAccount.js';

/**
 * 公金受取口座の確認, masked: bank, branch, the last four digits, the first kana (handbook 12 §7). Answers
 * `{refundId, account, holderMatches, taken, withdrawn, fileRecord?}`, the last where it stands in a payment file.
 * @throws KuramoriError NOT_FOUND
 */
export function viewRefundAccount(call: EffectCall): Promise<Effect> {
  const { context, assertion, trail } = call;
  const ref = subjectRef(assertion);
  const { refundId } = readBody(viewRefundAccountBodyForm, call.body);
  return context.database.transaction('vault.account.view', async (tx) => {
    const row = await standingAccount(tx, ref, refundId);
    const account = masked(await openAccount(context, tx, row));
    const completed = { rows: 1, subjects: [ref], reason: `refund:${refundId}` };
    const { holderMatches, isWithdrawn: withdrawn } = row;
    const place = await placeOf(tx, refundId);
    const stands = { taken: row.paymentId !== null, withdrawn, ...(place && { fileRecord: place }) };
    const result = { refundId, account, holderMatches, ...stands };
    return { ...completed, result, entry: await trail.completesIn(tx, completed) };
  });
}

/**
 * 公金受取口座の閲覧: the whole account for who pays, signed by the vault and sealed to the key that the terminal named.
 * Answers `{refundAccount}`, a compact JWE.
 * @throws KuramoriError NOT_FOUND; CONSENT_REQUIRED; UNAUTHENTICATED for another key than was signed
 */
export async function revealRefundAccount(call: EffectCall): Promise<Effect> {
  const { context, assertion, trail } = call;
  const { jti, sealTo: asserted } = assertion;
  const ref = subjectRef(assertion);
  const { refundId, readerKey: given } = readBody(revealRefundAccountBodyForm, call.body);
  const readerKey = p256PublicJwk(given);
  if (thumbprint(readerKey) !== asserted) throw new CredentialRefusal('binding');
  return context.database.transaction('vault.account.reveal', async (tx) => {
    const row = await standingAccount(tx, ref, refundId);
    assertConsented(row);
    const { bankCode, branchCode, accountType, accountNumber, holderKana } = await openAccount(
      context,
      tx,
      row,
    );
    const account = { bankCode, branchCode, accountType, accountNumber, holderKana };
    const claims = { v: 1, ref, refundId, ...account, jti, iat: epochSeconds(context.clock) } as const;
    const payload = signToken(context.seal.keyRing.active('certificate'), 'account+jwt', claims);
    try {
      const refundAccount = await sealTo(readerKey, 'account+jwe', payload);
      const completed = { rows: 1, subjects: [ref], reason: `refund:${refundId}` };
      return { ...completed, result: { refundAccount }, entry: await trail.completesIn(tx, completed) };
    } finally {
      wipe(payload);
    }
  });
}
