import { createPublicKey, type KeyObject } from 'node:crypto';
import type { IntermediaryDropSettings } from '../../config/intermediaryLink.js';
import { systemClock } from '../../kernel/clock.js';
import {
  INTERMEDIARY_ANSWER_BYTES_MAX,
  INTERMEDIARY_BATCH_MS_MAX,
  INTERMEDIARY_DROP_CLEAR_MS,
  INTERMEDIARY_DROP_POLL_MS,
  INTERMEDIARY_MESSAGE_BYTES_MAX,
  INTERMEDIARY_STREAMS_MAX,
} from '../../kernel/limits.js';
import { newUuidV7 } from '../../kernel/uuid.js';
import { Bell } from '../../protocol/intermediary/drop/bell.js';
import { DropFolder, nameOf } from '../../protocol/intermediary/drop/folder.js';
import {
  fileBytesMax,
  openAnswer,
  sealRequest,
  type Expected,
} from '../../protocol/intermediary/drop/frame.js';
import { signerOf, type Signer } from '../../protocol/intermediary/drop/proof.js';
import type { Call, CallOutcome, Reply, Transport } from './transport.js';

/**
 * Calls as files (docs/intermediary.md): a request is put into `outbox`, the other side takes it into `ack` and answers
 * into `inbox`. What is still in `outbox` when the time is over is taken back, and surely was not received; what has
 * left it may have been.
 */
export class IntermediaryFiles implements Transport {
  readonly #folder: DropFolder;
  readonly #bell: Bell;
  readonly #signer: Signer;
  readonly #serverKey: KeyObject;
  readonly #ca: string;
  readonly #timeoutMs: number;
  readonly #awaited = new Set<string>();
  #clearAgainAt = 0;
  #isClosed = false;

  /**
   * @param timeoutMs of a call that is not large, from the file's appearance to the answer
   * @throws KuramoriError CONFIGURATION_INVALID
   */
  constructor(settings: IntermediaryDropSettings, timeoutMs: number) {
    this.#signer = signerOf(settings);
    this.#folder = DropFolder.open(settings.dropFolder);
    this.#bell = new Bell([this.#folder.pathOf('inbox'), this.#folder.pathOf('ack')]);
    this.#serverKey = createPublicKey(settings.dropKey);
    this.#ca = settings.ca;
    this.#timeoutMs = timeoutMs;
  }

  async call(call: Call): Promise<CallOutcome> {
    if (this.#isClosed || this.#awaited.size >= INTERMEDIARY_STREAMS_MAX) return 'notReached';
    const exchange = newUuidV7(nowMs());
    this.#awaited.add(exchange);
    try {
      await this.#clear();
      return await this.#carried(exchange, call);
    } finally {
      this.#awaited.delete(exchange);
    }
  }

  /** Calls under way are taken back where they can be, and end. */
  close(): void {
    this.#isClosed = true;
    this.#bell.close();
  }

  async #carried(exchange: string, call: Call): Promise<CallOutcome> {
    const [ms, bytesMax] = call.isLarge
      ? [INTERMEDIARY_BATCH_MS_MAX, INTERMEDIARY_MESSAGE_BYTES_MAX]
      : [this.#timeoutMs, INTERMEDIARY_ANSWER_BYTES_MAX];
    const at = systemClock.now().toString();
    const { file, expected } = await sealRequest(call, { exchange, at }, this.#signer, this.#serverKey);
    if (!(await this.#folder.put('outbox', exchange, file))) return 'notReached';
    return this.#answered(expected, performance.now() + ms, bytesMax);
  }

  async #answered(expected: Expected, until: number, bytesMax: number): Promise<CallOutcome> {
    const { exchange } = expected;
    for (;;) {
      const leftMs = this.#isClosed ? 0 : Math.max(0, until - performance.now());
      // Asked for before it is looked, so that no change falls between the two.
      const changed = this.#bell.next(Math.min(INTERMEDIARY_DROP_POLL_MS, leftMs));
      const file = await this.#folder.read('inbox', exchange, fileBytesMax(bytesMax));
      if (file !== 'absent') return this.#opened(file, expected, bytesMax);
      if (leftMs === 0) return (await this.#folder.remove('outbox', exchange)) ? 'notReached' : 'noAnswer';
      if (!(await this.#isUnderWay(exchange))) return 'noAnswer';
      await changed;
    }
  }

  async #opened(file: Uint8Array | 'unfit', expected: Expected, bytesMax: number): Promise<CallOutcome> {
    const reply = file === 'unfit' ? undefined : await openAnswer(file, expected, this.#ca, nowMs());
    if (isWithin(reply, bytesMax)) {
      await this.#folder.remove('inbox', expected.exchange);
      return reply;
    }
    await this.#folder.setAside('inbox', { name: nameOf(expected.exchange) }, nowMs());
    return 'noAnswer';
  }

  /** What is in none of the boxes was set aside or is lost: nobody will answer it. It moves on in this order. */
  async #isUnderWay(exchange: string): Promise<boolean> {
    for (const box of ['outbox', 'ack', 'inbox'] as const)
      if (await this.#folder.has(box, exchange)) return true;
    return false;
  }

  /**
   * Takes away what nobody waits for: requests of a vault that was killed, which thereby surely are not received any
   * more, answers that came too late or once more, and what is no file of the exchange.
   */
  async #clear(): Promise<void> {
    if (performance.now() < this.#clearAgainAt) return;
    this.#clearAgainAt = performance.now() + INTERMEDIARY_DROP_CLEAR_MS;
    for (const box of ['outbox', 'inbox'] as const) {
      for (const found of await this.#folder.list(box, nowMs())) {
        if (found.kind === 'foreign') await this.#folder.setAside(box, found, nowMs());
        else if (found.kind === 'leftPart') await this.#folder.clear(box, found);
        else if (!this.#awaited.has(found.exchange)) await this.#folder.remove(box, found.exchange);
      }
    }
  }
}

function isWithin(reply: Reply | undefined, bytesMax: number): reply is Reply {
  return reply !== undefined && reply.bytes.length <= bytesMax;
}

function nowMs(): number {
  return systemClock.now().epochMilliseconds;
}
