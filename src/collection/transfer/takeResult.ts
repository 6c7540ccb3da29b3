import { withoutNumbers } from '../../kernel/suspectedNumber.js';
import { today, type Clock } from '../../kernel/clock.js';
import type { Session } from '../../kernel/database/database.js';
import { dayInJapan, Temporal } from '../../kernel/dates.js';
import { sumYen, type Yen } from '../../kernel/yen.js';
import { COLLECTIONS_FILE, STATES_FILE, type EndState } from '../../protocol/transfer/result.js';
import { areTold, enterActs, placeActs, type PlacedActs, type TakenActs } from './acts/acts.js';
import { insertActs, readReportedStanding } from './acts/acts.store.js';
import { readKnownDispositions } from './acts/known.store.js';
import { advanceCases } from './case.store.js';
import { endHolds, insertHolds, readHolds, type KeptHold } from './hold.store.js';
import {
  assertOnce,
  heldBehind,
  heldFor,
  portionsOf,
  type Held,
  type Portion,
  type ReportedFiles,
} from './portions.js';
import type { EndStateWord } from './reconciliation.js';
import { rejectedRow } from './rejected.js';
import { placeCollections, type PlacedCollection } from './result.js';
import {
  insertResult,
  insertTaken,
  readActiveCases,
  readKnownResults,
  readOpenLines,
  type NewOutcome,
} from './result.store.js';
import type { VaultResult } from './vault.js';

const END_STATE_WORDS: Readonly<Record<EndState, EndStateWord>> = {
  PAID_IN_FULL: 'paidInFull',
  RETURNED: 'returned',
  SUSPENSION_FIT: 'suspensionFit',
  WRITE_OFF_FIT: 'writeOffFit',
  CONTINUED: 'continued',
};

/** What was taken of a result now. */
export interface TakenResult {
  readonly cases: number;
  readonly collections: number;
  readonly collected: Yen;
  readonly acts: TakenActs;
  /** Addressee numbers. */
  readonly subjects: readonly string[];
}

/** Where a result is taken. */
export interface TakeContext {
  readonly clock: Clock;
  readonly roundId: bigint;
  readonly changeId: bigint;
}

/** A portion of a result that stands to its case and lines. */
interface PlacedPortion extends PlacedActs {
  readonly caseNo: string;
  readonly collections: readonly PlacedCollection[];
  readonly outcomes: readonly NewOutcome[];
}

/**
 * Takes a result case by case (handbook 13 §7, §8): what it says of one case enters whole or is held, with the place of
 * the row that cannot be so. A case that is held in an earlier result waits, so that within a case nothing is entered
 * before what came first. Of a result that was taken in part, what is held is tried again.
 */
export async function takeResult(
  tx: Session,
  context: TakeContext,
  result: VaultResult,
  files: ReportedFiles,
): Promise<TakenResult> {
  const { clock, roundId, changeId } = context;
  const holds = await readHolds(tx, roundId);
  const own = holds.filter(({ resultId }) => resultId === result.resultId);
  const known = (await readKnownResults(tx, roundId)).get(result.resultId);
  const portions = portionsOf(files).filter(
    ({ caseNo }) => known === undefined || own.some((hold) => isHeld(hold) && hold.caseNo === caseNo),
  );
  const { placed, held } = await place(tx, context, portions, result, holds);
  const resultKey =
    known?.resultKey ?? (await insertResult(tx, roundId, { ...told(result, files), changeId }));
  const collections = placed.flatMap((one) => one.collections);
  const outcomes = placed.flatMap((one) => one.outcomes);
  await insertTaken(tx, resultKey, { collections, outcomes, changeId });
  const of = { resultKey, changeId };
  if (known === undefined) await insertActs(tx, of, files);
  const acts = await enterActs(tx, of, {
    begun: placed.flatMap(({ begun }) => begun),
    ended: placed.flatMap(({ ended }) => ended),
    renewed: placed.flatMap(({ renewed }) => renewed),
    contacted: placed.flatMap(({ contacted }) => contacted),
  });
  const heldOn = today(clock);
  const { resultId, seriesNo } = result;
  await keepHolds(tx, { roundId, resultId, seriesNo, heldOn, changeId }, own.filter(isHeld), held);
  const at = { roundId, at: clock.now().toString(), changeId };
  const transferIds = outcomes.map(({ transferId }) => transferId);
  const subjects = await advanceCases(tx, { ...at, to: 'resultReceived', transferIds });
  const collected = sumYen(collections.map(({ amount }) => amount));
  const taken = { cases: placed.length, collections: collections.length, collected, subjects };
  return { ...taken, acts: { ...acts, areTold: areTold(files) } };
}

const isHeld = ({ state }: KeptHold): boolean => state === 'held';

/** What the result itself says, whatever of it is held. */
function told({ resultId, seriesNo, final, receivedAt }: VaultResult, { collections }: ReportedFiles) {
  const receivedOn = dayInJapan(Temporal.Instant.from(receivedAt)).toString();
  const collected = sumYen(collections.map(({ amount }) => amount));
  return { resultId, seriesNo, final, receivedOn, collected };
}

async function place(
  tx: Session,
  { clock, roundId }: TakeContext,
  portions: readonly Portion[],
  { seriesNo }: VaultResult,
  holds: readonly KeptHold[],
): Promise<{ readonly placed: readonly PlacedPortion[]; readonly held: readonly Held[] }> {
  const earlier = holds.filter((hold) => isHeld(hold) && hold.seriesNo < seriesNo);
  const behind = new Set(earlier.map(({ caseNo }) => caseNo));
  const lines = await readOpenLines(tx, roundId);
  const active = await readActiveCases(tx, roundId);
  const transferIds = portions.flatMap(({ caseNo, files }) =>
    files.states.length === 0 ? [] : (active.get(caseNo) ?? []),
  );
  const standing = await readReportedStanding(tx, transferIds);
  const dispositions = Map.groupBy(await readKnownDispositions(tx, transferIds), ({ caseId }) => caseId);
  const placed: PlacedPortion[] = [];
  const held: Held[] = [];
  for (const portion of portions) {
    const { caseNo, files } = portion;
    if (behind.has(caseNo) || behind.has(null)) held.push(heldBehind(portion));
    else
      try {
        assertOnce(portion);
        const rules = { file: COLLECTIONS_FILE, today: today(clock) };
        const collections = placeCollections(files.collections, lines, rules);
        const outcomes = files.states.map((state) => outcomeOf(state, active));
        const caseId = standing.cases.get(caseNo)?.caseId;
        const known = caseId === undefined ? [] : (dispositions.get(caseId) ?? []);
        placed.push({ caseNo, collections, outcomes, ...placeActs(files, standing, known, clock) });
      } catch (error) {
        held.push(heldFor(portion, error));
      }
  }
  return { placed, held };
}

/** @throws KuramoriError FILE_REJECTED for a case that the organization does not have */
function outcomeOf(
  { caseNo, state, on, judgement }: ReportedFiles['states'][number],
  active: ReadonlyMap<string, bigint>,
): NewOutcome {
  const transferId = active.get(caseNo);
  if (transferId === undefined) throw rejectedRow(STATES_FILE, 1, 'unknownCase');
  const opinion = judgement && withoutNumbers(judgement);
  return { transferId, endState: END_STATE_WORDS[state], statedOn: on, judgement: opinion };
}

/** Holds what is held now; what was held before is taken, held on, or held for another reason. */
async function keepHolds(
  tx: Session,
  of: Parameters<typeof insertHolds>[1],
  before: readonly KeptHold[],
  held: readonly Held[],
): Promise<void> {
  const now = new Map(held.map((one) => [one.caseNo, one]));
  const same = before.filter((hold) => reasonOf(hold) === reasonOf(now.get(hold.caseNo)));
  const others = before.filter((hold) => !same.includes(hold));
  const idsOf = (holds: readonly KeptHold[]) => holds.map(({ id }) => id);
  await endHolds(tx, idsOf(others.filter(({ caseNo }) => !now.has(caseNo))), 'taken', of.changeId);
  await endHolds(tx, idsOf(others.filter(({ caseNo }) => now.has(caseNo))), 'heldAnew', of.changeId);
  const kept = new Set(same.map(({ caseNo }) => caseNo));
  await insertHolds(
    tx,
    of,
    held.filter(({ caseNo }) => !kept.has(caseNo)),
  );
}

function reasonOf(held: Held | undefined): string | undefined {
  return held && JSON.stringify([held.code, held.file, held.row]);
}
