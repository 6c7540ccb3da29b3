import { createPublicKey, sign } from 'node:crypto';
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
