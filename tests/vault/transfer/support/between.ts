import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterwards } from '../../../support/afterwards.js';

/**
 * Stands between processes and a server for one test file.
 * @param join given the two ends of each connection, passes between them what it wants to
 * @param isHeld whether a connection, by its near end, is held up: that the server has ended it does not pass either
 * @returns the port on which the server is reached from now on
 */
export async function standBetween(
  server: { readonly hostname: string; readonly port: string },
  join: (near: Socket, far: Socket) => void,
  isHeld: (near: Socket) => boolean = () => false,
): Promise<number> {
  const sockets = new Set<Socket>();
  const listener = createServer((near) => {
    const far = connect(Number(server.port), server.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => {
        sockets.delete(socket);
        if (socket === near || !isHeld(near)) near.destroy();
        far.destroy();
      });
    }
    join(near, far);
  });
  await new Promise<void>((resolve) => void listener.listen(0, '127.0.0.1', resolve));
  afterwards(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  return (listener.address() as AddressInfo).port;
}

/** The address of a database, by a port of this machine. */
export function throughPort(databaseUrl: string, port: number): string {
  const url = new URL(databaseUrl);
  [url.hostname, url.port] = ['127.0.0.1', String(port)];
  return url.toString();
}
