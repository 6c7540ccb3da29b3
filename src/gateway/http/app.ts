import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Identity } from '../../access/identity.js';
import { isKuramoriError, KuramoriError } from '../../kernel/errors.js';
import { HEADER_CHARS_MAX, REQUEST_MS_MAX } from '../../kernel/limits.js';
import { assertNoNumber, mayHoldNumber } from '../../kernel/suspectedNumber.js';
import type { GatewayContext } from '../operation/context.js';
import { answerBody } from '../operation/result.js';
import { refuseOperation, runOperation, type RunnerDeps, type ValidOperation } from '../operation/run.js';
import { registerSignIn } from '../signin/routes.js';
import { createHttp, type TlsFiles } from './create.js';
import { registerGraphql, type KnownAnswer } from './graphqlRoute.js';
import { registerHealth, type WatchedAuditLog } from './health.js';
import { KnownDocuments, knownRequest } from '../operation/knownDocuments.js';
import { graphqlEngine, type DisclosureSettings } from './server.js';
import { assertBodyWithinLimits } from './bodyLimits.js';
import { carryingRules, LongRequests } from './longRequests.js';
import { trustedBody, type TrustedDocuments } from './trusted.js';

/** What the HTTP layer is built from. */
export interface AppDeps extends RunnerDeps {
  readonly audit: WatchedAuditLog;
  readonly identity: Identity;
  readonly schema: GraphQLSchema;
}

/** What may be set about it. */
export interface AppSettings extends DisclosureSettings {
  /** Where only registered documents are answered: their register. */
  readonly trustedDocuments: TrustedDocuments | undefined;
  /** Key and certificate chain (PEM) to listen with. */
  readonly tls?: TlsFiles | undefined;
}

/** The gateway over HTTP: sign-in, GraphQL, health. Start the engine before listening. */
export async function buildApp(
  deps: AppDeps,
  settings: AppSettings,
  logger?: FastifyBaseLogger,
): Promise<FastifyInstance> {
  const app = createHttp(settings.tls, logger);
  await registerSignIn(app, deps.identity);
  registerHealth(app, deps);
  await registerOperations(app, deps, settings);
  return app;
}

async function registerOperations(app: FastifyInstance, deps: AppDeps, settings: AppSettings): Promise<void> {
  const documents = new KnownDocuments();
  const engine = graphqlEngine(deps.schema, deps, settings, documents);
  await engine.start();
  app.addHook('onClose', () => engine.stop());
  const contexts = new WeakMap<FastifyRequest, GatewayContext>();
  const longRequests = new LongRequests(carryingRules(deps.schema));
  registerGraphql(app, engine, {
    path: '/graphql',
    context: (request) => Promise.resolve(contexts.get(request) as GatewayContext),
    known: (request) => {
      const operation = knownRequest(documents, request.body);
      return operation && answerKnown(deps, contexts.get(request) as GatewayContext, operation);
    },
    admit: async (request, reply) => {
      // What is refused here is never read: the connection ends with the answer.
      reply.header('connection', 'close');
      const context = { ...(await contextOf(request, deps.identity)), isLong: true };
      contexts.set(request, context);
      await orRefuse(deps, context, reply, () => {
        const done = longRequests.admit(context);
        // Whoever has gone away while the register was asked is not waited for.
        if (reply.raw.closed) done();
        else reply.raw.once('close', done);
        reply.removeHeader('connection');
      });
    },
    before: async (request, reply) => {
      const context = contexts.get(request) ?? (await contextOf(request, deps.identity));
      contexts.set(request, context);
      await orRefuse(deps, context, reply, () => {
        for (const name of CONTEXT_HEADERS) assertPlainHeader(request, name);
        if (settings.trustedDocuments)
          request.body = trustedBody(settings.trustedDocuments, context.caller.clientApp, request.body);
        assertBodyWithinLimits(request.body, context.isLong);
      });
    },
  });
}

/** The same operation, run the same way, as the engine's plugin runs it. */
async function answerKnown(
  deps: AppDeps,
  context: GatewayContext,
  operation: ValidOperation,
): Promise<KnownAnswer> {
  const result = await runOperation(deps, context, operation);
  return { status: result.status, body: answerBody(result) };
}

/** A refusal before the engine is recorded like every other. */
async function orRefuse(
  deps: AppDeps,
  context: GatewayContext,
  reply: FastifyReply,
  work: () => void,
): Promise<void> {
  try {
    work();
  } catch (error) {
    if (!isKuramoriError(error)) throw error;
    const refused = await refuseOperation(deps, context, error);
    await reply.status(refused.status ?? 400).send({ errors: refused.errors?.map((each) => each.toJSON()) });
  }
}

/** Headers that tell of the request; one that is malformed is refused once the caller is known, with its entry. */
const CONTEXT_HEADERS = ['kuramori-purpose', 'kuramori-case', 'kuramori-terminal'] as const;

/** @throws KuramoriError UNAUTHENTICATED and the like: the document is not even read */
async function contextOf(request: FastifyRequest, identity: Identity): Promise<GatewayContext> {
  const deadlineMs = performance.now() + REQUEST_MS_MAX;
  const caller = await identity.authenticate(
    request.headers.authorization,
    oneLine(request, 'kuramori-terminal') ?? '',
    {
      address: request.ip,
      requestId: request.id,
    },
  );
  return {
    caller,
    requestId: request.id,
    purpose: headerText(request, 'kuramori-purpose') ?? '',
    caseRef: headerText(request, 'kuramori-case'),
    isLong: false,
    deadlineMs,
    recorded: false,
  };
}

/** @throws KuramoriError BAD_INPUT naming the header */
function assertPlainHeader(request: FastifyRequest, name: string): void {
  const value = oneLine(request, name);
  if (value !== undefined) assertNoNumber(value, name);
  if (request.headers[name] === undefined || headerText(request, name) !== undefined) return;
  throw new KuramoriError(
    'BAD_INPUT',
    `The header ${name} must be one line of at most ${HEADER_CHARS_MAX} plain characters.`,
  );
}

/** A header for the audit context, if it is one the log can hold. */
function headerText(request: FastifyRequest, name: string): string | undefined {
  const value = oneLine(request, name);
  const isPlain = value !== undefined && value.length <= HEADER_CHARS_MAX && /^[\x20-\x7e]*$/.test(value);
  return isPlain && !mayHoldNumber(value) ? value : undefined;
}

function oneLine(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
