import { createPrivateKey, type KeyObject } from 'node:crypto';
import { KEY_CLASSES, type KEY_STATES } from '../../../schema/vault/key.js';
import { integrityFailure } from '../cipher/integrity.js';
import { wipe } from '../cipher/wipe.js';
import { vaultSealed } from '../seal/refusal.js';
import type { PublicJwk } from './publicKey.js';

/** 鍵の種別: one purpose and one algorithm each. */
export type KeyClass = (typeof KEY_CLASSES)[number];
/** 鍵の状態 (NIST SP 800-57). */
export type KeyState = (typeof KEY_STATES)[number];

const PAIR_CLASSES = ['input', 'certificate', 'document', 'intermediary', 'transfer', 'result'] as const;
/** Classes of key pairs; all others are 32 secret bytes. */
export type PairClass = (typeof PAIR_CLASSES)[number];

/** What a key of a class is in memory. */
export type KeyOf<Class extends KeyClass> = Class extends PairClass ? KeyPair : SecretKey;

export function isPairClass(keyClass: KeyClass): keyClass is PairClass {
  return PAIR_CLASSES.some((each) => each === keyClass);
}

/**
 * The class and version that a key's id names.
 * @throws KuramoriError INTEGRITY_FAILURE when no class of ours has such an id
 */
export function keyNameOf(keyId: string): { readonly keyClass: KeyClass; readonly version: number } {
  const [, name, version] = /^([a-z]{1,20})-([1-9][0-9]{0,8})$/.exec(keyId) ?? [];
  const keyClass = KEY_CLASSES.find((each) => each === name);
  if (keyClass === undefined) throw integrityFailure();
  return { keyClass, version: Number(version) };
}

/** Which key, for the envelope that it makes. */
interface KeyName {
  readonly keyId: string;
  readonly keyClass: KeyClass;
  readonly version: number;
}

/** A key of 32 bytes. Serves as the `KeyEncryptionKey` of the cipher. However it is printed, no bytes come out. */
export class SecretKey implements KeyName {
  readonly keyId: string;
  readonly keyClass: KeyClass;
  readonly version: number;
  #bytes: Uint8Array | undefined;

  constructor(name: KeyName, bytes: Uint8Array) {
    [this.keyId, this.keyClass, this.version] = [name.keyId, name.keyClass, name.version];
    this.#bytes = bytes;
  }

  get kekVersion(): number {
    return this.version;
  }

  /** @throws KuramoriError VAULT_SEALED once the key was wiped */
  get key(): Uint8Array {
    if (this.#bytes === undefined) throw vaultSealed();
    return this.#bytes;
  }

  wipe(): void {
    if (this.#bytes !== undefined) wipe(this.#bytes);
    this.#bytes = undefined;
  }
}

/** A key pair: P-256 of `input` and `document`, X25519 of `result`, Ed25519 of `certificate` and `transfer`. */
export class KeyPair implements KeyName {
  readonly keyId: string;
  readonly keyClass: KeyClass;
  readonly version: number;
  /** RFC 7638 thumbprint of a P-256 key; the key's id of any other. */
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  #pkcs8: Uint8Array | undefined;
  #privateKey: KeyObject | undefined;

  constructor(name: KeyName, kid: string, publicJwk: PublicJwk, pkcs8: Uint8Array) {
    [this.keyId, this.keyClass, this.version] = [name.keyId, name.keyClass, name.version];
    [this.kid, this.publicJwk, this.#pkcs8] = [kid, publicJwk, pkcs8];
  }

  /** Do not keep it: OpenSSL wipes it when nobody holds it. @throws KuramoriError VAULT_SEALED once it was wiped */
  get privateKey(): KeyObject {
    if (this.#pkcs8 === undefined) throw vaultSealed();
    this.#privateKey ??= createPrivateKey({ key: this.#pkcs8 as Buffer, format: 'der', type: 'pkcs8' });
    return this.#privateKey;
  }

  wipe(): void {
    if (this.#pkcs8 !== undefined) wipe(this.#pkcs8);
    [this.#pkcs8, this.#privateKey] = [undefined, undefined];
  }
}
