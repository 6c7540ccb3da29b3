import { createPublicKey, sign } from 'node:crypto';
import { keyFingerprint } from '../../../protocol/transfer/keys.js';
import type { AnnouncedKey } from '../../../protocol/transfer/manifest.js';
import type { Signer } from '../../../protocol/transfer/message.js';
import type { VaultContext } from '../../context.js';

/**
 * Signs as the municipality towards an organization, with the transfer key (移管署名鍵) that is active now. Ask for it at
 * each use, so that a sealed vault or a new version is seen.
 * @throws KuramoriError VAULT_SEALED; CONFLICT when the key was used as often as it may be
 */
export function transferSigner({ seal }: Pick<VaultContext, 'seal'>): Signer {
  const { publicJwk } = seal.keyRing.active('transfer', 0);
  return {
    publicKey: createPublicKey({ key: { ...publicJwk }, format: 'jwk' }),
    sign: (bytes) => sign(null, bytes, seal.keyRing.active('transfer').privateKey),
  };
}

/**
 * The transfer key that waits for its rotation, or none. Packages announce it while it waits, so that the last one of
 * the old key has (handbook 13 §5).
 * @throws KuramoriError VAULT_SEALED
 */
export function nextTransferKey({ seal }: Pick<VaultContext, 'seal'>): AnnouncedKey | undefined {
  // The newest is the active one, or waits to be it.
  const [newest] = seal.keyRing.verifying('transfer').keys;
  if (newest === undefined || newest.kid === seal.keyRing.active('transfer', 0).keyId) return undefined;
  const publicKey = createPublicKey({ key: { ...newest }, format: 'jwk' });
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    fingerprint: keyFingerprint(publicKey),
  };
}
