import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Sql } from 'postgres';
import { openDatabase } from '../../src/kernel/database/database.js';

/** Variables of a question, as GraphQL names them. */
export type Variables = Readonly<Record<string, string | number>>;

/**
 * Serves a floor: one statement written by hand whose text is the answer, behind Node's own HTTP server and the same
 * driver. Nobody is asked who they are, nothing is decided, nothing is recorded.
 * @param statement gives the text of `data`
 */
export function serveFloor(
  statement: (raw: Sql, variables: Variables) => PromiseLike<readonly { readonly data: string }[]>,
): void {
  const database = openDatabase({
    url: process.env['RECORDS_DATABASE_URL'] ?? '',
    application: 'kuramori-floor',
  });
  const answerTo = async (variables: Variables): Promise<Buffer> => {
    const [row] = await database.run('floor', ({ raw }) => statement(raw, variables));
    return Buffer.from(`{"data":${row?.data ?? 'null'}}\n`);
  };
  const server = createServer((request, response) => {
    variablesOf(request)
      .then(answerTo)
      .then(
        (body) => {
          response
            .writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
            .end(body);
        },
        (failure: unknown) => {
          process.stderr.write(`floor: ${String(failure)}\n`);
          response.writeHead(500, { 'content-length': 0 }).end();
        },
      );
  });
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    process.send?.({ ready: `http://127.0.0.1:${port}` });
  });
  process.once('SIGTERM', () => process.exit());
  process.once('disconnect', () => process.exit());
}

async function variablesOf(request: IncomingMessage): Promise<Variables> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const { variables } = JSON.parse(Buffer.concat(pieces).toString('utf8')) as { variables: Variables };
  return variables;
}
