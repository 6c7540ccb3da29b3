import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import type { Clock } from '../../kernel/clock.js';
import type { Store } from './store/store.js';

/** A key with which the server signs its answers. */
interface KeptKey {
  readonly keyId: string;
  readonly since: string;
  readonly pem: string;
}

/** What is published of a key: a JWK (RFC 8037), and since when it has signed. */
export interface PublicServerKey {
  readonly kid: string;
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly since: string;
}

const KEYS = 'serverKey';

/** The server's own signing keys, newest last. Former ones stay published, for answers that they have signed. */
export class ServerKeys {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #file: string;

  /** @param file where the public keys are written, as a JWK set, for those who check answers */
  constructor(store: Store, clock: Clock, file: string) {
    this.#store = store;
    this.#clock = clock;
    this.#file = file;
  }

  /** Makes the first key where there is none, and writes the public ones down. */
  async open(): Promise<void> {
    if (this.#store.table(KEYS).size === 0) await this.rotate();
    else await this.#publish();
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
    await this.#publish();
  }

  /** The key that signs. */
  current(): { readonly keyId: string; readonly since: string; readonly privateKey: KeyObject } {
    const { keyId, since, pem } = [...this.#kept()].at(-1)!;
    return { keyId, since, privateKey: createPrivateKey(pem) };
  }

  published(): PublicServerKey[] {
    return [...this.#kept()].map(({ keyId, since, pem }) => ({
      kid: keyId,
      kty: 'OKP',
      crv: 'Ed25519',
      x: String(createPrivateKey(pem).export({ format: 'jwk' }).x),
      since,
    }));
  }

  async #publish(): Promise<void> {
    await writeFile(`${this.#file}.new`, JSON.stringify({ keys: this.published() }));
    await rename(`${this.#file}.new`, this.#file);
  }

  #kept(): Iterable<KeptKey> {
    return this.#store.table<KeptKey>(KEYS).values();
  }
}
