import { KuramoriError } from '../../../kernel/errors.js';
import type { Temporal } from '../../../kernel/dates.js';
import { TRANSFER_UPLOAD_IDLE_MS_MAX, TRANSFER_UPLOADS_MAX } from '../../../kernel/limits.js';
import type { Column, Columns } from '../../../protocol/transfer/column.js';
import { LayoutFile } from '../../../protocol/transfer/content.js';
import { CsvReader } from '../../../protocol/transfer/csv.js';
import {
  isTransferFileName,
  LEDGER_FILE,
  TRANSFER_LAYOUT,
  type TransferFileName,
  type TransferRow,
} from '../../../protocol/transfer/layout.js';
import { LedgerTotals } from '../../../protocol/transfer/totals.js';
import type { DraftFile } from '../../client/transferWire.js';
import type { TransferContext } from '../context.js';
import { lockTransfer } from '../journal.js';
import { transferRecord } from '../log.js';
import type { SpoolingFile } from '../spool/spool.js';
import { assertOpenDraft } from './draft.js';

/** Every file begins with the case. */
const COLUMNS: Readonly<Record<TransferFileName, Columns & { readonly caseNo: Column<string> }>> =
  TRANSFER_LAYOUT;

/** A file of a draft that is coming in. */
interface Upload {
  readonly file: SpoolingFile;
  /** Judges the bytes as they pass. */
  readonly check: { push(bytes: Uint8Array): void; end(): DraftFile & { readonly name: string } };
  next: number;
  usedAt: Temporal.Instant;
  /** One part after the other, whatever is sent at once. */
  busy: boolean;
}

/**
 * Files of drafts on their way in, part by part, so that no request is long. A vault that was started anew knows none
 * of them: the file is sent again.
 */
export class Uploads {
  readonly #context: TransferContext;
  readonly #uploads = new Map<string, Upload>();
  #beginning: Promise<unknown> = Promise.resolve();

  constructor(context: TransferContext) {
    this.#context = context;
  }

  /**
   * Takes a part. The first begins the file anew.
   * @param index from 0, without gaps
   * @throws KuramoriError FILE_REJECTED, which ends the file; CONFLICT for a part that is not the next;
   *   TOO_MANY_REQUESTS; NOT_FOUND for a file of no layout; as `assertOpenDraft`
   */
  async part(packageId: string, fileName: string, index: number, bytes: Uint8Array): Promise<void> {
    const key = `${packageId}/${fileName}`;
    if (index === 0) await this.#inTurn(() => this.#begin(key, packageId, fileName));
    const upload = this.#uploads.get(key);
    if (upload === undefined || upload.next !== index || upload.busy) throw notNext();
    upload.busy = true;
    try {
      upload.check.push(bytes);
      await upload.file.write(bytes);
      upload.next += 1;
      upload.usedAt = this.#context.clock.now();
    } catch (error) {
      await this.#giveUp(key);
      throw error;
    } finally {
      upload.busy = false;
    }
  }

  /**
   * Every part has come: keeps the file in the place of an earlier one.
   * @param parts how many were sent
   * @throws KuramoriError as `part`
   */
  async end(packageId: string, fileName: string, parts: number, by: string): Promise<DraftFile> {
    const key = `${packageId}/${fileName}`;
    const upload = this.#uploads.get(key);
    if (upload === undefined || upload.next !== parts || upload.busy) throw notNext();
    this.#uploads.delete(key);
    const { audit, clock } = this.#context;
    let file: ReturnType<Upload['check']['end']>;
    try {
      file = upload.check.end();
      await upload.file.end();
    } catch (error) {
      await upload.file.giveUp();
      throw error;
    }
    await this.#context.spool.keep(
      { ownerKind: 'draft', owner: packageId },
      [[upload.file, file]],
      async (tx) => {
        await lockTransfer(tx, packageId);
        await assertOpenDraft(tx, packageId);
        const event = { coordinate: 'Transfer.file', packageId, by, reason: fileName, rows: file.rows };
        await audit.appendIn(tx, transferRecord(clock, event));
      },
    );
    const { rows, bytes, sha256 } = file;
    return { rows, bytes, sha256 };
  }

  /** Gives every file up that is on its way. */
  async close(): Promise<void> {
    for (const key of this.#uploads.keys()) await this.#giveUp(key);
  }

  /** One beginning after the other: two at once would both find room for the last file, or make the same one twice. */
  #inTurn(begin: () => Promise<void>): Promise<void> {
    const begun = this.#beginning.then(begin);
    this.#beginning = begun.catch(() => undefined);
    return begun;
  }

  async #begin(key: string, packageId: string, fileName: string): Promise<void> {
    await assertOpenDraft(this.#context.database, packageId);
    const check = checkOf(fileName);
    if (this.#uploads.get(key)?.busy === true) throw notNext();
    await this.#giveUp(key);
    const now = this.#context.clock.now();
    for (const [other, { usedAt, busy }] of this.#uploads) {
      const idleMs = now.epochMilliseconds - usedAt.epochMilliseconds;
      if (!busy && idleMs >= TRANSFER_UPLOAD_IDLE_MS_MAX) await this.#giveUp(other);
    }
    if (this.#uploads.size >= TRANSFER_UPLOADS_MAX) throw tooMany();
    const file = await this.#context.spool.begin();
    this.#uploads.set(key, { file, check, next: 0, usedAt: now, busy: false });
  }

  async #giveUp(key: string): Promise<void> {
    const upload = this.#uploads.get(key);
    this.#uploads.delete(key);
    await upload?.file.giveUp();
  }
}

/** @throws KuramoriError NOT_FOUND: also for the file of numbers, which the vault alone makes */
function checkOf(fileName: string): Upload['check'] {
  if (!isTransferFileName(fileName))
    throw new KuramoriError('NOT_FOUND', 'No layout of transfers has a file of this name.');
  const file = new LayoutFile(fileName, new CsvReader(fileName, COLUMNS[fileName]));
  if (fileName !== LEDGER_FILE) return file;
  const totals = new LedgerTotals();
  return {
    push: (bytes) => {
      for (const row of file.push(bytes)) totals.add(row as unknown as TransferRow['03_ledger.csv']);
    },
    end: () => {
      totals.end();
      return file.end();
    },
  };
}

function notNext(): KuramoriError {
  return new KuramoriError('CONFLICT', 'This is not the next part of the file. Send the file again.');
}

function tooMany(): KuramoriError {
  return new KuramoriError('TOO_MANY_REQUESTS', 'Too many files are on their way. Try again in a moment.');
}
