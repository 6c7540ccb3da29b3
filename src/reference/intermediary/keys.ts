import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Clock } from '../../kernel/clock.js';
import type { Store } from './store/store.js';

/** A key with which the server signs its answers. */
interface KeptKey {
  readonly keyId: string;
  readonly since: string;
  readonly pem: string;
}

/** What is published of a key. */
export interface PublicServerKey {
  readonly keyId: string;
  readonly since: string;
  /** The public Ed25519 key (RFC 8037), base64url. */
  readonly x: string;
}

const KEYS = 'serverKey';

/** The server's own signing keys, newest last. Former ones stay published, for answers that they have signed. */
export class ServerKeys {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Makes the first key where there is none. */
  async open(): Promise<void> {
    if (this.#store.table(KEYS).size === 0) await this.rotate();
  }

  /** Makes a key that signs from now on. */
  async rotate(): Promise<void> {
    const { privateKey } = generateKeyPairSync('ed25519');
    const key: KeptKey = {
      keyId: `IK-${this.#store.table(KEYS).size + 1}`,
      since: this.#clock.now().toString(),
      pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
    await this.#store.commit([[KEYS, key.keyId, key]]);
  }

  /** The key that signs. */
  current(): { readonly keyId: string; readonly since: string; readonly privateKey: KeyObject } {
    const { keyId, since, pem } = [...this.#kept()].at(-1)!;
    return { keyId, since, privateKey: createPrivateKey(pem) };
  }

  published(): PublicServerKey[] {
    return [...this.#kept()].map(({ keyId, since, pem }) => ({
      keyId,
      since,
      x: String(createPrivateKey(pem).export({ format: 'jwk' }).x),
    }));
  }

  #kept(): Iterable<KeptKey> {
    return this.#store.table<KeptKey>(KEYS).values();
  }
}
