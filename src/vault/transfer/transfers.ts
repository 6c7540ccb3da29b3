import { mkdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isKuramoriError, KuramoriError } from '../../kernel/errors.js';
import { SPOOL_CHUNK_BYTES, TRANSFER_PART_BYTES_MAX } from '../../kernel/limits.js';
import { storageFull } from '../../kernel/storage.js';
import type { PaymentDelta } from '../../protocol/transfer/deltas.js';
import type { DeltaState, ResultSummary } from '../client/transferWire.js';
import type { VaultContext } from '../context.js';
import { raiseOverdueCarries } from './carry/carry.js';
import type { TransferContext } from './context.js';
import { sendDeltas } from './delivery/deliver.js';
import { LineRound, type Attempt } from './delivery/lineRound.js';
import type { OrganizationTls } from './delivery/organizationClient.js';
import { keepDelta } from './delta/delta.js';
import { packagesWithDeltas } from './delta/delta.store.js';
import { Uploads } from './draft/uploads.js';
import { eraseDue } from './erasure/erase.js';
import { lockTransfer, moveState } from './journal.js';
import { transferRecord } from './log.js';
import { sealPackage } from './package/seal.js';
import { lastResult, resultsAfter } from './result/result.store.js';
import { Spool } from './spool/spool.js';
import { spoolOf } from './spool/spool.store.js';
import { packagesIn } from './work.store.js';

/** Where transfers of a vault lie, and how it reaches an organization. */
export interface TransferSettings {
  /** Folder of the vault's account alone: spool and packages. */
  readonly folder: string;
  /** Without it, packages go on media. */
  readonly organization?: OrganizationTls | undefined;
}

/** One thing that was tried and did not work, for the operational log. */
export interface TransferFault {
  readonly what: string;
  readonly code: string;
  /** The receiver's check that a package did not pass. */
  readonly step?: string;
}

/**
 * 移管 in a vault: what comes in over the network, and what goes on by itself. Everything that changes a package goes one
 * after the other, so that nothing is built or sent twice at once.
 */
export class Transfers {
  readonly context: TransferContext;
  readonly uploads: Uploads;
  readonly #line: LineRound;
  #organization: OrganizationTls | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(context: VaultContext, { folder, organization }: TransferSettings) {
    const packages = join(folder, 'packages');
    mkdirSync(packages, { recursive: true, mode: 0o700 });
    this.context = { ...context, packages, spool: new Spool(context, join(folder, 'spool')) };
    this.uploads = new Uploads(this.context);
    this.#line = new LineRound(this.context);
    this.#organization = organization;
  }

  /** Shows organizations another certificate, and believes another authority, from the next call on. */
  replaceTls(organization: OrganizationTls): void {
    this.#organization = organization;
  }

  /** Clears away what a process that was killed has left. Before anything comes in. */
  async begin(): Promise<void> {
    const { spool, packages } = this.context;
    await spool.sweep();
    const left = (await readdir(packages)).filter((name) => name.startsWith('.'));
    await Promise.all(left.map((name) => rm(join(packages, name), { recursive: true, force: true })));
  }

  /** Gives up what is on its way in, and waits for what is under way. */
  async close(): Promise<void> {
    await this.inTurn(() => this.uploads.close());
  }

  /** Does one thing after the other. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /**
   * One round of what goes on by itself: packages are sealed and handed over, acceptances and results fetched, deltas
   * sent, media that are out too long raised, and what is due erased. What fails holds nothing else up and is tried
   * again.
   * @returns what did not work
   */
  async round(): Promise<readonly TransferFault[]> {
    const { database } = this.context;
    const faults: TransferFault[] = [];
    const attempt: Attempt = async (what, work) => {
      try {
        await this.inTurn(work);
        return undefined;
      } catch (error) {
        const fault = { what, ...faultOf(error) };
        faults.push(fault);
        return fault.code;
      }
    };
    for (const id of await packagesIn(database, 'ASSEMBLED'))
      await attempt('seal', () => sealPackage(this.context, id, 'vault'));
    if (this.#organization !== undefined) await this.#line.run(this.#organization, attempt);
    await attempt('carry', () => raiseOverdueCarries(this.context));
    await attempt('erase', () => eraseDue(this.context));
    return faults;
  }

  /** Keeps a delta, and sends it when it can. @throws as `keepDelta` */
  async sendDelta(delta: PaymentDelta, by: string): Promise<DeltaState> {
    const kept = await keepDelta(this.context, delta, by);
    const tls = this.#organization;
    if (tls === undefined || kept.state === 'SENT') return kept;
    // What does not go now goes in the next round.
    const { packageId } = delta;
    const send = async () => {
      const waiting = await packagesWithDeltas(this.context.database);
      if (waiting.includes(packageId)) await sendDeltas(this.context, tls, packageId);
    };
    await this.inTurn(send).catch(() => undefined);
    return keepDelta(this.context, delta, by);
  }

  /** Results that were taken, after one of them. */
  async results(after: string): Promise<readonly ResultSummary[]> {
    const results = await resultsAfter(this.context.database, after);
    return results.map(({ resultId, packageId, seriesNo, sha256, manifest, at }) => ({
      resultId,
      packageId,
      seriesNo,
      final: manifest.period.final,
      receivedAt: at,
      digest: sha256,
      files: manifest.files.map((file) => ({ ...file })),
    }));
  }

  /** A part of a file of a result; empty after its end. @throws KuramoriError NOT_FOUND */
  async resultPart(resultId: string, fileName: string, part: number, service: string): Promise<Buffer> {
    const { database, spool, audit, clock } = this.context;
    const entry = (await spoolOf(database, resultId)).find(({ name }) => name === fileName);
    if (entry === undefined || entry.ownerKind !== 'result')
      throw new KuramoriError('NOT_FOUND', 'There is no such file of a result, or it was erased.');
    if (part === 0) {
      const event = { coordinate: 'Transfer.readResult', packageId: resultId, by: `service:${service}` };
      await audit.append(transferRecord(clock, { ...event, reason: fileName, rows: entry.rows }));
    }
    const chunks: Uint8Array[] = [];
    const fromChunk = part * (TRANSFER_PART_BYTES_MAX / SPOOL_CHUNK_BYTES);
    if (fromChunk * SPOOL_CHUNK_BYTES >= entry.bytes) return Buffer.alloc(0);
    let bytes = 0;
    for await (const chunk of spool.read(entry, fromChunk)) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= TRANSFER_PART_BYTES_MAX) break;
    }
    return Buffer.concat(chunks);
  }

  /**
   * The records side has reconciled the last result; after a final one the transfer is closed.
   * @throws KuramoriError NOT_FOUND; CONFLICT when there is no result to reconcile
   */
  async reconciled(packageId: string, digest: string, by: string): Promise<void> {
    const { database, audit, clock } = this.context;
    await database.transaction('vault.transfer.reconciled', async (tx) => {
      const { state } = await lockTransfer(tx, packageId);
      if (state === 'CLOSED' || state === 'RECONCILED') return;
      await moveState(tx, clock, packageId, 'RECONCILED', { by, reason: digest });
      const result = await lastResult(tx, packageId);
      if (result?.manifest.period.final === true)
        await moveState(tx, clock, packageId, 'CLOSED', { by, reason: result.resultId });
      const event = { coordinate: 'Transfer.reconciled', packageId, by, reason: digest };
      await audit.appendIn(tx, transferRecord(clock, event));
    });
  }
}

function faultOf(error: unknown): Omit<TransferFault, 'what'> {
  if (!isKuramoriError(error)) return { code: storageFull(error)?.code ?? 'INTERNAL' };
  const { step } = error.facts;
  return { code: error.code, ...(typeof step === 'string' && { step }) };
}
