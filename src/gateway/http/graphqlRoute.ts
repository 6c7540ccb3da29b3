import { HeaderMap, type ApolloServer, type BaseContext } from '@apollo/server';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import { LRUCache } from 'lru-cache';
import { KuramoriError } from '../../kernel/errors.js';
import { ACCEPT_HEADERS_KNOWN_MAX, BODY_BYTES_MAX, CARRYING_BODY_BYTES_MAX } from '../../kernel/limits.js';

/** How a route fills the engine's context and its document. */
export interface GraphqlRouteOptions<C extends BaseContext> {
  readonly path: string;
  readonly context: (request: FastifyRequest) => Promise<C>;
  /** Runs before the engine sees anything: authentication, registered documents. May answer by itself. */
  readonly before?: (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
  /**
   * Whether a body over the server's limit is taken: runs before a byte of it is read, and answers by itself or throws
   * where it is not. Without it none is.
   */
  readonly admit?: (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
  /** Answers without the engine what was answered through it before; undefined leaves the request to the engine. */
  readonly known?: (request: FastifyRequest) => Promise<KnownAnswer> | undefined;
}

/** An answer to a known document. */
export interface KnownAnswer {
  readonly status: number | undefined;
  readonly body: object;
}

/**
 * The GraphQL endpoint over HTTP: POST with a JSON body, nothing else. The engine decides status and media type
 * (GraphQL over HTTP specification).
 */
export function registerGraphql<C extends BaseContext>(
  app: FastifyInstance,
  engine: ApolloServer<C>,
  options: GraphqlRouteOptions<C>,
): void {
  const before = options.before ? { preHandler: options.before } : {};
  const mediaTypes = new LRUCache<string, string>({ max: ACCEPT_HEADERS_KNOWN_MAX });
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    const accept = request.headers.accept ?? '';
    const mediaType = mediaTypes.get(accept);
    const known = mediaType === undefined ? undefined : options.known?.(request);
    if (mediaType !== undefined && known !== undefined) {
      const { status, body } = await known;
      return reply
        .status(statusOf(status, mediaType, 'data' in body))
        .header('content-type', mediaType)
        .send(`${JSON.stringify(body)}\n`);
    }
    const told = await engine.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: 'POST', headers: headersOf(request), body: request.body, search: '' },
      context: () => options.context(request),
    });
    if (told.body.kind !== 'complete')
      throw new KuramoriError('INTERNAL', 'The engine answered in parts, which is off.');
    for (const [name, value] of told.headers) reply.header(name, value);
    const chosen = told.headers.get('content-type');
    // What the engine chose for a refusal of its own says nothing of answers.
    if (chosen !== undefined && (told.status ?? 200) === 200) mediaTypes.set(accept, chosen);
    return reply.status(statusOf(told.status, chosen, hasData(told.body.string))).send(told.body.string);
  };
  const refuseMethod = (_request: FastifyRequest, reply: FastifyReply) =>
    reply
      .status(405)
      .header('allow', 'POST')
      .send(errorBody('BAD_INPUT', 'GraphQL is asked here by POST with a JSON body.'));
  app.post(options.path, before, answer);
  if (options.admit) registerLong(app, options.path, { ...before, onRequest: options.admit }, answer);
  app.route({
    method: ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: options.path,
    onRequest: async (request, reply) => refuseMethod(request, reply),
    handler: refuseMethod,
  });
}

/** In the media type of GraphQL alone, an answer without data tells so by its status (GraphQL over HTTP, §6.4.2). */
function statusOf(status: number | undefined, mediaType: string | undefined, data: boolean): number {
  if (status !== undefined && status !== 200) return status;
  return !data && mediaType?.startsWith('application/graphql-response+json') === true ? 400 : 200;
}

function hasData(body: string): boolean {
  return 'data' in (JSON.parse(body) as object);
}

/**
 * The same endpoint for requests that state a longer body. One of no stated length is read by the other route, up to
 * the server's limit.
 */
function registerLong(
  app: FastifyInstance,
  path: string,
  hooks: Pick<RouteShorthandOptions, 'preHandler' | 'onRequest'>,
  answer: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>,
): void {
  app.addConstraintStrategy({
    name: 'length',
    storage: () => {
      const handlers = new Map<unknown, never>();
      return {
        get: (length) => handlers.get(length) ?? null,
        set: (length, handler) => handlers.set(length, handler as never),
      };
    },
    validate: () => true,
    deriveConstraint: ({ headers }) =>
      Number(headers['content-length']) > BODY_BYTES_MAX ? 'long' : undefined,
  });
  app.post(path, { ...hooks, bodyLimit: CARRYING_BODY_BYTES_MAX, constraints: { length: 'long' } }, answer);
}

/** The body of an answer that never reached the engine. */
export function errorBody(code: string, message: string, requestId?: string): { errors: readonly object[] } {
  return { errors: [{ message, extensions: { code, ...(requestId === undefined ? {} : { requestId }) } }] };
}

function headersOf(request: FastifyRequest): HeaderMap {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}
