import { chmodSync, lstatSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { isKuramoriError, KuramoriError } from '../../kernel/errors.js';
import { REGISTRATION_CHUNK_BYTES_MAX, VAULT_ADMIN_BODY_BYTES_MAX } from '../../kernel/limits.js';
import { mayHoldNumber } from '../../kernel/suspectedNumber.js';
import { strictJsonObject, type JsonObject } from '../../kernel/token/json.js';
import { refusedAnswer } from './answer.js';

/**
 * One thing an operator can ask of a vault that runs.
 * @param input from the command line, unchecked
 * @param operator the name the command line gives for whoever typed it; the operating system vouches for the account of
 *   the vault alone
 */
export type AdminHandler = (input: JsonObject, operator: string) => Promise<unknown>;

/**
 * As a command, but of bytes: a part of a file, whose content never becomes a text.
 * @param bytes wiped when the handler has ended
 * @param query unchecked
 */
export type UploadHandler = (
  bytes: Buffer,
  query: Readonly<Record<string, unknown>>,
  operator: string,
) => Promise<unknown>;

/** Administration that is listened to. */
export interface AdminListener {
  close(): Promise<void>;
}

const OPERATOR = /^[\x21-\x7e]{1,64}$/;

/**
 * Listens on a Unix socket of mode 600 in a folder that only this account may enter: who can open it, is the account
 * of the vault.
 * @throws KuramoriError CONFLICT when a vault listens there; CONFIGURATION_INVALID when the place is open to others
 */
export async function listenForAdministration(
  path: string,
  handlers: Readonly<Record<string, AdminHandler>>,
  logger: FastifyBaseLogger,
  uploads: Readonly<Record<string, UploadHandler>> = {},
): Promise<AdminListener> {
  await preparePlace(path);
  const app = Fastify({
    serverFactory: (listener) => createServer(listener),
    bodyLimit: VAULT_ADMIN_BODY_BYTES_MAX,
    logController: new LogController({ disableRequestLogging: true }),
    loggerInstance: logger,
  });
  app.removeAllContentTypeParsers();
  void app.register((scope) => registerCommands(scope, handlers));
  void app.register((scope) => registerUploads(scope, uploads));
  await app.listen({ path });
  chmodSync(path, 0o600);
  // Node takes the socket away when it stops to listen; later it may be that of the next vault.
  return { close: () => app.close() };
}

type Named = { Params: { name: string } };

async function registerCommands(
  scope: FastifyInstance,
  handlers: Readonly<Record<string, AdminHandler>>,
): Promise<void> {
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    const bytes = body as Buffer;
    try {
      done(null, strictJsonObject(bytes));
    } catch (error) {
      done(error as Error);
    } finally {
      // A passphrase may have been in it.
      bytes.fill(0);
    }
  });
  scope.post<Named>('/v1/:name', (request, reply) =>
    answer(request, reply, handlers, (handler, operator) => handler(request.body as JsonObject, operator)),
  );
}

async function registerUploads(
  scope: FastifyInstance,
  uploads: Readonly<Record<string, UploadHandler>>,
): Promise<void> {
  scope.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  const bodyLimit = REGISTRATION_CHUNK_BYTES_MAX;
  scope.post<Named>('/v1/uploads/:name', { bodyLimit }, async (request, reply) => {
    const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    try {
      return await answer(request, reply, uploads, (handler, operator) =>
        handler(bytes, request.query as JsonObject, operator),
      );
    } finally {
      bytes.fill(0);
    }
  });
}

async function answer<Handler>(
  request: FastifyRequest<Named>,
  reply: FastifyReply,
  handlers: Readonly<Record<string, Handler>>,
  call: (handler: Handler, operator: string) => Promise<unknown>,
): Promise<FastifyReply> {
  const { name } = request.params;
  const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
  const operator = request.headers['kuramori-operator'];
  try {
    if (handler === undefined) throw new KuramoriError('NOT_FOUND', 'The vault knows no such command.');
    if (typeof operator !== 'string' || !OPERATOR.test(operator) || mayHoldNumber(operator))
      throw new KuramoriError('BAD_INPUT', 'The command must name who typed it.');
    return await reply.send({ result: (await call(handler, operator)) ?? null });
  } catch (error) {
    if (!isKuramoriError(error)) request.log.error({ command: name, kind: kindOf(error) }, 'defect');
    return await reply.status(400).send({ error: refusedAnswer(error).error });
  }
}

/** Between listening and the change of the mode the folder keeps others out. */
async function preparePlace(path: string): Promise<void> {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { mode, uid } = statSync(folder);
  if ((mode & 0o077) !== 0 || uid !== process.getuid?.()) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'The folder of KURAMORI_VAULT_SOCKET must belong to the account of the vault and have mode 700.',
    );
  }
  const left = lstatSync(path, { throwIfNoEntry: false });
  if (left === undefined) return;
  if (!left.isSocket()) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'KURAMORI_VAULT_SOCKET names something that is no socket. Name another path.',
    );
  }
  if (await isListenedTo(path)) {
    throw new KuramoriError('CONFLICT', 'A vault is running already; it listens on KURAMORI_VAULT_SOCKET.');
  }
  // What a vault that was killed left behind.
  rmSync(path);
}

function isListenedTo(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}

function kindOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}
