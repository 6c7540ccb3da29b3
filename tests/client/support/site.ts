import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

/** What a page posts to a path, and what it is answered. */
export type Answers = Readonly<Record<string, (posted: unknown) => unknown>>;

const SCRIPT = 'text/javascript; charset=utf-8';

const IMPORTS = {
  jose: '/packages/jose/dist/webapi/index.js',
  canonicalize: '/packages/canonicalize/lib/canonicalize.js',
};

/**
 * Serves on loopback, which browsers take for a secure context, a page that runs a built script, packages from
 * node_modules by an import map, and answers to what the page posts.
 */
export async function startSite(options: {
  /** Folder of what was built. */
  readonly built: string;
  /** In that folder. */
  readonly script: string;
  readonly answers: Answers;
}): Promise<{ readonly url: string; readonly asked: readonly string[]; close(): Promise<void> }> {
  const asked: string[] = [];
  const page = [
    '<!doctype html><title>client</title>',
    `<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>`,
    `<script type="module" src="/built/${options.script}"></script>`,
  ].join('\n');
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url!, 'http://localhost').pathname;
    asked.push(path);
    const answer = options.answers[path];
    if (request.method === 'POST' && answer !== undefined)
      response.end(JSON.stringify((await answer(JSON.parse(await text(request)))) ?? null));
    else if (path === '/') response.setHeader('content-type', 'text/html; charset=utf-8').end(page);
    else sendModule(response, path, options.built);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, asked, close: () => closed(server) };
}

function sendModule(response: ServerResponse, path: string, built: string): void {
  const folders: Readonly<Record<string, string>> = {
    '/built/': built,
    '/packages/': resolve('node_modules'),
  };
  const prefix = Object.keys(folders).find((each) => normalize(path).startsWith(each)) ?? '';
  const file = join(folders[prefix] ?? '', path.slice(prefix.length));
  if (prefix !== '' && existsSync(file)) sendScript(response, file);
  else response.writeHead(404).end();
}

function sendScript(response: ServerResponse, file: string): void {
  const code = readFileSync(file, 'utf8');
  response.setHeader('content-type', SCRIPT).end(code);
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((done, failed) => {
    server.close((error) => (error === undefined ? done() : failed(error)));
  });
}
