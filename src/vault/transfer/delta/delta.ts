import { KuramoriError } from '../../../kernel/errors.js';
import { PAYMENT_DELTA, type PaymentDelta } from '../../../protocol/transfer/deltas.js';
import { recordBytes, sha256Hex } from '../../../protocol/transfer/forms.js';
import { signMessage } from '../../../protocol/transfer/message.js';
import type { DeltaState } from '../../client/transferWire.js';
import type { TransferContext } from '../context.js';
import { casesOf, requireCompletion } from '../draft/draft.store.js';
import { lockTransfer } from '../journal.js';
import { transferRecord } from '../log.js';
import { transferSigner } from '../package/signer.js';
import { deltasOf, insertDelta } from './delta.store.js';

/**
 * 入金連絡: signs a delta and keeps it, from FROZEN on; it is sent once the package is delivered. The same again changes
 * nothing.
 * @throws KuramoriError NOT_FOUND; CONFLICT for another content under its number, for a gap, or of a transfer that has
 *   ended; BAD_INPUT for a case that the package does not hold
 */
export async function keepDelta(
  context: TransferContext,
  delta: PaymentDelta,
  by: string,
): Promise<DeltaState> {
  const { database, audit, clock } = context;
  const { packageId, deltaNo, lines } = delta;
  const digest = sha256Hex(recordBytes(PAYMENT_DELTA.form.encode(delta)));
  return database.transaction('vault.transfer.delta', async (tx) => {
    const { state } = await lockTransfer(tx, packageId);
    const kept = await deltasOf(tx, packageId);
    const known = kept.find((each) => each.deltaNo === deltaNo);
    if (known?.digest === digest) return { deltaNo, state: known.sent ? 'SENT' : 'SIGNED', digest };
    if (known !== undefined || deltaNo !== kept.length + 1) throw notNext(kept.length + 1);
    if (state === 'ABORTED' || state === 'CLOSED') throw ended(state);
    await requireCompletion(tx, packageId);
    const cases = new Set((await casesOf(tx, packageId)).map(({ caseNo }) => caseNo));
    if (!lines.every(({ caseNo }) => cases.has(caseNo))) throw unknownCase();
    const signed = await signMessage(PAYMENT_DELTA, delta, transferSigner(context));
    await insertDelta(tx, clock, { packageId, deltaNo, signed, digest });
    const event = { coordinate: 'Transfer.delta', packageId, by, reason: digest, rows: lines.length };
    await audit.appendIn(tx, transferRecord(clock, event));
    return { deltaNo, state: 'SIGNED', digest };
  });
}

function notNext(next: number): KuramoriError {
  return new KuramoriError(
    'CONFLICT',
    `The number of the delta is used for another, or leaves a gap: ${next} is the next one.`,
    { next },
  );
}

function ended(state: string): KuramoriError {
  return new KuramoriError('CONFLICT', `The transfer is ${state}: there is nobody to tell.`, { state });
}

function unknownCase(): KuramoriError {
  return new KuramoriError('BAD_INPUT', 'The delta names a case that the package does not hold. Correct it.');
}
