import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { KuramoriError } from '../../kernel/errors.js';
import { canonicalBytes } from '../../kernel/canonical.js';
import { newKey } from '../cipher/envelope.js';
import { AES256_KEY_BYTES, openGcm, sealGcm } from '../cipher/gcm.js';
import { integrityFailure } from '../cipher/integrity.js';
import { wipe } from '../cipher/wipe.js';
import { bytesOf, numberOf, toMember } from './envelope.js';
import type { KeyService } from './keyService.js';

const NAME = 'file';
const VERSION = 1;
const ASSOCIATED = canonicalBytes({ v: VERSION, method: NAME });
/** Any right of the group or of others. */
const OTHERS_RIGHTS = 0o077;

/**
 * The root key under a key of 32 bytes in a file. For demonstrations and tests: whoever can copy the disk has both.
 * @param path of a regular file that only its owner may read
 */
export function fileKeyService(path: string): KeyService {
  return {
    name: NAME,
    protect: (rootKey) =>
      withFileKey(path, (key) => {
        const { nonce, ciphertext } = sealGcm(key, rootKey, ASSOCIATED);
        return { v: VERSION, nonce: toMember(nonce), ciphertext: toMember(ciphertext) };
      }),
    recover: (envelope) =>
      withFileKey(path, (key) => {
        if (numberOf(envelope, 'v') !== VERSION) throw integrityFailure();
        const sealed = { nonce: bytesOf(envelope, 'nonce'), ciphertext: bytesOf(envelope, 'ciphertext') };
        return openGcm(key, sealed, ASSOCIATED);
      }),
  };
}

/**
 * Makes the file with a new key, mode 600.
 * @throws KuramoriError CONFIGURATION_INVALID when it is there already or cannot be made
 */
export async function createKeyFile(path: string): Promise<void> {
  const key = newKey();
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(key);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw unusable('cannot be made there; a key that is there is never replaced', cause);
  } finally {
    wipe(key);
  }
}

async function withFileKey<Result>(path: string, use: (key: Uint8Array) => Result): Promise<Result> {
  const key = await readKeyFile(path);
  try {
    return use(key);
  } finally {
    wipe(key);
  }
}

async function readKeyFile(path: string): Promise<Uint8Array> {
  // Rights are those of the file that was opened, not of a name that an adversary may meanwhile have moved.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((cause: unknown) => {
    throw unusable('cannot be read, or is a link', cause);
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw unusable('is not a regular file');
    if ((stat.mode & OTHERS_RIGHTS) !== 0)
      throw unusable('may be read by others than its owner: set mode 600');
    if (stat.size !== AES256_KEY_BYTES) throw unusable(`does not hold ${AES256_KEY_BYTES} bytes`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function unusable(why: string, cause?: unknown): KuramoriError {
  return new KuramoriError('CONFIGURATION_INVALID', `The key file of the vault ${why}.`, {}, { cause });
}
