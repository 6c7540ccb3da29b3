import { instantText } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import { KuramoriError } from '../../../kernel/errors.js';
import { ROTATION_FAULTS_LISTED_MAX } from '../../../kernel/limits.js';
import { integrityFailure } from '../../cipher/integrity.js';
import type { KeyContext } from '../context.js';
import type { KeyClass } from '../key.js';
import { awaitWriters, insertKey, lockClass, lockKey, moveKey, readRegister, type KeyRow } from '../store.js';
import { keyedRows } from './keyedRows.js';
import type { BatchResult } from './rows.js';
import {
  insertRotation,
  lastRotation,
  lockRotation,
  rotationUnderWay,
  updateRotation,
  type RotationRow,
  type RotationState,
} from './record.js';

/** How far a rotation is. */
export interface RotationProgress {
  readonly keyClass: KeyClass;
  readonly toVersion: number;
  readonly state: RotationState | 'dryRun';
  /** Rows of `total` that are done; rows written meanwhile may make it more. */
  readonly done: bigint;
  readonly total: bigint;
  /** Of a dry run: references of rows that do not open, at most ROTATION_FAULTS_LISTED_MAX. */
  readonly faults: readonly string[];
}

export interface RotationOptions {
  /** Opens everything under its present key, changes nothing, makes no key. */
  readonly dryRun?: boolean;
  /** The active key is known to others: it becomes compromised instead of deactivated. */
  readonly compromised?: boolean;
  readonly onProgress?: (progress: RotationProgress) => void;
  /** Not called for a dry run. */
  readonly beforeCommit?: BeforeCommit;
}

/**
 * Called inside the transaction of a step, after all else that it does. What it throws undoes the step.
 * @param tx for what is to commit with it, such as its entry in the log
 */
export type BeforeCommit = (progress: RotationProgress, tx: Session) => unknown;

/** What a rotation would do. */
export interface RotationPlan {
  readonly toVersion: number;
  /** Steps that it would take. */
  readonly total: bigint;
}

/**
 * Begins a rotation (鍵更新; handbook 14 §3): a new version seals from now on, the last one only opens. What lies under
 * it is then moved by `continueRotation`.
 * @throws KuramoriError VAULT_SEALED; CONFLICT while a rotation of the class has not ended
 */
export async function startRotation(
  context: KeyContext,
  keyClass: KeyClass,
  options: RotationOptions = {},
): Promise<RotationProgress> {
  const ring = context.seal.keyRing;
  if (options.dryRun === true) return dryRun(context, keyClass, options);
  const started = await context.database.transaction('rotation.start', async (tx) => {
    const at = instantText(context.clock);
    const keys = await lockClass(tx, keyClass);
    await assertEnded(tx, keyClass);
    const toVersion = await nextVersion(context, tx, keys, at);
    const active = await lockKey(tx, keyClass, present(keys.find(({ state }) => state === 'active')).version);
    const rows = keyedRows(keyClass);
    const before = await rows.total(tx, toVersion);
    await awaitWriters(tx, keyClass);
    await moveKey(tx, active, options.compromised === true ? 'compromised' : 'deactivated', at);
    await moveKey(tx, await lockKey(tx, keyClass, toVersion), 'active', at);
    // Counted while others still write; but "nothing" must be true once nobody does.
    const total = before === 0n ? await rows.total(tx, toVersion) : before;
    const row = {
      keyClass,
      toVersion,
      state: total === 0n ? 'done' : 'running',
      cursor: '',
      done: 0n,
      total,
    } as const;
    await insertRotation(tx, row, at);
    await options.beforeCommit?.(progressOf(row), tx);
    return progressOf(row);
  });
  await ring.reload();
  return started;
}

/**
 * Does one batch of at most ROTATION_BATCH_RECORDS_MAX rows; rows and cursor change together, so that whoever was
 * killed goes on where he stopped. A rotation that is paused or has ended is told of and left as it is.
 * @throws KuramoriError NOT_FOUND when there was none; VAULT_SEALED; INTEGRITY_FAILURE when a row does not open
 */
export async function continueRotation(
  context: KeyContext,
  keyClass: KeyClass,
  beforeCommit?: BeforeCommit,
): Promise<RotationProgress> {
  const ring = context.seal.keyRing;
  return context.database.transaction('rotation.batch', async (session) => {
    const rotation = await lockRotation(session, keyClass);
    if (rotation === undefined) throw noRotation();
    if (rotation.state !== 'running') return progressOf(rotation);
    if (!ring.opens(keyClass, rotation.toVersion)) await ring.reload();
    const { cursor, done } = await keyedRows(keyClass).move(
      { context, session, cursor: rotation.cursor },
      rotation.toVersion,
    );
    const moved: RotationRow = {
      ...rotation,
      state: cursor === undefined ? 'done' : 'running',
      cursor: cursor ?? rotation.cursor,
      done: rotation.done + BigInt(done),
    };
    await updateRotation(session, moved, instantText(context.clock));
    await beforeCommit?.(progressOf(moved), session);
    return progressOf(moved);
  });
}

/** Continues until the rotation has ended or somebody pauses it. @throws KuramoriError as `continueRotation` */
export async function runRotation(
  context: KeyContext,
  keyClass: KeyClass,
  onProgress: (progress: RotationProgress) => void = () => undefined,
): Promise<RotationProgress> {
  for (;;) {
    const progress = await continueRotation(context, keyClass);
    onProgress(progress);
    if (progress.state !== 'running') return progress;
  }
}

/** Stops a rotation between two batches. @throws KuramoriError NOT_FOUND; CONFLICT when it is not running */
export function pauseRotation(
  context: KeyContext,
  keyClass: KeyClass,
  beforeCommit?: BeforeCommit,
): Promise<RotationProgress> {
  return changeState(context, keyClass, { from: 'running', to: 'paused' }, beforeCommit);
}

/** Lets a paused rotation go on. @throws KuramoriError NOT_FOUND; CONFLICT when it is not paused */
export function resumeRotation(
  context: KeyContext,
  keyClass: KeyClass,
  beforeCommit?: BeforeCommit,
): Promise<RotationProgress> {
  return changeState(context, keyClass, { from: 'paused', to: 'running' }, beforeCommit);
}

/** The last rotation of a class; undefined when there was none. Also of a sealed vault. */
export async function rotationStatus(
  context: Pick<KeyContext, 'database'>,
  keyClass: KeyClass,
): Promise<RotationProgress | undefined> {
  const row = await lastRotation(context.database, keyClass);
  return row && progressOf(row);
}

async function changeState(
  context: KeyContext,
  keyClass: KeyClass,
  { from, to }: { readonly from: RotationState; readonly to: RotationState },
  beforeCommit?: BeforeCommit,
): Promise<RotationProgress> {
  return context.database.transaction('rotation.state', async (tx) => {
    const rotation = await lockRotation(tx, keyClass);
    if (rotation === undefined) throw noRotation();
    if (rotation.state !== from) {
      throw new KuramoriError('CONFLICT', `The rotation is ${rotation.state}, not ${from}.`, {
        state: rotation.state,
      });
    }
    const changed = { ...rotation, state: to };
    await updateRotation(tx, changed, instantText(context.clock));
    await beforeCommit?.(progressOf(changed), tx);
    return progressOf(changed);
  });
}

/** What a rotation that began now would do. Also of a sealed vault. */
export async function planRotation(
  { database }: Pick<KeyContext, 'database'>,
  keyClass: KeyClass,
): Promise<RotationPlan> {
  const { keys } = await readRegister(database);
  const newest = present(keys.find((key) => key.keyClass === keyClass));
  const toVersion = newest.state === 'preActive' ? newest.version : newest.version + 1;
  return { toVersion, total: await keyedRows(keyClass).total(database, toVersion) };
}

/**
 * One batch of a dry run: opens what lies under the keys of a class and changes nothing.
 * @param cursor where the last batch ended; empty at the beginning
 * @throws KuramoriError VAULT_SEALED when keys are needed
 */
export function checkBatch(context: KeyContext, keyClass: KeyClass, cursor: string): Promise<BatchResult> {
  return keyedRows(keyClass).check({ context, session: context.database, cursor });
}

async function dryRun(
  context: KeyContext,
  keyClass: KeyClass,
  { onProgress = () => undefined }: RotationOptions,
): Promise<RotationProgress> {
  const { toVersion, total } = await planRotation(context, keyClass);
  let progress: RotationProgress = { keyClass, toVersion, state: 'dryRun', done: 0n, total, faults: [] };
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const batch = await checkBatch(context, keyClass, cursor);
    progress = {
      ...progress,
      done: progress.done + BigInt(batch.done),
      faults: [...progress.faults, ...batch.faults].slice(0, ROTATION_FAULTS_LISTED_MAX),
    };
    onProgress(progress);
    ({ cursor } = batch);
  }
  return progress;
}

async function assertEnded(tx: Session, keyClass: KeyClass): Promise<void> {
  const rotation = await lockRotation(tx, keyClass);
  if (rotation !== undefined && rotation.state !== 'done') throw rotationUnderWay();
}

/** The version that was made ahead of time, or a new one. */
async function nextVersion(
  context: KeyContext,
  tx: Session,
  keys: readonly KeyRow[],
  at: string,
): Promise<number> {
  const waiting = keys.find(({ state }) => state === 'preActive');
  if (waiting !== undefined) return waiting.version;
  const { keyClass, version } = present(keys[0]);
  await insertKey(tx, context.seal.keyRing.create(keyClass, version + 1, at));
  return version + 1;
}
/** An opened vault has keys of every class. @throws KuramoriError INTEGRITY_FAILURE when they are gone */
function present(key: KeyRow | undefined): KeyRow {
  if (key === undefined) throw integrityFailure();
  return key;
}

function progressOf(row: Omit<RotationRow, 'id'>): RotationProgress {
  const { keyClass, toVersion, state, done, total } = row;
  return { keyClass, toVersion, state, done, total, faults: [] };
}

function noRotation(): KuramoriError {
  return new KuramoriError('NOT_FOUND', 'There was no rotation of this class of keys. Start one first.');
}
