import { z } from 'zod';
import { KEY_CLASSES } from '../../schema/vault/key.js';
import { KEY_CURSOR_CHARS_MAX } from '../kernel/limits.js';
import type { VaultContext } from './context.js';
import { readEntry } from './entered.js';
import type { AdminHandler } from './http/admin.js';
import { listKeys, toldRotation, type ToldRotation } from './keyList.js';
import { approvedDestruction } from './keys/approvedDestruction.js';
import { compromiseKey } from './keys/compromise.js';
import type { KeyClass } from './keys/key.js';
import {
  checkBatch,
  continueRotation,
  pauseRotation,
  planRotation,
  resumeRotation,
  rotationStatus,
  startRotation,
  type BeforeCommit,
} from './keys/rotation/rotate.js';
import { createVersion, destroyVersion, retireVersion } from './keys/versions.js';
import { loggedCommand, type OperatorLog } from './operatorLog.js';

type KeyAdministrationContext = Pick<
  VaultContext,
  'database' | 'shred' | 'audit' | 'clock' | 'clockGuard' | 'seal' | 'municipality'
>;

/** What a rotation would do, as JSON has it. */
export interface ToldPlan {
  readonly toVersion: number;
  readonly total: number;
}

/** One batch of a dry run. */
export interface CheckedBatch {
  /** For the next batch; absent when nothing is left. */
  readonly cursor?: string;
  readonly done: number;
  /** References of rows that do not open. */
  readonly faults: readonly string[];
}

interface KeyCommand<T> {
  /** Of its entries. */
  readonly coordinate: string;
  readonly form: z.ZodType<T>;
  /** Done of a sealed vault, too. */
  readonly sealedToo?: true;
  readonly work: (entry: T, context: KeyAdministrationContext, log: OperatorLog) => Promise<unknown>;
}

const keyClass = z.enum(KEY_CLASSES);
const version = z.int32().min(1);
const id = z.string().min(1).max(64);
const ofClass = z.strictObject({ keyClass });
const ofVersion = z.strictObject({ keyClass, version });

const COMMANDS = {
  list: command({
    coordinate: 'Vault.keys',
    form: z.strictObject({}),
    sealedToo: true,
    work: async (_entry, context, log) => {
      await log.alone('listed');
      return listKeys(context);
    },
  }),
  prepare: command({
    coordinate: 'Vault.prepareKey',
    form: ofClass,
    work: async (entry, context, log) => ({
      version: await createVersion(context, entry.keyClass, (tx) => log.with(tx, entry.keyClass)),
    }),
  }),
  plan: command({
    coordinate: 'Vault.rotate',
    form: ofClass,
    work: async (entry, context, log): Promise<ToldPlan> => {
      const { toVersion, total } = await planRotation(context, entry.keyClass);
      await log.alone(`dryRun:${entry.keyClass}-${toVersion}`);
      return { toVersion, total: Number(total) };
    },
  }),
  check: command({
    coordinate: 'Vault.rotate',
    form: z.strictObject({ keyClass, cursor: z.string().max(KEY_CURSOR_CHARS_MAX) }),
    work: async (entry, context, log): Promise<CheckedBatch> => {
      const { cursor, done, faults } = await checkBatch(context, entry.keyClass, entry.cursor);
      if (faults.length > 0) await log.alone(`dryRunFaults:${entry.keyClass}:${faults.length}`);
      return { ...(cursor !== undefined && { cursor }), done, faults };
    },
  }),
  rotate: command({ coordinate: 'Vault.rotate', form: ofClass, work: beginOrGoOn }),
  continue: command({
    coordinate: 'Vault.rotate',
    form: ofClass,
    work: async (entry, context, log) =>
      toldRotation(
        await continueRotation(context, entry.keyClass, (progress, tx) =>
          progress.state === 'done' ? noted(log)(progress, tx) : undefined,
        ),
      ),
  }),
  pause: command({
    coordinate: 'Vault.rotate',
    form: ofClass,
    work: async (entry, context, log) =>
      toldRotation(await pauseRotation(context, entry.keyClass, noted(log))),
  }),
  compromised: command({
    coordinate: 'Vault.compromisedKey',
    form: z.strictObject({ keyClass, version, cause: z.string() }),
    work: async (entry, context, log): Promise<ToldRotation | null> => {
      const rotation = await compromiseKey(context, entry, (tx, cause) =>
        log.with(tx, `${keyIdOf(entry)}:${cause}`),
      );
      return rotation === undefined ? null : toldRotation(rotation);
    },
  }),
  retire: command({
    coordinate: 'Vault.retireKey',
    form: ofVersion,
    work: (entry, context, log) =>
      retireVersion(context, entry.keyClass, entry.version, (tx) => log.with(tx, keyIdOf(entry))),
  }),
  destroy: command({
    coordinate: 'Vault.destroyKey',
    form: z.strictObject({ keyClass, version, personId: id, approvalId: id }),
    work: (entry, context, log) =>
      destroyVersion(context, entry.keyClass, entry.version, async (tx) => {
        await approvedDestruction(tx, context, entry);
        // Person and approval: the approval names whoever gave it (handbook 11 §4.1).
        await log.with(tx, `${keyIdOf(entry)}:by:${entry.personId}:approval:${entry.approvalId}`);
      }),
  }),
} as const;

/**
 * 鍵管理 at the vault's host (handbook 14 §3). `keys.list`; `keys.prepare` {keyClass}; `keys.plan` {keyClass} and
 * `keys.check` {keyClass, cursor} of a dry run; `keys.rotate` {keyClass} begins a rotation or goes on with the one that
 * has not ended, `keys.continue` does one batch of it, `keys.pause` stops it; `keys.compromised` {keyClass, version,
 * cause} notes that others know a key, and replaces the one in use; `keys.retire` {keyClass, version}; `keys.destroy`
 * {keyClass, version, personId, approvalId}. A change commits with its entry in the log; a refusal has one, too.
 * @param assertInService whether operations may be done
 */
export function keyAdministration(
  context: KeyAdministrationContext,
  assertInService: () => void,
): Readonly<Record<string, AdminHandler>> {
  return Object.fromEntries(
    Object.entries(COMMANDS).map(([name, each]) => {
      const { coordinate, form, sealedToo, work } = each as KeyCommand<unknown>;
      const handler: AdminHandler = (input, operator) =>
        loggedCommand(context, coordinate, operator, (log) => {
          if (sealedToo !== true) assertInService();
          return work(readEntry(form, input), context, log);
        });
      return [`keys.${name}`, handler];
    }),
  );
}

function command<T>(each: KeyCommand<T>): KeyCommand<T> {
  return each;
}

/** One that runs, whoever left it, is gone on with; its entry stands already. */
async function beginOrGoOn(
  entry: { readonly keyClass: KeyClass },
  context: KeyAdministrationContext,
  log: OperatorLog,
): Promise<ToldRotation> {
  const last = await rotationStatus(context, entry.keyClass);
  if (last?.state === 'running') {
    await log.alone(`goOn:${entry.keyClass}-${last.toVersion}`);
    return toldRotation(last);
  }
  return toldRotation(
    last?.state === 'paused'
      ? await resumeRotation(context, entry.keyClass, noted(log))
      : await startRotation(context, entry.keyClass, { beforeCommit: noted(log) }),
  );
}

function noted(log: OperatorLog): BeforeCommit {
  return ({ state, ...key }, tx) =>
    log.with(tx, `${state}:${keyIdOf({ keyClass: key.keyClass, version: key.toVersion })}`);
}

function keyIdOf(key: { readonly keyClass: KeyClass; readonly version: number }): string {
  return `${key.keyClass}-${key.version}`;
}
