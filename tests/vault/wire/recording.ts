import { standBetween } from '../transfer/support/between.js';

/** What passed on one connection, as whoever taps the line sees it. */
export interface Recorded {
  readonly toServer: Buffer[];
  readonly toClient: Buffer[];
}

/** A line that is tapped. */
export interface Tapped {
  /** An address of the server, by the line. */
  through(address: string): string;
  readonly connections: readonly Recorded[];
}

/** Stands between clients and a server, and keeps every byte. @param address of the server */
export async function tapped(address: string): Promise<Tapped> {
  const connections: Recorded[] = [];
  const port = await standBetween(new URL(address), (near, far) => {
    const recorded: Recorded = { toServer: [], toClient: [] };
    connections.push(recorded);
    near.on('data', (bytes: Buffer) => {
      recorded.toServer.push(bytes);
      far.write(bytes);
    });
    far.on('data', (bytes: Buffer) => {
      recorded.toClient.push(bytes);
      near.write(bytes);
    });
  });
  const through = (there: string) => {
    const url = new URL(there);
    [url.hostname, url.port] = ['127.0.0.1', String(port)];
    return url.toString().replace(/\/$/, '');
  };
  return { through, connections };
}

/** Every byte of every connection, each direction by itself. */
export function* bytesOf({ connections }: Tapped): Generator<Buffer> {
  for (const { toServer, toClient } of connections) yield* [Buffer.concat(toServer), Buffer.concat(toClient)];
}
