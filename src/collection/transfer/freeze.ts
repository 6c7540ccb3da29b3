import { today } from '../../kernel/clock.js';
import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { advanceCases, countStates, readStanding, type Handover } from './case.store.js';
import { insertFreeze, lockPeople, readFreeze } from './freeze.store.js';
import { changeRound, recorded, type TransferJob } from './job.js';
import { lastPayBy } from './notice.store.js';
import type { RoundConfiguration } from './round.js';
import { assertApproved, findRound, type Round } from './round.store.js';
import { dropOutOf, type DropOut } from './selection.js';
import { freezeAssets, freezeContacts, freezeDispositions } from './snapshot/casework.store.js';
import { freezeLedger, freezeLines, freezeNotices, freezeSuspensions } from './snapshot/claims.store.js';
import { freezeLimitation } from './snapshot/limitation.store.js';
import { freezePromises } from './snapshot/promises.store.js';
import { freezeRelated, freezeTaxpayers } from './snapshot/people.store.js';
import type { SnapshotScope } from './snapshot/rows.store.js';

/** What a freeze came to. */
export interface FrozenRound {
  /** Cases that are handed over, with their lines. */
  readonly cases: number;
  readonly lines: number;
  /** 脱落: cases that stay here, by reason. */
  readonly dropped: Readonly<Record<DropOut, number>>;
  readonly draftId: string;
  /** ISO instant. */
  readonly asOf: string;
  /** The round was frozen before; nothing was changed. */
  readonly repeated: boolean;
}

/**
 * 基準時点の確定: fixes the moment of a round. Who has paid meanwhile stays here; of everybody else the lines, and the rows
 * of all files, are kept as they stand now. What changes afterwards is told as a delta, never edited.
 * @throws KuramoriError NOT_FOUND, DUAL_CONTROL_REQUIRED; CONFLICT before the last day to pay has passed, while a
 *   candidate has no final notice, or when nobody is left
 */
export async function freezeRound(job: TransferJob, roundNo: string): Promise<FrozenRound> {
  return recorded(job, 'freeze', roundNo, () =>
    changeRound(job, 'freeze', roundNo, async (tx, changeId) => {
      const round = await findRound(tx, roundNo);
      assertApproved(round);
      const earlier = await frozenBefore(tx, round);
      if (earlier !== undefined) return { outcome: earlier, rows: 0, subjects: [], reason: 'repeated' };
      await assertNoticed(tx, round.id, today(job.clock));
      const scope = { roundId: round.id, today: today(job.clock) };
      const handover = { today: scope.today, taxItems: round.configuration.criteria.taxItems };
      const asOf = job.clock.now().toString();
      await lockPeople(tx, round.id);
      const at = { roundId: round.id, at: asOf, changeId };
      const dropped = await dropOut(tx, round.configuration, handover, at);
      const subjects = await advanceCases(tx, { ...at, to: 'frozen' });
      if (subjects.length === 0)
        throw conflict('Nobody is left to hand over. Withdraw the round by choosing no case of it.');
      const lines = await freezeLines(tx, round.id, handover, changeId);
      await freezeRows(tx, job, scope);
      const draftId = await insertFreeze(tx, round.id, { asOf, cases: subjects.length, lines, changeId });
      const outcome = { cases: subjects.length, lines, dropped, draftId, asOf, repeated: false };
      return { outcome, rows: lines, subjects };
    }),
  );
}

async function frozenBefore(tx: Session, round: Round): Promise<FrozenRound | undefined> {
  const counts = await readFreeze(tx, round.id);
  if (round.freeze === undefined || counts === undefined) return undefined;
  return { ...counts, dropped: { paidInFull: 0, belowThreshold: 0 }, ...round.freeze, repeated: true };
}

async function assertNoticed(tx: Session, roundId: bigint, day: string): Promise<void> {
  const states = await countStates(tx, roundId);
  if (states.has('candidate')) throw conflict('A candidate has no final notice. Issue the notices first.');
  const payBy = await lastPayBy(tx, roundId);
  if (payBy === undefined)
    throw conflict('The round has no case with a final notice. Choose candidates first.');
  if (day <= payBy) throw conflict('The last day to pay has not passed. Freeze the round after it.');
}

async function dropOut(
  tx: Session,
  { criteria }: RoundConfiguration,
  handover: Handover,
  at: { readonly roundId: bigint; readonly at: string; readonly changeId: bigint },
): Promise<Record<DropOut, number>> {
  const dropped: Record<DropOut, bigint[]> = { paidInFull: [], belowThreshold: [] };
  for (const one of await readStanding(tx, at.roundId, 'noticed', handover)) {
    const reason = dropOutOf(one, criteria);
    if (reason !== null) dropped[reason].push(one.transferId);
  }
  for (const reason of ['paidInFull', 'belowThreshold'] as const)
    await advanceCases(tx, { ...at, to: 'aborted', reason, transferIds: dropped[reason] });
  return { paidInFull: dropped.paidInFull.length, belowThreshold: dropped.belowThreshold.length };
}

/** Every file but that of individual numbers, which are the vault's. */
const FILES = [
  freezeTaxpayers,
  freezeRelated,
  freezeLedger,
  freezeNotices,
  freezeContacts,
  freezeAssets,
  freezeDispositions,
  freezePromises,
  freezeSuspensions,
  freezeLimitation,
] as const;

async function freezeRows(tx: Session, job: TransferJob, scope: SnapshotScope): Promise<void> {
  for (const [done, freeze] of FILES.entries()) {
    job.onProgress?.({ phase: 'freezing', done, total: FILES.length });
    await freeze(tx, scope);
  }
  job.onProgress?.({ phase: 'freezing', done: FILES.length, total: FILES.length });
}

function conflict(sentence: string): KuramoriError {
  return new KuramoriError('CONFLICT', sentence);
}
