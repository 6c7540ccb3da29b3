import { KuramoriError } from '../../kernel/errors.js';
import type { Session } from '../../kernel/database/database.js';
import { advanceCases, countStates } from './case.store.js';
import { insertAcceptances, notePackageState, readDelivered } from './follow.store.js';
import { changeRound, recorded, type TransferJob } from './job.js';
import { findRound, frozenDraft } from './round.store.js';
import type { TransferStateWord } from './states.js';
import type { TransferVault, VaultTransferState } from './vault.js';

/** States of a package that are states of each of its cases; what follows the delivery is told case by case. */
const LEARNED: Readonly<Record<string, TransferStateWord>> = {
  APPROVED: 'approved',
  ASSEMBLED: 'assembled',
  SEALED: 'sealed',
  RELEASED: 'released',
  IN_CARRY: 'inCarry',
  DELIVERED: 'delivered',
  ABORTED: 'aborted',
};

/** Where a round stands. */
export interface RoundStanding {
  readonly packageId: string | undefined;
  /** The vault's word for the package. */
  readonly packageState: string;
  readonly cases: ReadonlyMap<TransferStateWord, number>;
  /** States learned now. */
  readonly learned: number;
}

/**
 * Learns from the vault how far the package is, and takes the cases along.
 * @throws KuramoriError NOT_FOUND; CONFLICT before the freeze; what the vault answers
 */
export async function learnStatus(
  job: TransferJob,
  vault: TransferVault,
  roundNo: string,
): Promise<RoundStanding> {
  return recorded(job, 'status', roundNo, async () => {
    const { draftId } = frozenDraft(await findRound(job.database, roundNo));
    const told = await vault.state(draftId);
    return changeRound(job, 'status', roundNo, async (tx, changeId) => {
      const { id } = await findRound(tx, roundNo);
      const learned = await learn(tx, id, told, changeId);
      const cases = await countStates(tx, id);
      const outcome = { packageId: told.packageId, packageState: told.state, cases, learned };
      return { outcome, rows: learned, subjects: [] };
    });
  });
}

async function learn(
  tx: Session,
  roundId: bigint,
  told: VaultTransferState,
  changeId: bigint,
): Promise<number> {
  let learned = 0;
  for (const { state, at } of told.history) {
    const isNew = await notePackageState(tx, roundId, {
      state,
      packageId: told.packageId,
      learnedAt: at,
      changeId,
    });
    const to = LEARNED[state];
    if (isNew) learned += 1;
    if (to !== undefined) await advanceCases(tx, { roundId, to, at, changeId });
  }
  return learned;
}

/** What the organization answered. */
export interface LearnedAcceptance {
  /** Answers learned now. */
  readonly accepted: number;
  readonly rejected: number;
  /** Cases that were delivered and not answered yet. */
  readonly waiting: number;
}

/**
 * 引受: learns the organization's answer of each case. What it accepts is locked here from this moment; what it rejects
 * stays here (handbook 13 §7).
 * @throws KuramoriError NOT_FOUND; CONFLICT before the package is known; INTEGRITY_FAILURE for an answer to a case
 *   that was not delivered; what the vault answers
 */
export async function learnAcceptance(
  job: TransferJob,
  vault: TransferVault,
  roundNo: string,
): Promise<LearnedAcceptance> {
  return recorded(job, 'acceptance', roundNo, async () => {
    const packageId = knownPackage(await findRound(job.database, roundNo));
    const answers = await vault.acceptance(packageId);
    return changeRound(job, 'acceptance', roundNo, async (tx, changeId) => {
      const { id: roundId } = await findRound(tx, roundNo);
      const delivered = await readDelivered(tx, roundId);
      const placed = answers.map((answer) => {
        const found = delivered.get(answer.caseNo);
        if (found === undefined) throw unknownCase();
        return { ...answer, ...found };
      });
      const fresh = placed.filter(({ answered }) => !answered);
      await insertAcceptances(tx, packageId, fresh, changeId);
      const at = { roundId, at: job.clock.now().toString(), changeId };
      const of = (outcome: string) =>
        fresh.filter((answer) => answer.outcome === outcome).map(({ transferId }) => transferId);
      const accepted = await advanceCases(tx, { ...at, to: 'active', transferIds: of('ACCEPTED') });
      const rejected = await advanceCases(tx, { ...at, to: 'rejected', transferIds: of('REJECTED') });
      const waiting = [...delivered.values()].filter(({ answered }) => !answered).length - fresh.length;
      return {
        outcome: { accepted: accepted.length, rejected: rejected.length, waiting },
        rows: fresh.length,
        subjects: [...accepted, ...rejected],
      };
    });
  });
}

/** @throws KuramoriError CONFLICT until the vault has told of the package */
export function knownPackage({ packageId }: { readonly packageId: string | undefined }): string {
  if (packageId === undefined) {
    throw new KuramoriError(
      'CONFLICT',
      'The vault has not told of a package of this round. Ask for its status first.',
    );
  }
  return packageId;
}

function unknownCase(): KuramoriError {
  return new KuramoriError(
    'INTEGRITY_FAILURE',
    'The organization has answered for a case that was not delivered in this round. Nothing was changed. Ask for the ' +
      'status first; if it stays, ask the organization.',
  );
}
