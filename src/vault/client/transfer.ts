import type { Agent } from 'node:https';
import { z } from 'zod';
import { TRANSFER_CALL_MS_MAX, TRANSFER_PART_BYTES_MAX } from '../../kernel/limits.js';
import { PAYMENT_DELTA, type PaymentDelta } from '../../protocol/transfer/deltas.js';
import { httpsUrl, vaultAgent } from './agent.js';
import { call, callBytes, type Call } from './call.js';
import { parsed, refusalOf, type VaultClientOptions } from './client.js';
import { answerForm } from './wire.js';
import {
  caseOutcomeForm,
  completedDraftForm,
  deltaStateForm,
  draftFileForm,
  REQUEST_ID_HEADER,
  resultSummaryForm,
  transferStateForm,
  type CaseOutcome,
  type CompletedDraft,
  type DeltaState,
  type DraftFile,
  type ResultSummary,
  type TransferDraft,
  type TransferState,
} from './transferWire.js';

/**
 * Transfers to the collection organization (滞納整理機構への移管; handbook 13) as the records side sees the vault. No
 * call carries an assertion: a draft leaves the vault only after a terminal has signed `packageAssemble` and
 * `packageRelease`, each with the approval of a second person.
 */
export interface TransferVault {
  /**
   * Announces a draft. Again, it changes nothing.
   * @throws KuramoriError CONFLICT when the id is that of another draft; NOT_FOUND for a recipient, profile or basis
   *   that the vault has no setting of; BAD_INPUT
   */
  openDraft(draft: TransferDraft): Promise<TransferState>;
  /**
   * Streams one file of the layout; it takes the place of an earlier one of the same name. The vault checks rows and
   * totals while they pass.
   * @param bytes CSV by `src/protocol/transfer`, read once and never held whole
   * @throws KuramoriError FILE_REJECTED with `facts.row`; CONFLICT once the draft is complete, or when the vault was
   *   started anew meanwhile: send the file again; PAYLOAD_TOO_LARGE
   */
  putFile(draftId: string, fileName: string, bytes: AsyncIterable<Uint8Array>): Promise<DraftFile>;
  /**
   * Every file was sent: the vault reads all of it once more, cases and totals. No file may be changed after it; again,
   * it answers the same.
   * @param unmappable characters outside JIS X 0213 that occur, as `U+2A6D6`, for the converter
   * @throws KuramoriError FILE_REJECTED, CONFLICT
   */
  completeDraft(draftId: string, unmappable?: readonly string[]): Promise<CompletedDraft>;
  /** Gives a transfer up, before its delivery; its spool is erased. @throws KuramoriError CONFLICT, NOT_FOUND */
  abort(draftId: string, reason: string): Promise<TransferState>;
  /** @throws KuramoriError NOT_FOUND */
  state(draftId: string): Promise<TransferState>;
  /** Every case of the package with what became of it; none before the acceptance receipt. */
  acceptance(packageId: string): Promise<readonly CaseOutcome[]>;
  /**
   * 入金連絡: signed by the vault, kept, and sent to the organization, at once or when it can be reached again.
   * @param delta its number counts from 1 for each package, without gaps; the same again sends nothing twice
   * @throws KuramoriError CONFLICT for another content under the same number, or a gap
   */
  sendDelta(packageId: string, delta: PaymentDelta): Promise<DeltaState>;
  /** Result packages after one of them, oldest first. @param after a result id, or empty */
  results(after: string): Promise<readonly ResultSummary[]>;
  /** The bytes of one file of a result package, in parts. */
  resultFile(resultId: string, fileName: string): AsyncIterable<Uint8Array>;
  /**
   * The records side has reconciled the result to the yen: unlocks CLOSED.
   * @param digest `sha256:` of what was compared, for the vault's journal
   */
  reconciled(packageId: string, digest: string): Promise<TransferState>;
  /** Ends the connections; calls under way fail. */
  close(): void;
}

export interface TransferVaultOptions extends VaultClientOptions {
  /** Of the one request that the client is opened for: the entries of both logs are under it. */
  readonly requestId?: string;
}

/**
 * Opens a client for transfers. Nothing connects before the first call.
 * @throws KuramoriError CONFIGURATION_INVALID when the address is not https
 * @example
 * const transfers = openTransferVault({ url: 'https://10.1.2.3:4100', ca, key, certificate });
 * await transfers.openDraft({ draftId, roundNo: 3, asOf, recipient, profile, purpose, basis });
 * await transfers.putFile(draftId, '01_taxpayer.csv', writeCsv('01_taxpayer.csv', columns, rows));
 */
export function openTransferVault(options: TransferVaultOptions): TransferVault {
  return new HttpsTransferVault(options);
}

const DRAFTS = '/v1/transfers/drafts';
const PACKAGES = '/v1/transfers/packages';
const RESULTS = '/v1/transfers/results';

class HttpsTransferVault implements TransferVault {
  readonly #base: URL;
  readonly #agent: Agent;

  readonly #headers: Readonly<Record<string, string>>;

  constructor(options: TransferVaultOptions) {
    const { requestId } = options;
    this.#headers = requestId === undefined ? {} : { [REQUEST_ID_HEADER]: requestId };
    this.#base = httpsUrl(options.url);
    this.#agent = vaultAgent(options);
  }

  openDraft(draft: TransferDraft): Promise<TransferState> {
    return this.#json(transferStateForm, 'PUT', `${DRAFTS}/${draft.draftId}`, draft);
  }

  async putFile(draftId: string, fileName: string, bytes: AsyncIterable<Uint8Array>): Promise<DraftFile> {
    const path = `${DRAFTS}/${draftId}/files/${encodeURIComponent(fileName)}`;
    let parts = 0;
    for await (const part of inParts(bytes)) {
      await this.#ask({ method: 'PUT', path: `${path}/parts/${parts}`, body: part });
      parts += 1;
    }
    return this.#json(draftFileForm, 'POST', `${path}/end`, { parts });
  }

  completeDraft(draftId: string, unmappable: readonly string[] = []): Promise<CompletedDraft> {
    return this.#json(completedDraftForm, 'POST', `${DRAFTS}/${draftId}/complete`, { unmappable });
  }

  abort(draftId: string, reason: string): Promise<TransferState> {
    return this.#json(transferStateForm, 'POST', `${DRAFTS}/${draftId}/abort`, { reason });
  }

  state(draftId: string): Promise<TransferState> {
    return this.#json(transferStateForm, 'GET', `${DRAFTS}/${draftId}`);
  }

  acceptance(packageId: string): Promise<readonly CaseOutcome[]> {
    return this.#json(z.array(caseOutcomeForm), 'GET', `${PACKAGES}/${packageId}/acceptance`);
  }

  sendDelta(packageId: string, delta: PaymentDelta): Promise<DeltaState> {
    const path = `${PACKAGES}/${packageId}/deltas/${delta.deltaNo}`;
    return this.#json(deltaStateForm, 'PUT', path, PAYMENT_DELTA.form.encode(delta));
  }

  results(after: string): Promise<readonly ResultSummary[]> {
    return this.#json(z.array(resultSummaryForm), 'GET', `${RESULTS}?after=${encodeURIComponent(after)}`);
  }

  async *resultFile(resultId: string, fileName: string): AsyncGenerator<Uint8Array> {
    const path = `${RESULTS}/${resultId}/files/${encodeURIComponent(fileName)}/parts`;
    for (let part = 0; ; part += 1) {
      const bytes = await this.#ask({ method: 'GET', path: `${path}/${part}` });
      if (bytes.length > 0) yield bytes;
      if (bytes.length < TRANSFER_PART_BYTES_MAX) return;
    }
  }

  reconciled(packageId: string, digest: string): Promise<TransferState> {
    return this.#json(transferStateForm, 'POST', `${PACKAGES}/${packageId}/reconciled`, { digest });
  }

  close(): void {
    this.#agent.destroy();
  }

  async #json<F extends z.ZodType>(
    form: F,
    method: Call['method'],
    path: string,
    body?: unknown,
  ): Promise<z.output<F>> {
    const { status, json } = await call({
      ...this.#call(method, path),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (status !== 200) throw refusalOf(parsed(answerForm, json));
    return parsed(form, json);
  }

  /** @returns the bytes of the answer */
  async #ask(asked: { method: Call['method']; path: string; body?: Uint8Array }): Promise<Uint8Array> {
    const { status, bytes } = await callBytes({
      ...this.#call(asked.method, asked.path),
      ...(asked.body === undefined ? {} : { body: asked.body }),
    });
    if (status === 200) return bytes;
    throw refusalOf(parsed(answerForm, JSON.parse(bytes.toString('utf8'))));
  }

  #call(method: Call['method'], path: string): Omit<Call, 'body'> {
    const url = new URL(path, this.#base);
    return { agent: this.#agent, url, method, headers: this.#headers, timeoutMs: TRANSFER_CALL_MS_MAX };
  }
}

/** Bytes in parts of TRANSFER_PART_BYTES_MAX, at least one: an empty file has one that is empty. */
async function* inParts(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pending: Uint8Array[] = [];
  let size = 0;
  let sent = 0;
  for await (const piece of bytes) {
    for (let at = 0; at < piece.length;) {
      const taken = piece.subarray(at, at + TRANSFER_PART_BYTES_MAX - size);
      pending.push(taken);
      size += taken.length;
      at += taken.length;
      if (size < TRANSFER_PART_BYTES_MAX) continue;
      yield Buffer.concat(pending);
      [pending, size, sent] = [[], 0, sent + 1];
    }
  }
  if (size > 0 || sent === 0) yield Buffer.concat(pending);
}
