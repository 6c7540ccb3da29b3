import { businessDaysAfter } from '../../kernel/closedDays.js';
import { instantText, today } from '../../kernel/clock.js';
import { plainDate, type IsoDate } from '../../kernel/dates.js';
import { TRANSFER_FORWARD_BUSINESS_DAYS } from '../../kernel/limits.js';
import { readHolidays } from '../levy/holiday.store.js';
import {
  insertMessage,
  nextDeltaNo,
  noteSending,
  readLines,
  readUnsent,
  readUntold,
  type UntoldDeltas,
} from './deltas.store.js';
import { knownPackage } from './follow.js';
import { changeRound, recorded, type TransferJob } from './job.js';
import { findRound } from './round.store.js';
import type { TransferVault } from './vault.js';

/** What the forwarding of payments came to. */
export interface ForwardedDeltas {
  /** Messages that the vault took now. */
  readonly messages: number;
  /** Lines in them. */
  readonly lines: number;
  /** Messages that went after their day (handbook 13 §3: within one business day). */
  readonly late: number;
  /** Changes that wait, because the vault has no package of the round yet. */
  readonly waiting: number;
}

/**
 * 入金連絡: tells the organization, through the vault, what changed of the lines since the freeze. A message is written
 * down before it is sent, and sent under the same number until the vault has taken it.
 * @throws KuramoriError NOT_FOUND; CONFLICT before the freeze; what the vault answers
 */
export async function forwardDeltas(
  job: TransferJob,
  vault: TransferVault,
  roundNo: string,
): Promise<ForwardedDeltas> {
  return recorded(job, 'deltas', roundNo, async () => {
    const round = await findRound(job.database, roundNo);
    if (round.packageId === undefined) {
      const { deltaIds } = await readUntold(job.database, round.id);
      return { messages: 0, lines: 0, late: 0, waiting: deltaIds.length };
    }
    while ((await writeMessage(job, roundNo)) > 0);
    return sendAll(job, vault, roundNo);
  });
}

/** One message of what was not told yet. @returns how many changes it tells of */
async function writeMessage(job: TransferJob, roundNo: string): Promise<number> {
  const { id } = await findRound(job.database, roundNo);
  if ((await readUntold(job.database, id)).deltaIds.length === 0) return 0;
  return changeRound(job, 'deltas', roundNo, async (tx, changeId) => {
    const round = await findRound(tx, roundNo);
    const untold = await readUntold(tx, round.id);
    const { deltaIds, addresseeNos: subjects } = untold;
    if (deltaIds.length > 0) {
      const content = {
        packageId: knownPackage(round),
        deltaNo: await nextDeltaNo(tx, round.id),
        sentAt: instantText(job.clock),
        lines: await readLines(tx, deltaIds),
      };
      const forwardBy = lastDay(untold, await readHolidays(tx));
      await insertMessage(tx, round.id, { deltaIds, content, forwardBy, changeId });
    }
    return { outcome: deltaIds.length, rows: deltaIds.length, subjects, reason: 'message' };
  });
}

/** The oldest change decides. */
function lastDay({ oldestOn }: UntoldDeltas, holidays: ReadonlySet<IsoDate>): IsoDate {
  return businessDaysAfter(plainDate(oldestOn), TRANSFER_FORWARD_BUSINESS_DAYS, holidays).toString();
}

async function sendAll(job: TransferJob, vault: TransferVault, roundNo: string): Promise<ForwardedDeltas> {
  const round = await findRound(job.database, roundNo);
  const packageId = knownPackage(round);
  const unsent = await readUnsent(job.database, round.id);
  const day = today(job.clock);
  let lines = 0;
  for (const [done, { id, content }] of unsent.entries()) {
    job.onProgress?.({ phase: 'sending', done, total: unsent.length });
    await vault.sendDelta(packageId, content);
    lines += content.lines.length;
    await changeRound(job, 'deltas', roundNo, async (tx, changeId) => {
      await noteSending(tx, id, day, changeId);
      return { outcome: undefined, rows: content.lines.length, subjects: [], reason: 'sent' };
    });
  }
  const late = unsent.filter(({ forwardBy }) => forwardBy < day).length;
  return { messages: unsent.length, lines, late, waiting: 0 };
}
