import { z } from 'zod';
import { today } from '../../kernel/clock.js';
import { Temporal } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { BATCHES_LISTED_MAX } from '../../kernel/limits.js';
import { identifier, isoDay } from '../../protocol/intermediary/codes.js';
import { INTERMEDIARY_PROTOCOL } from '../../protocol/intermediary/message.js';
import type { ListOf } from '../../protocol/intermediary/lists.js';
import type { VaultContext } from '../context.js';
import { readEntry } from '../entered.js';
import type { AdminHandler } from '../http/admin.js';
import type { Intermediary } from '../intermediary/intermediary.js';
import { loggedCommand } from '../operatorLog.js';
import { assertEmployed, unitOn } from '../staff/person.js';
import { findPerson } from '../staff/staff.store.js';
import { listBatches, type BatchRow } from './batch/batch.store.js';

type IntermediaryAdministrationContext = Pick<VaultContext, 'database' | 'audit' | 'clock' | 'pushes'>;

/** What `kuramori vault intermediary status` shows. */
export interface IntermediaryStatus {
  readonly protocol: string;
  /** 標準レイアウト that the server understands today, and the one that the vault speaks. */
  readonly layoutVersions: readonly string[];
  readonly ownLayoutVersion: string;
  /** Both speak one protocol and one layout. */
  readonly fits: boolean;
  readonly keys: readonly { readonly keyId: string; readonly since: string }[];
  readonly counts: Readonly<Record<string, number>>;
  readonly notices: ListOf<'notices'>['notices'];
}

/** A batch as JSON has it: what was sent and answered stays in the spool. */
export type ToldBatch = Pick<
  BatchRow,
  'batchId' | 'state' | 'reason' | 'lineCount' | 'attempt' | 'formedAt' | 'changedAt' | 'nextAttemptAt'
>;

const nothing = z.strictObject({});
const recordsForm = z.strictObject({
  from: isoDay,
  to: isoDay,
  after: identifier.optional(),
  personId: z.string().min(1).max(32),
});

/**
 * 中間サーバー at the vault's host. `intermediary.status` asks the server for its versions, keys, counts and notices
 * (接続確認, セキュリティ管理, システム管理); `intermediary.batches` shows the newest batches of ours;
 * `intermediary.records` {from, to, after?, personId} shows a page of 情報提供等記録 on behalf of a person, whom the
 * server must know. Each has its entry in the log.
 */
export function intermediaryAdministration(
  context: IntermediaryAdministrationContext,
): Readonly<Record<string, AdminHandler>> {
  return {
    'intermediary.status': (input, operator) =>
      loggedCommand(context, 'Vault.intermediaryStatus', operator, async (log) => {
        readEntry(nothing, input);
        const intermediary = context.pushes.configured();
        await log.alone('asked');
        return statusOf(context.pushes, intermediary);
      }),
    'intermediary.batches': (input, operator) =>
      loggedCommand(context, 'Vault.inquiryBatches', operator, async (log): Promise<readonly ToldBatch[]> => {
        readEntry(nothing, input);
        await log.alone('listed');
        return (await listBatches(context.database, BATCHES_LISTED_MAX)).map(told);
      }),
    'intermediary.records': (input, operator) =>
      loggedCommand(context, 'Vault.provisionRecords', operator, async (log) => {
        const { personId, ...query } = readEntry(recordsForm, input);
        context.pushes.configured();
        const unit = await unitOf(context, personId);
        const { after, ...range } = query;
        await log.alone(`as:${personId}:from:${query.from}:to:${query.to}`);
        const look = {
          query: { ...range, ...(after !== undefined && { after }) },
          person: { personId, unit },
        };
        return context.pushes.listed('provision-records', look);
      }),
  };
}

async function statusOf(
  pushes: VaultContext['pushes'],
  { layoutVersion: ownLayoutVersion }: Intermediary,
): Promise<IntermediaryStatus> {
  const { protocol, layoutVersions } = await pushes.listed('health');
  const { keys } = await pushes.listed('keys');
  const { counts } = await pushes.listed('statistics');
  const { notices } = await pushes.listed('notices');
  const fits = protocol === INTERMEDIARY_PROTOCOL && layoutVersions.includes(ownLayoutVersion);
  const told = keys.map(({ keyId, since }) => ({ keyId, since }));
  return { protocol, layoutVersions, ownLayoutVersion, fits, keys: told, counts, notices };
}

/**
 * The unit of somebody of the vault’s register who is employed today.
 * @throws KuramoriError NOT_FOUND, ACCOUNT_REVOKED, CONFLICT
 */
async function unitOf(
  { database, clock }: Pick<VaultContext, 'database' | 'clock'>,
  personId: string,
): Promise<string> {
  const person = await findPerson(database, personId);
  if (person === undefined)
    throw new KuramoriError('NOT_FOUND', 'The vault’s register has no such person. Check the id.');
  const day = today(clock);
  assertEmployed(person, day);
  const unit = unitOn(person, day);
  if (unit === undefined)
    throw new KuramoriError('CONFLICT', 'The person is in no unit today. Enter the new unit first.');
  return unit;
}

function told({ batchId, state, reason, lineCount, attempt, ...batch }: BatchRow): ToldBatch {
  return {
    batchId,
    state,
    reason,
    lineCount,
    attempt,
    formedAt: inUtc(batch.formedAt),
    changedAt: inUtc(batch.changedAt),
    nextAttemptAt: batch.nextAttemptAt === null ? null : inUtc(batch.nextAttemptAt),
  };
}

function inUtc(text: string): string {
  return Temporal.Instant.from(text).toString();
}
