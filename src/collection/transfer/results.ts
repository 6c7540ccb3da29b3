import { today } from '../../kernel/clock.js';
import { isKuramoriError } from '../../kernel/errors.js';
import type { Session } from '../../kernel/database/database.js';
import type { Yen } from '../../kernel/yen.js';
import { COLLECTIONS_FILE, STATES_FILE } from '../../protocol/transfer/result.js';
import { readActs, takeActs, type TakenActs } from './acts/acts.js';
import { readReportedStanding, readReportedTransfers } from './acts/acts.store.js';
import { knownPackage } from './follow.js';
import { insertHolds, readHolds, type KeptHold } from './hold.store.js';
import { changeRound, recorded, type TransferJob } from './job.js';
import { heldWhole, type Held, type ReportedFiles } from './portions.js';
import { readKnownResults } from './result.store.js';
import { assertSumExact, readResultFile } from './resultFiles.js';
import { findRound } from './round.store.js';
import { takeResult } from './takeResult.js';
import type { TransferVault, VaultResult } from './vault.js';

/** A result of which something was taken now. */
interface ReceivedResult {
  readonly resultId: string;
  readonly seriesNo: number;
  readonly final: boolean;
  /** Cases of it that were taken. */
  readonly cases: number;
  readonly collections: number;
  readonly collected: Yen;
  readonly acts: TakenActs;
}

/** What came back of the organization. */
export interface ReceivedResults {
  readonly results: readonly ReceivedResult[];
  /** Results taken by an earlier release, whose acts were taken now. */
  readonly completed: readonly (Pick<ReceivedResult, 'resultId'> & { readonly acts: TakenActs })[];
  /** Of those, the ones whose acts the vault cannot give any more, or that cannot be so. */
  readonly unread: readonly string[];
  /** Everything of the round that is held (保留), until it can be taken or two people set it aside. */
  readonly held: readonly KeptHold[];
}

/**
 * 徴収実績報告: takes every result package of a round that is not known yet, oldest first: what was collected, how cases
 * stand, and what the organization did in them. What cannot be so is held, by case, and holds up nothing but later
 * results of that case; each run tries it again.
 * @throws KuramoriError NOT_FOUND; CONFLICT before the package is known; what the vault answers
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
    const holds = Map.groupBy(await readHolds(job.database, round.id), ({ resultId }) => resultId);
    const ours = (await everyResult(vault)).filter((result) => result.packageId === packageId);
    const results: ReceivedResult[] = [];
    const completed: ReceivedResults['completed'][number][] = [];
    const unread: string[] = [];
    for (const [done, result] of ours.toSorted((a, b) => a.seriesNo - b.seriesNo).entries()) {
      job.onProgress?.({ phase: 'results', done, total: ours.length });
      const before = known.get(result.resultId);
      const own = holds.get(result.resultId) ?? [];
      if (isSetAside(own)) continue;
      if (before === undefined || own.some(({ state }) => state === 'held')) {
        const received = await receive(job, vault, roundNo, result, own);
        if (received !== undefined) results.push(received);
      } else if (!before.actsAreTaken) {
        const acts = await complete(job, vault, roundNo, { ...result, ...before });
        if (acts === undefined) unread.push(result.resultId);
        else completed.push({ resultId: result.resultId, acts });
      }
    }
    const held = (await readHolds(job.database, round.id)).filter(({ state }) => state === 'held');
    return { results, completed, unread, held };
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

/** @param own what is held of it already @returns nothing where nothing of it was taken that was not before */
async function receive(
  job: TransferJob,
  vault: TransferVault,
  roundNo: string,
  result: VaultResult,
  own: readonly KeptHold[],
): Promise<ReceivedResult | undefined> {
  const files = await readFiles(vault, result).catch((error: unknown) => {
    // Files that the vault has erased meanwhile say nothing any more: what is held stays so until it is set aside.
    if (own.length > 0 && isKuramoriError(error, 'NOT_FOUND')) return undefined;
    return heldWhole(error);
  });
  if (files === undefined) return undefined;
  if ('code' in files) {
    if (own.length === 0) await holdWhole(job, roundNo, result, files);
    return undefined;
  }
  const taken = await changeRound(job, 'results', roundNo, async (tx, changeId) => {
    const { id: roundId } = await findRound(tx, roundNo);
    // Two people may have set it aside while the vault gave its files.
    if (isSetAside(await readOwnHolds(tx, roundId, result)))
      return { outcome: undefined, rows: 0, subjects: [], reason: 'setAside' };
    const outcome = await takeResult(tx, { clock: job.clock, roundId, changeId }, result, files);
    const rows = outcome.collections + outcome.cases + rowsOf(outcome.acts);
    return { outcome, rows, subjects: outcome.subjects };
  });
  if (taken === undefined || (own.length > 0 && taken.cases === 0)) return undefined;
  const { resultId, seriesNo, final } = result;
  const { cases, collections, collected, acts } = taken;
  return { resultId, seriesNo, final, cases, collections, collected, acts };
}

/** What is held, or was set aside, of one result. */
async function readOwnHolds(
  tx: Session,
  roundId: bigint,
  { resultId: of }: VaultResult,
): Promise<readonly KeptHold[]> {
  return (await readHolds(tx, roundId)).filter(({ resultId }) => resultId === of);
}

/** Whether the whole result was set aside. */
function isSetAside(own: readonly KeptHold[]): boolean {
  return own.some(({ caseNo, state }) => caseNo === null && state === 'setAside');
}

async function readFiles(vault: TransferVault, result: VaultResult): Promise<ReportedFiles> {
  const states = await readResultFile(vault, result, STATES_FILE);
  const collections = await readResultFile(vault, result, COLLECTIONS_FILE);
  assertSumExact(collections.map(({ amount }) => amount));
  return { states, collections, ...(await readActs(vault, result)) };
}

async function holdWhole(job: TransferJob, roundNo: string, result: VaultResult, held: Held): Promise<void> {
  const { resultId, seriesNo } = result;
  await changeRound(job, 'results', roundNo, async (tx, changeId) => {
    const { id: roundId } = await findRound(tx, roundNo);
    const of = { roundId, resultId, seriesNo, heldOn: today(job.clock), changeId };
    // Another run may have held it while this one asked the vault.
    if ((await readOwnHolds(tx, roundId, result)).length === 0) await insertHolds(tx, of, [held]);
    return { outcome: undefined, rows: 0, subjects: [], reason: 'held' };
  });
}

/** Takes the acts of a result that is known without them; nothing when the vault has them no more. */
async function complete(
  job: TransferJob,
  vault: TransferVault,
  roundNo: string,
  result: VaultResult & { readonly resultKey: bigint },
): Promise<TakenActs | undefined> {
  try {
    const reported = await readActs(vault, result);
    return await changeRound(job, 'results', roundNo, async (tx, changeId) => {
      const { resultKey } = result;
      const outcome = await takeActs(tx, { resultKey, changeId }, reported, job.clock);
      const { cases } = await readReportedStanding(tx, await readReportedTransfers(tx, resultKey));
      const subjects = [...cases.values()].map(({ addresseeNo }) => addresseeNo);
      return { outcome, rows: rowsOf(outcome), subjects, reason: 'acts' };
    });
  } catch (error) {
    if (isKuramoriError(error, 'NOT_FOUND') || isKuramoriError(error, 'FILE_REJECTED')) return undefined;
    throw error;
  }
}

function rowsOf({ dispositions, ended, renewals, contacts }: TakenActs): number {
  return dispositions + ended + renewals + contacts;
}
