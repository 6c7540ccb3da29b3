import { setTimeout as sleep } from 'node:timers/promises';
import { KEY_CLASSES } from '../../../schema/vault/key.js';
import { instantText, type Clock } from '../../kernel/clock.js';
import type { Database, Session } from '../../kernel/database/database.js';
import { isKuramoriError, KuramoriError } from '../../kernel/errors.js';
import { SEAL_PAUSE_MS, SEAL_PAUSE_MS_MAX } from '../../kernel/limits.js';
import { newKey } from '../cipher/envelope.js';
import { wipe } from '../cipher/wipe.js';
import { createFirstKeys } from '../keys/first.js';
import { KeyRing } from '../keys/keyRing.js';
import { checkValue, isRootKey } from './check.js';
import type { JsonEnvelope, KeyService } from './keyService.js';
import { notOpened, vaultSealed } from './refusal.js';
import { alreadyInitialised, insertSeal, readSeal, replaceEnvelope, type SealRow } from './store.js';

/** `uninitialised`: there is no root key yet. `sealed`: it is not in memory. */
export type SealState = 'uninitialised' | 'sealed' | 'open';

export interface SealParts {
  readonly database: Database;
  readonly clock: Clock;
  /** 全国地方公共団体コード, 6 digits. */
  readonly municipality: string;
  /** What this vault is for: keys that were made for something else are not loaded (handbook 15 §8.2). */
  readonly environment?: string;
  /** How a pause of so many milliseconds is made. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

/**
 * 封印: the state of a vault. It starts sealed; whoever has the secret of its key service opens it. The root key and
 * all keys under it are in memory only while it is open.
 */
export class VaultSeal {
  readonly #parts: SealParts;
  #initialised: boolean;
  #ring: KeyRing | undefined;
  #failures = 0;
  #busy = false;
  /** Raised by `seal`, so that an opening that is under way does not undo it. */
  #sealings = 0;

  private constructor(parts: SealParts, initialised: boolean) {
    this.#parts = parts;
    this.#initialised = initialised;
  }

  /**
   * The seal of a database, not open.
   * @throws KuramoriError CONFIGURATION_INVALID when its keys were made for another environment
   */
  static async load(parts: SealParts): Promise<VaultSeal> {
    const row = await readSeal(parts.database);
    if (row !== undefined) assertEnvironment(row, parts);
    return new VaultSeal(parts, row !== undefined);
  }

  get state(): SealState {
    if (this.#ring !== undefined) return 'open';
    return this.#initialised ? 'sealed' : 'uninitialised';
  }

  /** Failed attempts since the last one that succeeded. */
  get failures(): number {
    return this.#failures;
  }

  /** @throws KuramoriError VAULT_SEALED */
  get keyRing(): KeyRing {
    if (this.#ring === undefined) throw vaultSealed();
    return this.#ring;
  }

  /**
   * Makes the root key, puts it under the service, and makes version 1 of every class of keys: all or nothing. The
   * vault is sealed afterwards.
   * @throws KuramoriError CONFLICT when it has been done; what the service says
   */
  async initialise(service: KeyService): Promise<void> {
    const { database, clock, municipality, environment } = this.#parts;
    if ((await readSeal(database)) !== undefined) throw alreadyInitialised();
    const rootKey = newKey();
    try {
      const envelope = await protectProven(service, rootKey);
      const check = Buffer.from(checkValue(rootKey));
      const row = { method: service.name, envelope, check, environment };
      await database.transaction('seal.initialise', async (tx) => {
        await insertSeal(tx, row, instantText(clock));
        await createFirstKeys(tx, { rootKey, municipality }, KEY_CLASSES, instantText(clock));
      });
      this.#initialised = true;
    } finally {
      wipe(rootKey);
    }
  }

  /**
   * Opens the vault. Classes of keys that are new in this release get their first version.
   * @throws KuramoriError UNAUTHENTICATED after a pause when the secret is wrong, whatever was wrong about it;
   *   TOO_MANY_REQUESTS while another attempt is under way; CONFLICT when it is open or not initialised;
   *   CONFIGURATION_INVALID when the service is another one or cannot be used; INTEGRITY_FAILURE when a key under the
   *   right root key does not open; VAULT_SEALED when it was sealed meanwhile
   */
  async open(service: KeyService): Promise<void> {
    await this.#alone(async () => {
      if (this.#ring !== undefined) throw new KuramoriError('CONFLICT', 'The vault is open already.');
      const sealings = this.#sealings;
      const rootKey = await this.#recover(service);
      const ring = await this.#ringOf(rootKey);
      if (sealings !== this.#sealings) {
        ring.wipe();
        throw vaultSealed();
      }
      this.#ring = ring;
    });
  }

  /** Fills every key with zeros. What needs one from now on is refused with VAULT_SEALED. */
  seal(): void {
    this.#sealings += 1;
    this.#ring?.wipe();
    this.#ring = undefined;
  }

  /**
   * Puts the same root key under another service or another secret. No key changes, and the state stays what it is.
   * @param current proves that the caller could open the vault
   * @param beforeCommit what commits with it, such as its entry in the log
   * @throws KuramoriError as `open`
   */
  async reprotect(
    current: KeyService,
    next: KeyService,
    beforeCommit?: (tx: Session) => Promise<unknown>,
  ): Promise<void> {
    await this.#alone(async () => {
      const rootKey = await this.#recover(current);
      try {
        const envelope = await protectProven(next, rootKey);
        await this.#parts.database.transaction('seal.reprotect', async (tx) => {
          const { environment } = this.#parts;
          await replaceEnvelope(tx, { method: next.name, envelope, environment });
          await beforeCommit?.(tx);
        });
      } finally {
        wipe(rootKey);
      }
    });
  }

  /** Attempts come one at a time, pauses included: more of them at once would be more guesses. */
  async #alone(work: () => Promise<void>): Promise<void> {
    if (this.#busy) {
      throw new KuramoriError(
        'TOO_MANY_REQUESTS',
        'Another attempt to open the vault is under way. Wait for its end.',
      );
    }
    this.#busy = true;
    try {
      await work();
    } finally {
      this.#busy = false;
    }
  }

  /** The root key, proved before anything else is done with it. The caller wipes it. */
  async #recover(service: KeyService): Promise<Uint8Array> {
    const row = await readSeal(this.#parts.database);
    if (row === undefined) {
      throw new KuramoriError('CONFLICT', 'The vault is not initialised. Run kuramori vault init first.');
    }
    this.#initialised = true;
    assertEnvironment(row, this.#parts);
    if (row.method !== service.name) {
      throw new KuramoriError(
        'CONFIGURATION_INVALID',
        'The vault is sealed by another method than this one.',
      );
    }
    const rootKey = await provenRootKey(service, row);
    if (rootKey === undefined) {
      this.#failures += 1;
      const pause = this.#parts.pause ?? sleep;
      await pause(pauseAfter(this.#failures));
      throw notOpened();
    }
    this.#failures = 0;
    return rootKey;
  }

  /** Takes the root key over, and wipes it when the ring cannot be made. */
  async #ringOf(rootKey: Uint8Array): Promise<KeyRing> {
    const { database, clock, municipality } = this.#parts;
    const wrapping = { rootKey, municipality };
    try {
      await database.transaction('seal.newClasses', (tx) =>
        createFirstKeys(tx, wrapping, KEY_CLASSES, instantText(clock)),
      );
      return await KeyRing.load(database, wrapping);
    } catch (error) {
      wipe(rootKey);
      throw error;
    }
  }
}

/** Real numbers are never opened where something is tried, nor those of a trial where it counts (handbook 11 SM-33). */
function assertEnvironment({ environment: made }: SealRow, { environment: here }: SealParts): void {
  if (made === undefined || here === undefined || made === here) return;
  throw new KuramoriError(
    'CONFIGURATION_INVALID',
    'The keys of this database were made for another environment than KURAMORI_VAULT_ENVIRONMENT says.' +
      ' Look at both.',
  );
}

/** Doubled with each failure, up to a bound: milliseconds. */
export function pauseAfter(failures: number): number {
  return Math.min(SEAL_PAUSE_MS * 2 ** (failures - 1), SEAL_PAUSE_MS_MAX);
}

/** Nothing is stored that has not been opened again. */
async function protectProven(service: KeyService, rootKey: Uint8Array): Promise<JsonEnvelope> {
  const envelope = await service.protect(rootKey);
  const again = await service.recover(envelope);
  const same = isRootKey(again, checkValue(rootKey));
  wipe(again);
  if (same) return envelope;
  throw new KuramoriError('CONFIGURATION_INVALID', 'The key service did not give back what it was given.');
}

/** Undefined when the secret is wrong, whatever was wrong about it; what the service itself lacks is thrown. */
async function provenRootKey(service: KeyService, row: SealRow): Promise<Uint8Array | undefined> {
  try {
    const rootKey = await service.recover(row.envelope);
    if (isRootKey(rootKey, row.check)) return rootKey;
    wipe(rootKey);
    return undefined;
  } catch (error) {
    if (isKuramoriError(error, 'INTEGRITY_FAILURE') || isKuramoriError(error, 'UNAUTHENTICATED'))
      return undefined;
    throw error;
  }
}
