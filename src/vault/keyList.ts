import { KEY_CLASSES } from '../../schema/vault/key.js';
import { Temporal } from '../kernel/dates.js';
import type { VaultContext } from './context.js';
import { dueOf, type KeyDue } from './keys/due.js';
import { rotationStatus, type RotationProgress } from './keys/rotation/rotate.js';
import { minVersionOf, readRegister, type KeyRow } from './keys/store.js';

/** One key, without anything of its bytes. Instants are ISO text. */
export interface ListedKey extends Pick<KeyRow, 'keyId' | 'keyClass' | 'version' | 'state'> {
  /** Its version is below the least one of its class: it opens nothing any more. */
  readonly retired: boolean;
  /** As noted ahead of time, in steps of KEY_USES_STEP. */
  readonly uses: number;
  readonly createdAt: string;
  readonly activatedAt?: string;
  readonly deactivatedAt?: string;
  readonly destroyedAt?: string;
}

/** How far a rotation is, as JSON has it. */
export interface ToldRotation extends Pick<RotationProgress, 'keyClass' | 'toVersion' | 'state'> {
  readonly done: number;
  readonly total: number;
}

/** 鍵一覧: what `kuramori vault keys` shows. */
export interface KeyList {
  readonly keys: readonly ListedKey[];
  readonly due: readonly KeyDue[];
  /** The last rotation of each class that had one. */
  readonly rotations: readonly ToldRotation[];
}

/** Every key, those that are due, and how far rotations are. Also of a sealed vault. */
export async function listKeys(context: Pick<VaultContext, 'database' | 'clock'>): Promise<KeyList> {
  const register = await readRegister(context.database);
  const rotations = await Promise.all(KEY_CLASSES.map((each) => rotationStatus(context, each)));
  return {
    keys: register.keys.map((row) => listed(row, row.version < minVersionOf(register, row.keyClass))),
    due: dueOf(register, context.clock.now()),
    rotations: rotations.filter((each) => each !== undefined).map(toldRotation),
  };
}

export function toldRotation({ keyClass, toVersion, state, done, total }: RotationProgress): ToldRotation {
  return { keyClass, toVersion, state, done: Number(done), total: Number(total) };
}

function listed(row: KeyRow, retired: boolean): ListedKey {
  const { keyId, keyClass, version, state, uses, createdAt, activatedAt, deactivatedAt, destroyedAt } = row;
  return {
    keyId,
    keyClass,
    version,
    state,
    retired,
    uses: Number(uses),
    createdAt: isoText(createdAt),
    ...(activatedAt !== null && { activatedAt: isoText(activatedAt) }),
    ...(deactivatedAt !== null && { deactivatedAt: isoText(deactivatedAt) }),
    ...(destroyedAt !== null && { destroyedAt: isoText(destroyedAt) }),
  };
}

function isoText(stored: string): string {
  return Temporal.Instant.from(stored).toString();
}
