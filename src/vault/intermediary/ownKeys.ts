import { INTERMEDIARY_SIGNING_KEYS_MAX } from '../../kernel/limits.js';
import { integrityFailure } from '../cipher/integrity.js';
import type { KeyRing } from '../keys/keyRing.js';
import type { OwnKeys } from './link.js';

/**
 * The keys with which the vault signs messages, as the intermediary server is to know them.
 * @throws KuramoriError VAULT_SEALED
 */
export function ownKeysOf(keyRing: KeyRing): OwnKeys {
  const oldest = keyRing.all('intermediary').at(-1);
  if (oldest === undefined) throw integrityFailure();
  // Newest first; one that nobody signs with any more has nothing on its way.
  const { keys } = keyRing.verifying('intermediary');
  const published = keys.slice(0, INTERMEDIARY_SIGNING_KEYS_MAX).map(({ x }) => x);
  return { published, oldest: oldest.privateKey };
}
