import { Temporal } from '../../kernel/dates.js';
import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import type { TransferState } from '../client/transferWire.js';
import type { VaultContext } from '../context.js';
import { findCompletion } from './draft/draft.store.js';
import { datesOf } from './due.js';
import { statesOf } from './journal.js';
import { findPackage, findSealed } from './package/package.store.js';
import { receiptsOf } from './receipt/receipt.store.js';

/**
 * Where a transfer stands, for the records side: ids, states, digests and days, nothing personal.
 * @throws KuramoriError NOT_FOUND
 */
export async function transferState(
  context: Pick<VaultContext, 'database' | 'seal' | 'clock' | 'municipality'>,
  packageId: string,
): Promise<TransferState> {
  const { database } = context;
  const history = await statesOf(database, packageId);
  const last = history.at(-1);
  if (last === undefined)
    throw new KuramoriError('NOT_FOUND', 'The vault knows no such transfer. Check its id.');
  const completion = await findCompletion(database, packageId);
  const assembled = await findPackage(database, packageId);
  const sealed = await findSealed(database, packageId);
  return {
    draftId: packageId,
    state: last.state,
    complete: completion !== undefined,
    ...(completion && { draftDigest: completion.draftDigest }),
    ...(assembled && { packageId, seriesNo: assembled.manifest.seriesNo }),
    ...(sealed && { packageDigest: sealed.outer.ciphertext.sha256 }),
    history: history.map(({ state, at }) => ({ state, at })),
    receipts: await told(database, packageId),
    ...(await datesOf(context, packageId, history)),
  };
}

async function told(session: Session, packageId: string): Promise<TransferState['receipts']> {
  const receipts = await receiptsOf(session, packageId);
  return receipts.map(({ kind, digest, at }) => ({
    kind,
    digest,
    at: Temporal.Instant.from(at).toString(),
  }));
}
