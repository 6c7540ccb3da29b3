import { generateKeyPairSync } from 'node:crypto';
import { newKey } from '../cipher/envelope.js';
import { keyIdOf, wrapKey } from '../cipher/keyWrap.js';
import { wipe } from '../cipher/wipe.js';
import { isPairClass, type KeyClass, type PairClass } from './key.js';
import { storedPublicKey, type PublicJwk } from './publicKey.js';
import type { NewKeyRow } from './store.js';

/** What wraps the keys of a vault. */
export interface KeyWrapping {
  /** 32 bytes. */
  readonly rootKey: Uint8Array;
  /** 全国地方公共団体コード: a key of one municipality does not open in the vault of another. */
  readonly municipality: string;
}

/**
 * Makes a key and wraps it under the root key; nothing of it stays in memory.
 * @param createdAt ISO instant
 */
export function createKeyRow(
  { rootKey, municipality }: KeyWrapping,
  keyClass: KeyClass,
  version: number,
  createdAt: string,
): NewKeyRow {
  const keyId = keyIdOf(keyClass, version);
  const { material, publicJwk } = newMaterial(keyClass);
  try {
    return {
      keyId,
      keyClass,
      version,
      ...wrapKey(material, { municipality, keyClass, version }, rootKey),
      publicJwk: publicJwk === null ? null : storedPublicKey(publicJwk, keyId, rootKey),
      createdAt,
    };
  } finally {
    wipe(material);
  }
}

interface Material {
  /** 32 bytes, or a private key as PKCS #8. */
  readonly material: Uint8Array;
  readonly publicJwk: PublicJwk | null;
}

function newMaterial(keyClass: KeyClass): Material {
  if (!isPairClass(keyClass)) return { material: newKey(), publicJwk: null };
  const { publicKey, privateKey } = newPair(keyClass);
  return {
    material: privateKey.export({ format: 'der', type: 'pkcs8' }),
    publicJwk: publicKey.export({ format: 'jwk' }) as unknown as PublicJwk,
  };
}

const ED25519_CLASSES: ReadonlySet<PairClass> = new Set<PairClass>([
  'certificate',
  'intermediary',
  'transfer',
]);

function newPair(keyClass: PairClass) {
  if (keyClass === 'result') return generateKeyPairSync('x25519');
  return ED25519_CLASSES.has(keyClass)
    ? generateKeyPairSync('ed25519')
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });
}
