import type { Argon2Cost } from '../cipher/argon2.js';
import { openWithPassphrase, sealWithPassphrase } from '../cipher/passphrase.js';
import { bytesOf, numberOf, toMember } from './envelope.js';
import type { KeyService } from './keyService.js';

/**
 * The root key under a passphrase that people know (argon2id; handbook 14 §1).
 * @param passphrase UTF-8; wiping it stays with the caller, when the service is no longer needed
 * @param cost of a new envelope; an old one opens with what it cost when it was made
 */
export function passphraseService(passphrase: Uint8Array, cost?: Argon2Cost): KeyService {
  return {
    name: 'passphrase',
    protect: async (rootKey) => {
      const { salt, nonce, ciphertext, ...form } = await sealWithPassphrase(rootKey, passphrase, cost);
      return { ...form, salt: toMember(salt), nonce: toMember(nonce), ciphertext: toMember(ciphertext) };
    },
    recover: async (envelope) =>
      openWithPassphrase(
        {
          v: numberOf(envelope, 'v'),
          memoryKib: numberOf(envelope, 'memoryKib'),
          passes: numberOf(envelope, 'passes'),
          lanes: numberOf(envelope, 'lanes'),
          salt: bytesOf(envelope, 'salt'),
          nonce: bytesOf(envelope, 'nonce'),
          ciphertext: bytesOf(envelope, 'ciphertext'),
        },
        passphrase,
      ),
  };
}
