import type { Socket } from 'node:net';
import { standBetween } from './between.js';

/** Bytes of one connection that have passed, what TLS says included. */
interface Passed {
  readonly there: number;
  readonly back: number;
}

/** How many bytes of a connection may pass at most before it stands still. */
type Still = (passed: Passed) => Partial<Passed>;

/** The way to an organization. What is said passes as it is, until a connection is held up. */
export class OrganizationLine {
  #still: Still | undefined;
  #arrived: () => void = () => undefined;
  readonly #held = new WeakSet<Socket>();
  #port = 0;

  static async open(organization: string): Promise<OrganizationLine> {
    const line = new OrganizationLine();
    line.#port = await standBetween(
      new URL(organization),
      (near, far) => line.#join(near, far),
      (near) => line.#held.has(near),
    );
    return line;
  }

  /** Where the line is reached. */
  get url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** Resolves when a connection stands there. */
  standsAt(still: Still): Promise<void> {
    this.#still = still;
    return new Promise((resolve) => (this.#arrived = resolve));
  }

  /** Holds nobody up any more. */
  free(): void {
    this.#still = undefined;
  }

  #join(near: Socket, far: Socket): void {
    const passed = { there: 0, back: 0 };
    const pass = (direction: keyof Passed, to: Socket) => (bytes: Buffer) => {
      const most = this.#still?.(passed)[direction] ?? Number.POSITIVE_INFINITY;
      const next = bytes.subarray(0, Math.max(0, most - passed[direction]));
      passed[direction] += next.length;
      if (next.length > 0) to.write(next);
      if (next.length === bytes.length) return;
      // An organization ends what it has answered: heard, it would have the vault go on before it is killed.
      this.#held.add(near);
      this.#arrived();
    };
    near.on('data', pass('there', far));
    far.on('data', pass('back', near));
  }
}
