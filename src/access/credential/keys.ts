import { KuramoriError } from '../../kernel/errors.js';
import type { KeyRing } from '../identity.types.js';

/**
 * The key a stored material names, or none when the ring has lost it.
 * Ids are compared exactly; they are labels, never paths.
 */
export function keyOf(ring: KeyRing, id: string): Uint8Array | undefined {
  return [ring.current, ...ring.former].find((named) => named.id === id)?.key;
}

const KEY_BYTES = 32;

/** @throws KuramoriError CONFIGURATION_INVALID when a key is not 32 bytes or two share an id */
export function assertKeyRing(ring: KeyRing, setting: string): void {
  const keys = [ring.current, ...ring.former];
  if (keys.some(({ key }) => key.length !== KEY_BYTES)) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      `Each key of the setting ${setting} must have ${KEY_BYTES} bytes.`,
    );
  }
  if (new Set(keys.map(({ id }) => id)).size !== keys.length) {
    throw new KuramoriError('CONFIGURATION_INVALID', `Two keys of the setting ${setting} have the same id.`);
  }
}
