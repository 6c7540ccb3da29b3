import type { Database, Session } from '../../kernel/database/database.js';
import { integrityFailure } from '../cipher/integrity.js';
import { wipe } from '../cipher/wipe.js';
import { vaultSealed } from '../seal/refusal.js';
import { createKeyRow, type KeyWrapping } from './creation.js';
import { keyNameOf, type KeyClass, type KeyOf, type KeyPair, type SecretKey } from './key.js';
import { loadKey, publicKeyOf } from './loading.js';
import { publishedJwk, type PublishedJwks } from './publicKey.js';
import { opens } from './states.js';
import {
  holdActiveKey,
  minVersionOf,
  readRegister,
  type KeyRegister,
  type KeyRow,
  type NewKeyRow,
} from './store.js';
import { UseCounter } from './useCounter.js';

interface Entry {
  readonly row: KeyRow;
  /** Absent when the key opens nothing: pre-active, retired or destroyed. */
  readonly key: SecretKey | KeyPair | undefined;
}

/**
 * 鍵束: the keys of an opened vault. It is the only place where they are in the clear, and `wipe` ends them all.
 * Never keep a key: ask for it at each use, so that a sealed vault or a new version is seen.
 */
export class KeyRing {
  readonly #database: Database;
  readonly #wrapping: KeyWrapping;
  readonly #uses: UseCounter;
  #entries = new Map<string, Entry>();
  #reloading: Promise<unknown> = Promise.resolve();
  #wiped = false;

  private constructor(database: Database, wrapping: KeyWrapping) {
    this.#database = database;
    this.#wrapping = wrapping;
    this.#uses = new UseCounter(database);
  }

  /**
   * Opens every key.
   * @param wrapping its root key belongs to the ring from now on, which wipes it
   * @throws KuramoriError INTEGRITY_FAILURE when a key does not open where it lies
   */
  static async load(database: Database, wrapping: KeyWrapping): Promise<KeyRing> {
    const ring = new KeyRing(database, wrapping);
    try {
      await ring.reload();
      return ring;
    } catch (error) {
      ring.wipe();
      throw error;
    }
  }

  /**
   * The key that seals now. Counts as many uses of it. Inside a transaction that writes what it seals, take `activeIn`.
   * @param uses at most half of KEY_USES_STEP
   * @throws KuramoriError VAULT_SEALED; CONFLICT when the key was used as often as it may be; DATABASE_UNAVAILABLE
   *   when its uses cannot be noted
   */
  active<Class extends KeyClass>(keyClass: Class, uses = 1): KeyOf<Class> {
    const { row, key } = this.#activeEntry(keyClass);
    this.#uses.take(row.keyId, uses);
    return key as KeyOf<Class>;
  }

  /**
   * The key that seals now, and stays it until the transaction ends: a rotation waits. Without this a record could be
   * written under a key from which all others have already been moved away.
   * @throws KuramoriError as `active`
   */
  async activeIn<Class extends KeyClass>(tx: Session, keyClass: Class, uses = 1): Promise<KeyOf<Class>> {
    this.#activeEntry(keyClass);
    const keyId = await holdActiveKey(tx, keyClass);
    if (keyId === undefined) throw integrityFailure();
    // Somebody else rotated: another process of the same vault, or a call that has not come back yet.
    if (this.#activeEntry(keyClass).row.keyId !== keyId) await this.reload();
    await this.#uses.ensure(keyId, uses);
    return this.active(keyClass, uses);
  }

  /**
   * The key of an envelope.
   * @throws KuramoriError VAULT_SEALED; INTEGRITY_FAILURE when it is unknown, retired or destroyed
   */
  of<Class extends KeyClass>(keyClass: Class, version: number): KeyOf<Class> {
    const key = this.#all().get(`${keyClass}-${version}`)?.key;
    if (key === undefined) throw integrityFailure();
    return key as KeyOf<Class>;
  }

  /** Whether the ring has a version that opens. @throws KuramoriError VAULT_SEALED */
  opens(keyClass: KeyClass, version: number): boolean {
    return this.#all().get(`${keyClass}-${version}`)?.key !== undefined;
  }

  /** The key of an envelope that holds nothing but the key's id. @throws KuramoriError as `of` */
  named<Class extends KeyClass>(keyClass: Class, keyId: string): KeyOf<Class> {
    const name = keyNameOf(keyId);
    if (name.keyClass !== keyClass) throw integrityFailure();
    return this.of(keyClass, name.version);
  }

  /**
   * Every key of a class that still opens, newest first. A number is looked for under all keys of the class `index`.
   * @throws KuramoriError VAULT_SEALED
   */
  all<Class extends KeyClass>(keyClass: Class): KeyOf<Class>[] {
    return this.#ofClass(keyClass).flatMap(({ key }) => (key === undefined ? [] : [key as KeyOf<Class>]));
  }

  /**
   * As `all`, without keys that others know: for what comes from outside, and can be sealed anew.
   * @throws KuramoriError VAULT_SEALED
   */
  uncompromised<Class extends KeyClass>(keyClass: Class): KeyOf<Class>[] {
    const entries = this.#ofClass(keyClass).filter(({ row }) => row.state !== 'compromised');
    return entries.flatMap(({ key }) => (key === undefined ? [] : [key as KeyOf<Class>]));
  }

  /** The public key to which clients seal, as a JWK set (RFC 7517). @throws KuramoriError VAULT_SEALED */
  published(): PublishedJwks {
    const { keyId, publicJwk } = this.#activeEntry('input').key as KeyPair;
    return { keys: [publishedJwk(publicJwk, keyId)] };
  }

  /**
   * Every public key that verifies what the vault signs, newest first: also of keys whose private half is destroyed,
   * and of the next one while it waits, so that front ends have it before it signs. A compromised one proves nothing
   * any more.
   * @param keyClass what was signed: by the vault for its own, or packages for an organization
   * @throws KuramoriError VAULT_SEALED
   */
  verifying(keyClass: 'certificate' | 'intermediary' | 'transfer' = 'certificate'): PublishedJwks {
    const rows = this.#ofClass(keyClass).map(({ row }) => row);
    return {
      keys: rows
        .filter(
          ({ state, activatedAt }) =>
            state === 'preActive' || (activatedAt !== null && state !== 'compromised'),
        )
        .map((row) => publishedJwk(publicKeyOf(row, this.#wrapping.rootKey), row.keyId)),
    };
  }

  /** A new key of a class under the root key, for its row. @throws KuramoriError VAULT_SEALED */
  create(keyClass: KeyClass, version: number, createdAt: string): NewKeyRow {
    this.#assertOpen();
    return createKeyRow(this.#wrapping, keyClass, version, createdAt);
  }

  /** Reads the register again and opens what is new. One after the other, so that what was read last counts. */
  async reload(): Promise<void> {
    const before = this.#reloading;
    const reloading = before.then(() => this.#reloadNow());
    this.#reloading = reloading.catch(() => undefined);
    await reloading;
  }

  async #reloadNow(): Promise<void> {
    this.#accept(await readRegister(this.#database));
    const active = [...this.#entries.values()].filter(({ row }) => row.state === 'active');
    // A key at its bound still opens; only sealing with it is refused.
    for (const { row } of active) await this.#uses.ensureUnlessExhausted(row.keyId);
  }

  /** Fills every key with zeros, the root key too. */
  wipe(): void {
    this.#wiped = true;
    wipe(this.#wrapping.rootKey);
    for (const { key } of this.#entries.values()) key?.wipe();
    this.#entries.clear();
  }

  #accept(register: KeyRegister): void {
    this.#assertOpen();
    const before = this.#entries;
    const loaded = new Map<string, Entry>();
    for (const row of register.keys) {
      const opening = opens(row.state) && row.version >= minVersionOf(register, row.keyClass);
      const key = opening ? (before.get(row.keyId)?.key ?? loadKey(row, this.#wrapping)) : undefined;
      loaded.set(row.keyId, { row, key });
    }
    this.#entries = loaded;
    for (const [keyId, { key }] of before) if (loaded.get(keyId)?.key !== key) key?.wipe();
  }

  #activeEntry(keyClass: KeyClass): Entry {
    const entry = this.#ofClass(keyClass).find(({ row }) => row.state === 'active');
    if (entry?.key === undefined) throw integrityFailure();
    return entry;
  }

  #ofClass(keyClass: KeyClass): Entry[] {
    return [...this.#all().values()].filter(({ row }) => row.keyClass === keyClass);
  }

  #all(): ReadonlyMap<string, Entry> {
    this.#assertOpen();
    return this.#entries;
  }

  #assertOpen(): void {
    if (this.#wiped) throw vaultSealed();
  }
}
