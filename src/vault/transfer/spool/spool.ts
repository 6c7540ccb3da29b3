import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { instantText } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import type { ManifestFile } from '../../../protocol/transfer/manifest.js';
import { newKey } from '../../cipher/envelope.js';
import { wipe } from '../../cipher/wipe.js';
import type { VaultContext } from '../../context.js';
import { unwrapSpoolKey, wrapSpoolKey } from '../spoolKey.js';
import { deleteSpool, replaceSpool, spoolIds, type SpoolEntry, type SpoolOwnerKind } from './spool.store.js';
import { readSpool, SpoolWriter } from './spoolFile.js';

type SpoolContext = Pick<VaultContext, 'database' | 'seal' | 'clock' | 'municipality'>;

/** Whose a file in the spool is. */
export interface SpoolOwner {
  readonly ownerKind: SpoolOwnerKind;
  readonly owner: string;
}

/**
 * A file in the spool whose data key is in memory alone: without `keepIn` nobody opens it once the process has ended.
 */
export class SpoolingFile {
  readonly #spoolId: string;
  readonly #path: string;
  readonly #dataKey: Uint8Array;
  readonly #writer: SpoolWriter;
  #bytes = 0;

  private constructor(spoolId: string, path: string, dataKey: Uint8Array, writer: SpoolWriter) {
    [this.#spoolId, this.#path, this.#dataKey, this.#writer] = [spoolId, path, dataKey, writer];
  }

  static async create(folder: string): Promise<SpoolingFile> {
    const [spoolId, dataKey] = [randomUUID(), newKey()];
    const path = join(folder, spoolId);
    return new SpoolingFile(spoolId, path, dataKey, await SpoolWriter.create(path, dataKey));
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#bytes += bytes.length;
    await this.#writer.write(bytes);
  }

  /** Nothing more is written: it is on the disk when this resolves. */
  end(): Promise<void> {
    return this.#writer.end();
  }

  /** What was written, once it has ended. */
  read(): AsyncGenerator<Uint8Array> {
    return readSpool(this.#path, this.#dataKey, this.#bytes);
  }

  /**
   * Keeps an ended file: wraps its data key into its row.
   * @param file what was counted while the bytes passed
   * @returns the id of a file of the same name that it replaces
   */
  async keepIn(
    tx: Session,
    { seal, municipality, clock }: SpoolContext,
    whose: SpoolOwner,
    file: ManifestFile,
  ): Promise<string | undefined> {
    const spoolId = this.#spoolId;
    const key = await seal.keyRing.activeIn(tx, 'file');
    const wrapped = wrapSpoolKey(this.#dataKey, { municipality, spoolId }, key);
    return replaceSpool(tx, { spoolId, ...whose, ...file, ...wrapped }, instantText(clock));
  }

  /** Forgets the data key. The file stays, for whoever has its row. */
  forget(): void {
    wipe(this.#dataKey);
  }

  /** Gives it up: nothing of it stays. */
  async giveUp(): Promise<void> {
    this.forget();
    await this.#writer.close();
    await rm(this.#path, { force: true });
  }
}

/** 一時保管: encrypted files in a folder of the vault, each with a key of its own that lies wrapped in the database. */
export class Spool {
  readonly #context: SpoolContext;
  readonly #folder: string;

  /** @param folder of the vault's account alone; made when it is not there */
  constructor(context: SpoolContext, folder: string) {
    this.#context = context;
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Begins a file. */
  begin(): Promise<SpoolingFile> {
    return SpoolingFile.create(this.#folder);
  }

  /**
   * Keeps ended files of one owner, all or none, in a transaction that may do more; files of the same names are
   * replaced. When it fails, the files are given up.
   */
  async keep(
    whose: SpoolOwner,
    files: readonly (readonly [SpoolingFile, ManifestFile])[],
    alsoIn: (tx: Session) => Promise<unknown>,
  ): Promise<void> {
    const { database } = this.#context;
    const keeping = database.transaction('vault.transfer.spool', async (tx) => {
      const ids: string[] = [];
      for (const [each, told] of files) {
        const id = await each.keepIn(tx, this.#context, whose, told);
        if (id !== undefined) ids.push(id);
      }
      await alsoIn(tx);
      return ids;
    });
    const replaced = await keeping.catch(async (error: unknown) => {
      await Promise.all(files.map(([each]) => each.giveUp()));
      throw error;
    });
    for (const [each] of files) each.forget();
    // Whatever becomes of the old ones: the new ones have their rows, and are no longer given up.
    await this.#remove(replaced);
  }

  /**
   * The plaintext of a file.
   * @param fromChunk in chunks of SPOOL_CHUNK_BYTES
   * @throws KuramoriError INTEGRITY_FAILURE, VAULT_SEALED
   */
  async *read(entry: SpoolEntry, fromChunk = 0): AsyncGenerator<Uint8Array> {
    const { seal, municipality } = this.#context;
    const { spoolId } = entry;
    const key = seal.keyRing.named('file', entry.keyId);
    const dataKey = unwrapSpoolKey(entry, { municipality, spoolId }, key);
    try {
      yield* readSpool(join(this.#folder, spoolId), dataKey, entry.bytes, fromChunk);
    } finally {
      wipe(dataKey);
    }
  }

  /** Erases the files of an owner: their keys with the transaction, then their bytes. @returns removes the bytes */
  async erase(
    tx: Session,
    owner: string,
  ): Promise<{ readonly files: number; readonly remove: () => Promise<void> }> {
    const ids = await deleteSpool(tx, owner);
    return { files: ids.length, remove: () => this.#remove(ids) };
  }

  /**
   * Removes what has no row: of writers that were killed, and of erasures that stopped between key and bytes. Before
   * any file comes in.
   */
  async sweep(): Promise<void> {
    const files = await readdir(this.#folder);
    const known = await spoolIds(this.#context.database);
    await this.#remove(files.filter((name) => !known.has(name)));
  }

  async #remove(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => rm(join(this.#folder, id), { force: true })));
  }
}
