import { AUDIT_TEXT_CHARS_MAX } from '../../kernel/limits.js';
import { enteredWords } from '../entered.js';
import type { KeyContext } from './context.js';
import type { KeyClass } from './key.js';
import { rotationStatus, startRotation, type RotationProgress } from './rotation/rotate.js';
import { readRegister } from './store.js';
import { markCompromised, type WithChange } from './versions.js';

/** 鍵の危殆化: a version that others may know, and how that came to light. */
export interface Compromise {
  readonly keyClass: KeyClass;
  readonly version: number;
  /** In the operator's own words; it stands in the log. */
  readonly cause: string;
}

/** Room in an entry's reason for the key's name before the cause. */
const KEY_NAME_CHARS_MAX = 40;

/**
 * Notes that a key is known to others (handbook 14 §3). The one in use is replaced in the same step by a rotation,
 * which moves what lies under it: until then it opens, for nothing else could move it. What terminals sealed to it,
 * and what it signed, counts no more.
 * @param log the entry, which commits with the change
 * @returns the rotation of the class that has not ended, or none when nothing lies under the key
 * @throws KuramoriError BAD_INPUT; VAULT_SEALED; NOT_FOUND; CONFLICT when it is destroyed or noted already, or while a
 *   rotation of its class has not ended
 */
export async function compromiseKey(
  context: KeyContext,
  { keyClass, version, cause }: Compromise,
  log: (tx: Parameters<WithChange>[0], cause: string) => Promise<unknown>,
): Promise<RotationProgress | undefined> {
  const stated = enteredWords(cause, 'cause', AUDIT_TEXT_CHARS_MAX - KEY_NAME_CHARS_MAX);
  const { keys } = await readRegister(context.database);
  const active = keys.find((key) => key.keyClass === keyClass && key.state === 'active');
  if (active?.version === version) {
    return startRotation(context, keyClass, {
      compromised: true,
      beforeCommit: (_progress, tx) => log(tx, stated),
    });
  }
  await markCompromised(context, keyClass, version, (tx) => log(tx, stated));
  const rotation = await rotationStatus(context, keyClass);
  return rotation?.state === 'done' ? undefined : rotation;
}
