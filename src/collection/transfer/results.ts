import { withoutNumbers } from '../../audit/evidence/withoutNumbers.js';
import { today } from '../../kernel/clock.js';
import { dayInJapan, Temporal } from '../../kernel/dates.js';
import { isKuramoriError } from '../../kernel/errors.js';
import type { Session } from '../../kernel/database/database.js';
import { sumYen, type Yen } from '../../kernel/yen.js';
import {
  COLLECTIONS_FILE,
  STATES_FILE,
  type EndState,
  type ResultRow,
} from '../../protocol/transfer/result.js';
import { readActs, takeActs, type TakenActs } from './acts/acts.js';
import { readReportedStanding } from './acts/acts.store.js';
import { advanceCases } from './case.store.js';
import { knownPackage } from './follow.js';
import { changeRound, recorded, type TransferJob } from './job.js';
import type { EndStateWord } from './reconciliation.js';
import { rejectedRow } from './rejected.js';
import { placeCollections } from './result.js';
import {
  insertResult,
  readActiveCases,
  readKnownResults,
  readOpenLines,
  type NewResult,
} from './result.store.js';
import { readResultFile } from './resultFiles.js';
import { findRound } from './round.store.js';
import type { TransferVault, VaultResult } from './vault.js';

/** A result that was taken now. */
interface ReceivedResult {
  readonly resultId: string;
  readonly seriesNo: number;
  readonly final: boolean;
  readonly collections: number;
  readonly collected: Yen;
  readonly acts: TakenActs;
}

/** What came back of the organization. */
export interface ReceivedResults {
  readonly results: readonly ReceivedResult[];
  /** Results taken by an earlier release, whose acts were taken now. */
  readonly completed: readonly (Pick<ReceivedResult, 'resultId'> & { readonly acts: TakenActs })[];
  /** Of those, the ones whose acts the vault cannot give any more: erased, or of an earlier layout. */
  readonly unread: readonly string[];
}

const END_STATE_WORDS: Readonly<Record<EndState, EndStateWord>> = {
  PAID_IN_FULL: 'paidInFull',
  RETURNED: 'returned',
  SUSPENSION_FIT: 'suspensionFit',
  WRITE_OFF_FIT: 'writeOffFit',
  CONTINUED: 'continued',
};

/**
 * 徴収実績報告: takes every result package of a round that is not known yet, oldest first, each whole or not at all: what
 * was collected, how cases stand, and what the organization did in them. A package that is refused stops the step;
 * those before it stay.
 * @throws KuramoriError NOT_FOUND; CONFLICT before the package is known; FILE_REJECTED with file and row; what the
 *   vault answers
 */
export async function receiveResults(
  job: TransferJob,
  vault: TransferVault,
  roundNo: string,
): Promise<ReceivedResults> {
  return recorded(job, 'results', roundNo, async () => {
    const round = await findRound(job.database, roundNo);
    const packageId = knownPackage(round);
    const known = await readKnownResults(job.database, round.id);
    const ours = (await everyResult(vault)).filter((result) => result.packageId === packageId);
    const waiting = ours.filter(({ resultId }) => known.get(resultId)?.actsAreTaken !== true);
    const results: ReceivedResult[] = [];
    const completed: ReceivedResults['completed'][number][] = [];
    const unread: string[] = [];
    for (const [done, result] of waiting.entries()) {
      job.onProgress?.({ phase: 'results', done, total: waiting.length });
      const before = known.get(result.resultId);
      if (before === undefined) results.push(await receive(job, vault, roundNo, result));
      else {
        const acts = await complete(job, vault, roundNo, { ...result, ...before });
        if (acts === undefined) unread.push(result.resultId);
        else completed.push({ resultId: result.resultId, acts });
      }
    }
    return { results, completed, unread };
  });
}

/** Every result that the vault lists, oldest first; it lists a part at a time. */
async function everyResult(vault: TransferVault): Promise<VaultResult[]> {
  const all = new Map<string, VaultResult>();
  let last: string | undefined = '';
  while (last !== undefined) {
    const more: VaultResult[] = (await vault.results(last)).filter(({ resultId }) => !all.has(resultId));
    for (const result of more) all.set(result.resultId, result);
    last = more.at(-1)?.resultId;
  }
  return [...all.values()];
}

async function receive(
  job: TransferJob,
  vault: TransferVault,
  roundNo: string,
  result: VaultResult,
): Promise<ReceivedResult> {
  const { resultId, seriesNo, final } = result;
  const states = await readResultFile(vault, result, STATES_FILE);
  const rows = await readResultFile(vault, result, COLLECTIONS_FILE);
  const reported = await readActs(vault, result);
  const receivedOn = dayInJapan(Temporal.Instant.from(result.receivedAt)).toString();
  return changeRound(job, 'results', roundNo, async (tx, changeId) => {
    const { id: roundId } = await findRound(tx, roundNo);
    const lines = await readOpenLines(tx, roundId);
    const collections = placeCollections(rows, lines, { file: COLLECTIONS_FILE, today: today(job.clock) });
    const outcomes = await placeStates(tx, roundId, states);
    const collected = sumYen(collections.map(({ amount }) => amount));
    const told = { resultId, seriesNo, final, receivedOn, collected };
    const entry: NewResult = { ...told, collections, outcomes, changeId };
    const resultKey = await insertResult(tx, roundId, entry);
    const acts = await takeActs(tx, { resultKey, changeId }, reported, job.clock);
    const at = { roundId, at: job.clock.now().toString(), changeId };
    const transferIds = outcomes.map(({ transferId }) => transferId);
    const subjects = await advanceCases(tx, { ...at, to: 'resultReceived', transferIds });
    const outcome = { resultId, seriesNo, final, collections: collections.length, collected, acts };
    return { outcome, rows: collections.length + outcomes.length + rowsOf(acts), subjects };
  });
}

/** Takes the acts of a result that is known without them; nothing when the vault has them no more. */
async function complete(
  job: TransferJob,
  vault: TransferVault,
  roundNo: string,
  result: VaultResult & { readonly resultKey: bigint },
): Promise<TakenActs | undefined> {
  const reported = await readActs(vault, result).catch((error: unknown) => {
    if (isKuramoriError(error, 'NOT_FOUND') || isKuramoriError(error, 'FILE_REJECTED')) return undefined;
    throw error;
  });
  if (reported === undefined) return undefined;
  return changeRound(job, 'results', roundNo, async (tx, changeId) => {
    const { resultKey } = result;
    const outcome = await takeActs(tx, { resultKey, changeId }, reported, job.clock);
    const { cases } = await readReportedStanding(tx, resultKey);
    const subjects = [...cases.values()].map(({ addresseeNo }) => addresseeNo);
    return { outcome, rows: rowsOf(outcome), subjects, reason: 'acts' };
  });
}

function rowsOf({ dispositions, ended, renewals, contacts }: TakenActs): number {
  return dispositions + ended + renewals + contacts;
}

async function placeStates(
  tx: Session,
  roundId: bigint,
  states: readonly ResultRow[typeof STATES_FILE][],
): Promise<NewResult['outcomes']> {
  const cases = await readActiveCases(tx, roundId);
  return states.map(({ caseNo, state, on, judgement }, at) => {
    const transferId = cases.get(caseNo);
    if (transferId === undefined)
      throw rejectedRow(STATES_FILE, at + 1, 'the organization has no such case of ours');
    const opinion = judgement && withoutNumbers(judgement);
    return { transferId, endState: END_STATE_WORDS[state], statedOn: on, judgement: opinion };
  });
}
