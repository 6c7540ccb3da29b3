import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KuramoriError } from '../kernel/errors.js';
import { HEADERS_MS_MAX, IDLE_CONNECTION_MS_MAX } from '../kernel/limits.js';
import type { WorkerFault } from './condition.js';

/** Where the worker says how it goes. */
export interface HealthPoint {
  /** `http://127.0.0.1:4010` */
  readonly address: string;
  close(): Promise<void>;
}

/** Connections of supervisors; more than these are turned away. */
const CONNECTIONS_MAX = 16;

/**
 * `/healthz`: the process lives. `/readyz`: it hands over and reads on. Nothing else is answered, and nothing is read.
 * @param fault why the worker is not ready, if it is not
 * @throws KuramoriError CONFIGURATION_INVALID when the address cannot be listened on
 */
export async function openHealthPoint(
  { host, port }: { readonly host: string; readonly port: number },
  fault: () => WorkerFault | undefined,
): Promise<HealthPoint> {
  const server = createServer(
    { headersTimeout: HEADERS_MS_MAX, requestTimeout: HEADERS_MS_MAX },
    (request, response) => {
      const [status, body] = answerTo(request.method === 'GET' ? request.url : undefined, fault);
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(JSON.stringify(body));
    },
  );
  server.maxConnections = CONNECTIONS_MAX;
  server.keepAliveTimeout = IDLE_CONNECTION_MS_MAX;
  await listening(server, host, port);
  const { port: taken } = server.address() as AddressInfo;
  return {
    address: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answerTo(url: string | undefined, fault: () => WorkerFault | undefined): [number, object] {
  if (url === '/healthz') return [200, { status: 'alive' }];
  if (url !== '/readyz') return [404, { status: 'not found' }];
  const code = fault();
  return code === undefined ? [200, { status: 'ready' }] : [503, { status: 'not ready', code }];
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new KuramoriError(
          'CONFIGURATION_INVALID',
          `The address of KURAMORI_WORKER_HOST and KURAMORI_WORKER_PORT cannot be listened on (${error.code ?? ''}). ` +
            'Free it or choose another.',
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
}
