import { createPrivateKey, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { systemClock } from '../../../kernel/clock.js';
import {
  INTERMEDIARY_DROP_FILES_MAX,
  INTERMEDIARY_DROP_POLL_MS,
  INTERMEDIARY_MESSAGE_BYTES_MAX,
  INTERMEDIARY_NONCES_MAX,
  INTERMEDIARY_SENT_AT_MS_MAX,
  INTERMEDIARY_STREAMS_MAX,
} from '../../../kernel/limits.js';
import { Bell } from '../../../protocol/intermediary/drop/bell.js';
import { DropFolder, nameOf } from '../../../protocol/intermediary/drop/folder.js';
import {
  fileBytesMax,
  openRequest,
  sealAnswer,
  type DropRequest,
  type OpenedRequest,
} from '../../../protocol/intermediary/drop/frame.js';
import { signerOf, type Signer } from '../../../protocol/intermediary/drop/proof.js';
import type { DoorTls } from '../../door.js';
import type { Answered } from './breakage.js';

/** What a door for files is made of. */
export interface DropDoorOptions {
  readonly folder: string;
  /** Private X25519 key, PEM. */
  readonly dropKey: string;
  readonly tls: DoorTls;
  /** The one service whose requests are heard here. */
  readonly service: string;
  /** Answers a request of that service. */
  readonly answer: (request: DropRequest) => Promise<Answered>;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Takes requests out of one folder, and puts answers into it. */
export class DropDoor {
  readonly #options: DropDoorOptions;
  readonly #folder: DropFolder;
  readonly #bell: Bell;
  readonly #key: KeyObject;
  readonly #signer: Signer;
  readonly #underWay = new Map<string, Promise<void>>();
  /** Exchanges that were answered or set aside: one that comes again is not heard. */
  readonly #seen = new LRUCache<string, true>({ max: INTERMEDIARY_NONCES_MAX });
  #isClosed = false;
  readonly #ended: Promise<void>;

  /** @throws KuramoriError CONFIGURATION_INVALID */
  constructor(options: DropDoorOptions) {
    this.#options = options;
    this.#key = createPrivateKey(options.dropKey);
    this.#signer = signerOf(options.tls);
    this.#folder = DropFolder.open(options.folder);
    this.#bell = new Bell([this.#folder.pathOf('outbox')]);
    this.#ended = this.#run();
  }

  /** Takes nothing more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#isClosed = true;
    this.#bell.close();
    await this.#ended;
    await Promise.all(this.#underWay.values());
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      const changed = this.#bell.next(INTERMEDIARY_DROP_POLL_MS);
      // Whatever lies in the folder, it is looked at again and the server goes on.
      await this.#look().catch((error: unknown) => this.#warn(error));
      await changed;
    }
  }

  /** What was taken before goes first: a server that was killed goes on with it. */
  async #look(): Promise<void> {
    const now = nowMs();
    const waiting = await this.#folder.list('inbox', now);
    for (const found of await this.#folder.list('ack', now))
      if (found.kind === 'exchange') this.#begin(found.exchange);
    for (const found of await this.#folder.list('outbox', now)) {
      if (found.kind === 'foreign') await this.#folder.setAside('outbox', found, now);
      if (found.kind !== 'exchange' || waiting.length >= INTERMEDIARY_DROP_FILES_MAX) continue;
      if (this.#seen.has(found.exchange)) await this.#folder.setAside('outbox', found, now);
      else if (
        this.#underWay.size < INTERMEDIARY_STREAMS_MAX &&
        (await this.#folder.move('outbox', 'ack', found.exchange))
      )
        this.#begin(found.exchange);
    }
  }

  #begin(exchange: string): void {
    if (this.#underWay.has(exchange)) return;
    const serving = this.#serve(exchange)
      // It stays in `ack`, and is looked at again.
      .catch((error: unknown) => this.#warn(error))
      .finally(() => this.#underWay.delete(exchange));
    this.#underWay.set(exchange, serving);
  }

  async #serve(exchange: string): Promise<void> {
    const isAnswered = (await this.#folder.has('inbox', exchange)) || (await this.#answer(exchange));
    if (!isAnswered) return;
    this.#seen.set(exchange, true);
    await this.#folder.remove('ack', exchange);
    // Others may have been left lying because so many were under way.
    if (this.#underWay.size >= INTERMEDIARY_STREAMS_MAX) this.#bell.ring();
  }

  /** @returns whether it is done with: answered, or nobody is to be answered any more */
  async #answer(exchange: string): Promise<boolean> {
    const { tls, service } = this.#options;
    const file = await this.#folder.read('ack', exchange, fileBytesMax(INTERMEDIARY_MESSAGE_BYTES_MAX));
    if (file === 'absent') return false;
    const request = file === 'unfit' ? undefined : await openRequest(file, this.#key, tls.ca, nowMs());
    if (request === undefined || request.exchange !== exchange || request.service !== service) {
      this.#seen.set(exchange, true);
      await this.#folder.setAside('ack', { name: nameOf(exchange) }, nowMs());
      return false;
    }
    if (isOutOfTime(request)) return true;
    const { answer, broken } = await this.#options.answer(request);
    if (broken === 'cut') return true;
    const sealed = await sealAnswer(answer, request, this.#signer);
    if (broken === 'half') {
      await this.#folder.putUnfinished('inbox', exchange, sealed.subarray(0, sealed.length / 2));
      return true;
    }
    return this.#folder.put('inbox', exchange, sealed);
  }

  #warn(error: unknown): void {
    this.#options.logger.warn({ kind: (error as object).constructor.name }, 'exchange by files');
  }
}

/** A file that was kept back or kept for later: whoever asked by it has long given it up. */
function isOutOfTime({ atMs }: OpenedRequest): boolean {
  return Math.abs(nowMs() - atMs) > INTERMEDIARY_SENT_AT_MS_MAX;
}

function nowMs(): number {
  return systemClock.now().epochMilliseconds;
}
