import { rm } from 'node:fs/promises';
import { KuramoriError } from '../../../kernel/errors.js';
import type { TransferContext } from '../context.js';
import { requireDraft } from '../draft/draft.store.js';
import { currentState, lockSeries, lockTransfer, moveState, type StateChange } from '../journal.js';
import { transferRecord } from '../log.js';
import { findPackage, lastOfSeries } from './package.store.js';
import { packageFolder } from './seal.js';

/**
 * Gives a transfer up (中止) before its delivery: spool and package are erased, and the number in the series goes to the
 * next package. Given up already, it changes nothing.
 * @param only states in which the caller may; without it, any before DELIVERED
 * @throws KuramoriError NOT_FOUND; CONFLICT once it is delivered, or while a later package of the series stands
 */
export async function abortTransfer(
  context: TransferContext,
  packageId: string,
  change: StateChange,
  only?: ReadonlySet<string>,
): Promise<void> {
  const { database, audit, clock, spool } = context;
  if ((await currentState(database, packageId)).state === 'ABORTED') return;
  const { recipient } = await requireDraft(database, packageId);
  const erased = await database.transaction('vault.transfer.abort', async (tx) => {
    await lockSeries(tx, recipient);
    const { state } = await lockTransfer(tx, packageId);
    if (only !== undefined && !only.has(state)) throw approvedAlready();
    const assembled = await findPackage(tx, packageId);
    if (assembled !== undefined && (await lastOfSeries(tx, recipient))?.packageId !== packageId)
      throw laterStands();
    await moveState(tx, clock, packageId, 'ABORTED', change);
    const gone = await spool.erase(tx, packageId);
    const event = { coordinate: 'Transfer.abort', packageId, by: change.by, reason: state } as const;
    await audit.appendIn(tx, transferRecord(clock, { ...event, raised: true }));
    return gone;
  });
  await erased.remove();
  await rm(packageFolder(context, packageId), { recursive: true, force: true });
}

function approvedAlready(): KuramoriError {
  return new KuramoriError(
    'CONFLICT',
    'The transfer has been approved. An operator of the vault gives it up, on its host.',
  );
}

function laterStands(): KuramoriError {
  return new KuramoriError(
    'CONFLICT',
    'A later package of the series stands: giving this one up would leave a gap. Give the later one up first.',
  );
}
