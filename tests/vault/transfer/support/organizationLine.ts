import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll } from 'vitest';

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
  /** Where the line is reached. */
  readonly url: string;

  private constructor(port: number) {
    this.url = `https://127.0.0.1:${port}`;
  }

  static async open(organization: string): Promise<OrganizationLine> {
    const { hostname, port } = new URL(organization);
    const sockets = new Set<Socket>();
    const server = createServer((near) => {
      const far = connect(Number(port), hostname);
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.setNoDelay(true);
        socket.on('error', () => socket.destroy());
        socket.once('close', () => {
          sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      line.#join(near, far);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const line = new OrganizationLine((server.address() as AddressInfo).port);
    afterAll(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return line;
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
      if (next.length < bytes.length) this.#arrived();
    };
    near.on('data', pass('there', far));
    far.on('data', pass('back', near));
  }
}
