import { instantText } from '../../kernel/clock.js';
import { Temporal } from '../../kernel/dates.js';
import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { INPUT_KEY_OVERLAP_MS } from '../../kernel/limits.js';
import type { KeyContext } from './context.js';
import type { KeyClass } from './key.js';
import { keyedRows } from './rotation/keyedRows.js';
import { lockRotation, rotationUnderWay } from './rotation/record.js';
import { insertKey, lockClass, lockKey, minVersionOf, moveKey, readRegister, type KeyRow } from './store.js';

/** What commits with a change of a key, such as its approval and its entry in the log; what it throws undoes both. */
export type WithChange = (tx: Session) => Promise<unknown>;

/**
 * Makes the next version of a class ahead of its rotation, pre-active: it neither seals nor opens yet.
 * @returns its version
 * @throws KuramoriError VAULT_SEALED; CONFLICT when one waits already
 */
export async function createVersion(
  context: KeyContext,
  keyClass: KeyClass,
  beforeCommit?: WithChange,
): Promise<number> {
  const ring = context.seal.keyRing;
  const version = await context.database.transaction('key.create', async (tx) => {
    const keys = await lockClass(tx, keyClass);
    if (keys.some(({ state }) => state === 'preActive')) {
      throw new KuramoriError('CONFLICT', 'A version of this class waits for its rotation already.');
    }
    const next = Math.max(...keys.map((key) => key.version)) + 1;
    await insertKey(tx, ring.create(keyClass, next, instantText(context.clock)));
    await beforeCommit?.(tx);
    return next;
  });
  await ring.reload();
  return version;
}

/**
 * Raises the least version of a class past this one: this version and all before it open nothing any more.
 * @throws KuramoriError VAULT_SEALED; NOT_FOUND; CONFLICT while one of them is not replaced, a rotation has not ended,
 *   something still lies under one of them, or what was sealed to an input key may still be on its way
 */
export async function retireVersion(
  context: KeyContext,
  keyClass: KeyClass,
  version: number,
  beforeCommit?: WithChange,
): Promise<void> {
  const ring = context.seal.keyRing;
  await context.database.transaction('key.retire', async (tx) => {
    const keys = await lockClass(tx, keyClass);
    if (!keys.some((key) => key.version === version)) throw noVersion(keyClass, version);
    const retired = keys.filter((key) => key.version <= version);
    for (const key of retired) assertReplaced(context, key);
    await assertRotationEnded(tx, keyClass);
    await assertNothingUnder(tx, keyClass, version);
    await tx.run(
      'key.retire',
      ({ raw }) => raw`
        update vault.key_class set min_version = greatest(min_version, ${version + 1}) where class = ${keyClass}`,
    );
    await beforeCommit?.(tx);
  });
  await ring.reload();
}

/**
 * Destroys the bytes of a key that is retired, or that never became active (handbook 14 §3). That a second person has
 * approved, and that the backups which need the key have ended, the caller makes sure of. The public half of a key
 * that signed stays, to verify with.
 * @throws KuramoriError VAULT_SEALED; NOT_FOUND; CONFLICT when it is in use, not retired, or something lies under it
 */
export async function destroyVersion(
  context: KeyContext,
  keyClass: KeyClass,
  version: number,
  beforeCommit?: WithChange,
): Promise<void> {
  const ring = context.seal.keyRing;
  await context.database.transaction('key.destroy', async (tx) => {
    await lockClass(tx, keyClass);
    const key = await lockKey(tx, keyClass, version);
    const wasActive = key.state === 'deactivated' || key.state === 'compromised';
    if (wasActive && version >= minVersionOf(await readRegister(tx), keyClass)) {
      throw new KuramoriError('CONFLICT', 'The key still opens. Retire its version first.', {
        rule: 'notRetired',
      });
    }
    if (key.state !== 'preActive') await assertNothingUnder(tx, keyClass, version);
    await moveKey(tx, key, 'destroyed', instantText(context.clock));
    await beforeCommit?.(tx);
  });
  await ring.reload();
}

/**
 * Notes that a key which is not active is known to others. It still opens, so that what lies under it can be moved.
 * The active one is replaced in the same step: `startRotation` with `compromised`.
 * @throws KuramoriError VAULT_SEALED; NOT_FOUND; CONFLICT
 */
export async function markCompromised(
  context: KeyContext,
  keyClass: KeyClass,
  version: number,
  beforeCommit?: WithChange,
): Promise<void> {
  const ring = context.seal.keyRing;
  await context.database.transaction('key.compromise', async (tx) => {
    const key = await lockKey(tx, keyClass, version);
    if (key.state === 'active') {
      throw new KuramoriError(
        'CONFLICT',
        'The key is in use. Start a rotation that says it is compromised.',
        {
          rule: 'active',
        },
      );
    }
    await moveKey(tx, key, 'compromised', instantText(context.clock));
    await beforeCommit?.(tx);
  });
  await ring.reload();
}

function assertReplaced({ clock }: KeyContext, { state, keyClass, deactivatedAt }: KeyRow): void {
  if (state === 'active' || state === 'preActive') {
    throw new KuramoriError('CONFLICT', 'A key that is in use or waits for its use cannot be retired.', {
      state,
    });
  }
  if (keyClass !== 'input' || state !== 'deactivated' || deactivatedAt === null) return;
  const until = Temporal.Instant.from(deactivatedAt).add({ milliseconds: INPUT_KEY_OVERLAP_MS });
  if (Temporal.Instant.compare(clock.now(), until) >= 0) return;
  throw new KuramoriError(
    'CONFLICT',
    'What was sealed to the last input key may still come. Retire it later.',
    {
      until: until.toString(),
    },
  );
}

async function assertRotationEnded(tx: Session, keyClass: KeyClass): Promise<void> {
  const rotation = await lockRotation(tx, keyClass);
  if (rotation !== undefined && rotation.state !== 'done') throw rotationUnderWay();
}

async function assertNothingUnder(tx: Session, keyClass: KeyClass, version: number): Promise<void> {
  const under = await keyedRows(keyClass).under(tx, version);
  if (under === 0n) return;
  throw new KuramoriError(
    'CONFLICT',
    'Records still lie under this version. End their rotation or erasure first.',
    {
      records: Number(under),
    },
  );
}

function noVersion(keyClass: KeyClass, version: number): KuramoriError {
  return new KuramoriError('NOT_FOUND', `There is no version ${version} of the key ${keyClass}.`);
}
