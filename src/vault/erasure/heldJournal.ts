import type { Session } from '../../kernel/database/database.js';
import { isKuramoriError } from '../../kernel/errors.js';
import { vaultSealed } from '../seal/refusal.js';
import { ErasureJournal } from './journal.js';
import { rebuildJournal, type RebuildDecision } from './rebuild.js';

/**
 * The erasure journal of a vault: opened anew each time the vault is, because its file may have been put back since.
 */
export class HeldJournal {
  readonly #path: string;
  readonly #municipality: string;
  #journal: ErasureJournal | undefined;

  /** @param path of the journal's file, outside the databases and their backups */
  constructor(path: string, municipality: string) {
    this.#path = path;
    this.#municipality = municipality;
  }

  /**
   * Makes the journal of a new vault. One that is there already, of the same municipality, stays: whom it erased stays
   * erased.
   * @throws KuramoriError CONFIGURATION_INVALID, INTEGRITY_FAILURE: what is there is another's, or damaged
   */
  async create(): Promise<void> {
    try {
      await ErasureJournal.create(this.#path, this.#municipality);
    } catch (error) {
      if (!isKuramoriError(error, 'CONFLICT')) throw error;
      await (await ErasureJournal.open(this.#path, this.#municipality)).close();
    }
  }

  /**
   * Opens what the file holds now; what was open before is closed.
   * @throws KuramoriError CONFIGURATION_INVALID, INTEGRITY_FAILURE: the vault must not open
   */
  async reopen(): Promise<ErasureJournal> {
    await this.close();
    this.#journal = await ErasureJournal.open(this.#path, this.#municipality);
    return this.#journal;
  }

  /**
   * Makes a journal that was lost anew from the table; it is open afterwards only when the vault is opened next.
   * @returns erasures that it holds
   * @throws KuramoriError CONFLICT when there is a file
   */
  async rebuild(database: Session, decision: RebuildDecision): Promise<number> {
    await this.close();
    return rebuildJournal({ database, municipality: this.#municipality, decision }, this.#path);
  }

  /** The journal that is open. @throws KuramoriError VAULT_SEALED when the vault was never opened */
  get journal(): ErasureJournal {
    if (this.#journal === undefined) throw vaultSealed();
    return this.#journal;
  }

  async close(): Promise<void> {
    const journal = this.#journal;
    this.#journal = undefined;
    await journal?.close();
  }
}
