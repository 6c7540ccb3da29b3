import { SHRED_BACKUP_DAYS_MAX } from '../../kernel/limits.js';
import type { VaultContext } from '../context.js';
import type { KeyRing } from '../keys/keyRing.js';
import { publishedJwk } from '../keys/publicKey.js';
import { refsWithMessage } from '../provision/message.store.js';
import { refsWithPush } from '../push/push.store.js';
import type { OpenWork } from '../retention/candidates.js';
import { signToken } from '../signing/sign.js';
import { refsInPackages } from '../transfer/package/package.store.js';
import { ERASURE_CERTIFICATE_TYPE } from './certificate.js';
import type { Certifier, ErasureContext } from './context.js';

/**
 * What keeps numbers from being erased beside holds and retention: a push about them that is under way, a message that
 * gives something about them and of which nobody knows what became, and a package with them that is on its way out.
 */
export function openWorkOf({ database }: Pick<VaultContext, 'database'>): OpenWork {
  return async (refs) =>
    new Set([
      ...(await refsWithPush(database, refs)),
      ...(await refsWithMessage(database, refs)),
      ...(await refsInPackages(database, refs)),
    ]);
}

/**
 * What one erasure needs of the vault that runs.
 * @throws KuramoriError VAULT_SEALED; CONFLICT when the key that signs was used as often as it may be
 */
export function erasureContextOf(context: VaultContext): ErasureContext {
  const { database, shred, audit, clock, municipality, erasureJournal, seal } = context;
  return {
    database,
    shred,
    audit,
    clock,
    municipality,
    journal: erasureJournal.journal,
    certifier: certifierOf(seal.keyRing),
    openWork: openWorkOf(context),
    shredBackupDays: SHRED_BACKUP_DAYS_MAX,
  };
}

/** Signs with the key that is active now: one key for the length of one erasure, whatever is rotated meanwhile. */
function certifierOf(keyRing: KeyRing): Certifier {
  const key = keyRing.active('certificate');
  return {
    publicJwk: { ...publishedJwk(key.publicJwk, key.keyId) },
    // As a promise, so that a vault that was sealed meanwhile rejects and does not throw.
    sign: async (claims) => signToken(key, ERASURE_CERTIFICATE_TYPE, claims).toString('ascii'),
  };
}
