import type { Socket } from 'node:net';
import { standBetween, throughPort } from './between.js';

/** A moment at which a process stands still: the end of the transaction that does something. */
export interface Moment {
  /** Part of a statement of the transaction, and of its values. */
  readonly statement: string;
  readonly value?: string;
  /** Before its commit reaches the server; or once the server has kept it, and before the process hears of it. */
  readonly when: 'before' | 'after';
}

const LENGTH_BYTES = 4;
/** ReadyForQuery, outside a transaction (PostgreSQL, message formats). */
export const READY_AND_IDLE = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/**
 * The way of a process to its database, which reads what passes: so a real process is held up at the end of a
 * transaction of its own, on either side of the commit, for as long as the test takes to kill it.
 */
export class DatabaseLine {
  #port = 0;
  #moment: Moment | undefined;
  #arrived: () => void = () => undefined;
  /** Nothing reaches the server any more, on no connection. */
  #cut = false;

  /** @param databaseUrl of the server that is behind the line */
  static async open(databaseUrl: string): Promise<DatabaseLine> {
    const line = new DatabaseLine();
    line.#port = await standBetween(new URL(databaseUrl), (near, far) => line.#join(near, far));
    return line;
  }

  /** The address of a database, by this line. */
  through(databaseUrl: string): string {
    return throughPort(databaseUrl, this.#port);
  }

  /** Resolves when somebody stands at the moment. */
  standsAt(moment: Moment): Promise<void> {
    this.#moment = moment;
    return new Promise((resolve) => (this.#arrived = resolve));
  }

  /** Holds nobody up any more: whoever stood there is gone. */
  free(): void {
    [this.#moment, this.#cut] = [undefined, false];
  }

  #join(near: Socket, far: Socket): void {
    const talk = new Talk();
    let muted = false;
    let last = Buffer.alloc(0);
    near.on('data', (bytes: Buffer) => {
      far.cork();
      for (const message of talk.take(bytes)) {
        const ended = talk.ends(message, this.#moment);
        if (ended && this.#moment?.when === 'before') {
          this.#cut = true;
          this.#arrived();
        }
        muted ||= ended;
        if (!this.#cut) far.write(message);
      }
      far.uncork();
    });
    far.on('data', (bytes: Buffer) => {
      if (!muted) return void near.write(bytes);
      last = Buffer.concat([last, bytes]);
      if (last.includes(READY_AND_IDLE)) this.#arrived();
    });
  }
}

/** One connection's messages to the server, and where in a transaction it is. */
export class Talk {
  readonly #statements = new Map<string, string>();
  #rest = Buffer.alloc(0);
  #started = false;
  #inTransaction = false;
  #marked = false;

  /** Whole messages. */
  take(bytes: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const messages: Buffer[] = [];
    for (;;) {
      // The first message has no letter.
      const at = this.#started ? 1 : 0;
      if (this.#rest.length < at + LENGTH_BYTES) return messages;
      const length = at + this.#rest.readInt32BE(at);
      if (this.#rest.length < length) return messages;
      messages.push(this.#rest.subarray(0, length));
      this.#rest = this.#rest.subarray(length);
      this.#started = true;
    }
  }

  /** Whether the message ends what holds the moment. */
  ends(message: Buffer, moment: Moment | undefined): boolean {
    const text = this.textOf(message);
    if (text === undefined) return false;
    if (text === 'begin') [this.#inTransaction, this.#marked] = [true, false];
    const fits =
      moment !== undefined && text.includes(moment.statement) && message.includes(moment.value ?? '');
    const last = text === 'commit' || text === 'rollback';
    const ends = this.#inTransaction ? last && this.#marked : fits;
    this.#marked ||= fits;
    if (last) [this.#inTransaction, this.#marked] = [false, false];
    return ends;
  }

  /** What a message runs; it may have been named before. */
  textOf(message: Buffer): string | undefined {
    const letter = String.fromCharCode(message[0]!);
    const [first = '', second = ''] = message
      .subarray(1 + LENGTH_BYTES)
      .toString('latin1')
      .split('\0');
    if (letter === 'P') this.#statements.set(first, second.trim());
    if (letter === 'B') return this.#statements.get(second);
    return letter === 'Q' ? first.trim() : undefined;
  }
}
