import type { Socket } from 'node:net';
import { standBetween, throughPort } from './between.js';
import { READY_AND_IDLE, Talk } from './databaseLine.js';

/** On which side of a commit a database goes away: it was not kept; or it was, and nobody hears of it. */
export type Side = 'before' | 'after';

/** The way to a database that goes away at a commit that the test names, until it is mended. */
export class BreakingLine {
  readonly #sockets = new Set<Socket>();
  #port = 0;
  /** Commits until it breaks. */
  #left = Infinity;
  #side: Side = 'before';
  /** Part of a statement of the transactions whose commits count. */
  #of = '';
  #isBroken = false;

  /** @param databaseUrl of the server that is behind the line */
  static async open(databaseUrl: string): Promise<BreakingLine> {
    const line = new BreakingLine();
    line.#port = await standBetween(new URL(databaseUrl), (near, far) => line.#join(near, far));
    return line;
  }

  /** The address of a database, by this line. */
  through(databaseUrl: string): string {
    return throughPort(databaseUrl, this.#port);
  }

  /**
   * @param commits from now on; with 0 it is away at once
   * @param of part of a statement: only commits of transactions with such a one count
   */
  breakAt(commits: number, side: Side, of = ''): void {
    [this.#left, this.#side, this.#of] = [commits, side, of];
    if (commits === 0) this.#break();
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  mend(): void {
    [this.#left, this.#isBroken] = [Infinity, false];
  }

  #break(): void {
    this.#isBroken = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(near: Socket, far: Socket): void {
    // As of a server that is down: nobody listens there.
    if (this.#isBroken) return void near.resetAndDestroy();
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    }
    const talk = new Talk();
    let last: Buffer | undefined;
    let counts = false;
    near.on('data', (bytes: Buffer) => {
      for (const message of talk.take(bytes)) {
        const text = talk.textOf(message) ?? '';
        if (text === 'begin') counts = false;
        counts ||= text.includes(this.#of);
        const isLast = text === 'commit' && counts && (this.#left -= 1) === 0;
        if (isLast && this.#side === 'before') this.#break();
        if (isLast) last = Buffer.alloc(0);
        if (!far.destroyed) far.write(message);
      }
    });
    far.on('data', (bytes: Buffer) => {
      if (last === undefined) return void near.write(bytes);
      last = Buffer.concat([last, bytes]);
      if (last.includes(READY_AND_IDLE)) this.#break();
    });
  }
}
