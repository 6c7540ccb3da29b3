import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { recordBytes, sha256Hex } from '../../protocol/transfer/forms.js';
import { advanceCases } from './case.store.js';
import { postPaidResults } from './collectionPosting.store.js';
import { knownPackage } from './follow.js';
import { changeRound, recorded, type TransferJob } from './job.js';
import { readHolds } from './hold.store.js';
import { reconcile, type HeldAccount, type Reconciliation } from './reconciliation.js';
import {
  eraseRows,
  insertReconciliation,
  isReconciled,
  readActStanding,
  readLineAccounts,
  readResultAccounts,
  readRoundEnd,
  type ActStanding,
} from './reconcile.store.js';
import { findRound } from './round.store.js';
import type { TransferVault } from './vault.js';

/** What a reconciliation of a round came to. */
export interface ReconciledRound extends Reconciliation, ActStanding {
  /** Collections that entered the ledger now, because their money is there. */
  readonly posted: number;
  /** SHA-256 of what was compared, hexadecimal. */
  readonly digest: string;
}

/**
 * 突合: enters into the ledger what was collected and paid over, then compares lines, results, money and ledger to the
 * yen. The vault is told of a comparison without differences.
 * @throws KuramoriError NOT_FOUND; CONFLICT before the package is known; RATE_MISSING; what the vault answers
 */
export async function reconcileRound(
  job: TransferJob,
  vault: TransferVault,
  roundNo: string,
): Promise<ReconciledRound> {
  return recorded(job, 'reconcile', roundNo, async () => {
    const packageId = knownPackage(await findRound(job.database, roundNo));
    const reconciled = await changeRound(job, 'reconcile', roundNo, async (tx, changeId) => {
      const { id: roundId } = await findRound(tx, roundNo);
      const posted = await postPaidResults(tx, roundId, changeId);
      const lines = await readLineAccounts(tx, roundId);
      const results = await readResultAccounts(tx, roundId);
      const held = await readHeld(tx, roundId);
      if (results.length === 0 && held.length === 0)
        throw conflict('No result of the organization is known yet. Ask for results first.');
      const found = reconcile(lines, results, held);
      const digest = comparedDigest(roundNo, found);
      await insertReconciliation(tx, roundId, found, digest, changeId);
      const at = { roundId, at: job.clock.now().toString(), changeId };
      const subjects =
        found.differences.length === 0 ? await advanceCases(tx, { ...at, to: 'reconciled' }) : [];
      const acts = await readActStanding(tx, roundId);
      return { outcome: { ...found, ...acts, posted, digest }, rows: lines.length, subjects };
    });
    if (reconciled.differences.length === 0) await vault.reconciled(packageId, reconciled.digest);
    return reconciled;
  });
}

/** Sums go in as text: JSON has no bigints. */
function comparedDigest(roundNo: string, { differences, ...sums }: Reconciliation): string {
  const compared: Record<string, string | number> = { roundNo, differences: differences.length };
  for (const [name, yen] of Object.entries(sums)) compared[name] = String(yen);
  return sha256Hex(recordBytes(compared));
}

/** What the end of a round came to. */
export interface ClosedRound {
  readonly closed: number;
  /** Frozen rows that were erased. */
  readonly erased: number;
}

/**
 * 移管ラウンドの終結: only after a final result and a comparison without differences that nothing followed (handbook 13 §7).
 * The lock ends, and the rows that were made ready to be handed over are erased; journals stay.
 * @throws KuramoriError NOT_FOUND, CONFLICT
 */
export async function closeRound(job: TransferJob, roundNo: string): Promise<ClosedRound> {
  return recorded(job, 'close', roundNo, () =>
    changeRound(job, 'close', roundNo, async (tx, changeId) => {
      const { id: roundId } = await findRound(tx, roundNo);
      const end = await readRoundEnd(tx, roundId);
      if (end.underWay > 0)
        throw conflict('A case has no result, or its result is not reconciled. Reconcile the round first.');
      if (end.reconciled > 0) await assertReconciled(tx, roundId, roundNo, end.hasFinal);
      const at = { roundId, at: job.clock.now().toString(), changeId };
      const subjects = await advanceCases(tx, { ...at, to: 'closed' });
      const erased = await eraseRows(tx, roundId);
      return { outcome: { closed: subjects.length, erased }, rows: subjects.length, subjects };
    }),
  );
}

/** What was compared must still be what there is: money, results and payments may have come since. */
async function assertReconciled(
  tx: Session,
  roundId: bigint,
  roundNo: string,
  hasFinal: boolean,
): Promise<void> {
  if (!hasFinal) throw conflict('The organization has not reported finally. Wait for its final result.');
  const results = await readResultAccounts(tx, roundId);
  const now = reconcile(await readLineAccounts(tx, roundId), results, await readHeld(tx, roundId));
  const compared = await isReconciled(tx, roundId, comparedDigest(roundNo, now));
  if (now.differences.length > 0 || !compared)
    throw conflict('Something came after the last comparison. Reconcile the round again.');
}

async function readHeld(tx: Session, roundId: bigint): Promise<readonly HeldAccount[]> {
  return (await readHolds(tx, roundId)).filter(({ state }) => state === 'held');
}

function conflict(sentence: string): KuramoriError {
  return new KuramoriError('CONFLICT', sentence);
}
