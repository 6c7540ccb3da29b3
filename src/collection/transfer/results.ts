import { today } from '../../kernel/clock.js';
import { dayInJapan, Temporal } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { TRANSFER_RESULT_ROWS_MAX } from '../../kernel/limits.js';
import type { Session } from '../../kernel/database/database.js';
import { sumYen, type Yen } from '../../kernel/yen.js';
import { readCsv } from '../../protocol/transfer/csv.js';
import {
  COLLECTIONS_FILE,
  RESULT_LAYOUT,
  STATES_FILE,
  type EndState,
  type ResultFileName,
  type ResultRow,
} from '../../protocol/transfer/result.js';
import { advanceCases } from './case.store.js';
import { knownPackage } from './follow.js';
import { changeRound, recorded, type TransferJob } from './job.js';
import type { EndStateWord } from './reconciliation.js';
import { placeCollections } from './result.js';
import { insertResult, lastResult, readActiveCases, readOpenLines, type NewResult } from './result.store.js';
import { findRound } from './round.store.js';
import type { TransferVault, VaultResult } from './vault.js';

/** What came back of the organization. */
export interface ReceivedResults {
  readonly results: readonly {
    readonly resultId: string;
    readonly seriesNo: number;
    readonly final: boolean;
    readonly collections: number;
    readonly collected: Yen;
  }[];
}

const END_STATE_WORDS: Readonly<Record<EndState, EndStateWord>> = {
  PAID_IN_FULL: 'paidInFull',
  RETURNED: 'returned',
  SUSPENSION_FIT: 'suspensionFit',
  WRITE_OFF_FIT: 'writeOffFit',
  CONTINUED: 'continued',
};

/**
 * 徴収実績報告: takes every result package of a round that is not known yet, oldest first, each whole or not at all. A
 * package that is refused stops the step; those before it stay.
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
    const listed = await vault.results((await lastResult(job.database, round.id)) ?? '');
    const ours = listed.filter((result) => result.packageId === packageId);
    const results: ReceivedResults['results'][number][] = [];
    for (const [done, result] of ours.entries()) {
      job.onProgress?.({ phase: 'results', done, total: ours.length });
      results.push(await receive(job, vault, roundNo, result));
    }
    return { results };
  });
}

async function receive(
  job: TransferJob,
  vault: TransferVault,
  roundNo: string,
  result: VaultResult,
): Promise<ReceivedResults['results'][number]> {
  const { resultId, seriesNo, final } = result;
  const states = await readAll(vault, resultId, STATES_FILE);
  const rows = await readAll(vault, resultId, COLLECTIONS_FILE);
  const receivedOn = dayInJapan(Temporal.Instant.from(result.receivedAt)).toString();
  return changeRound(job, 'results', roundNo, async (tx, changeId) => {
    const { id: roundId } = await findRound(tx, roundNo);
    const lines = await readOpenLines(tx, roundId);
    const collections = placeCollections(rows, lines, { file: COLLECTIONS_FILE, today: today(job.clock) });
    const outcomes = await placeStates(tx, roundId, states);
    const collected = sumYen(collections.map(({ amount }) => amount));
    const entry: NewResult = {
      resultId,
      seriesNo,
      final,
      receivedOn,
      collected,
      collections,
      outcomes,
      changeId,
    };
    await insertResult(tx, roundId, entry);
    const at = { roundId, at: job.clock.now().toString(), changeId };
    const transferIds = outcomes.map(({ transferId }) => transferId);
    const subjects = await advanceCases(tx, { ...at, to: 'resultReceived', transferIds });
    const outcome = { resultId, seriesNo, final, collections: collections.length, collected };
    return { outcome, rows: collections.length + outcomes.length, subjects };
  });
}

/** A file of a result, whole, within its limit. */
async function readAll<F extends ResultFileName>(
  vault: TransferVault,
  resultId: string,
  file: F,
): Promise<ResultRow[F][]> {
  const rows: ResultRow[F][] = [];
  for await (const row of readCsv(file, RESULT_LAYOUT[file], vault.resultFile(resultId, file))) {
    if (rows.length >= TRANSFER_RESULT_ROWS_MAX)
      throw rejected(file, rows.length + 1, 'it has too many rows');
    rows.push(row as ResultRow[F]);
  }
  return rows;
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
      throw rejected(STATES_FILE, at + 1, 'the organization has no such case of ours');
    return { transferId, endState: END_STATE_WORDS[state], statedOn: on, judgement };
  });
}

function rejected(file: string, row: number, fault: string): KuramoriError {
  return new KuramoriError('FILE_REJECTED', `${file}, row ${row}: ${fault}.`, { file, row });
}
