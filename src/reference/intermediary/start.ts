import type { AddressInfo } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { pino, type Logger } from 'pino';
import type { IntermediaryConfiguration } from '../../config/intermediary.js';
import { systemClock } from '../../kernel/clock.js';
import { KuramoriError } from '../../kernel/errors.js';
import { DRAIN_MS_MAX, HOUSEKEEPING_MS } from '../../kernel/limits.js';
import { serviceAt } from '../door.js';
import type { Body } from './body.js';
import { SettableClock } from './clock.js';
import { demonstrationForm, type Demonstration } from './demonstration.js';
import { FaultPlan } from './faults.js';
import { clean } from './housekeeping.js';
import { registerControl } from './http/control.js';
import { createIntermediaryHttp } from './http/create.js';
import { createHttp2Door } from './http/door.js';
import { registerLists } from './http/lists.js';
import { registerMessages } from './http/routes.js';
import { openExchange, type OpenExchange } from './open.js';
import { staffTableForm, type StaffRow } from './staff.js';
import { Turn } from './turn.js';

/** What the server is started with. */
export interface IntermediaryOptions extends IntermediaryConfiguration {
  /** Opens the paths with which tests set clock and faults; never in production. */
  readonly testControl?: boolean;
}

/** A reference intermediary server that listens. */
export interface RunningIntermediary {
  /** Where it listens, e.g. `https://127.0.0.1:4200`. */
  readonly address: string;
  /** Finishes what is under way and closes the stores. */
  stop(): Promise<void>;
}

/**
 * Starts the reference intermediary server (中間サーバー): it stands in for the national one, so that every exchange can
 * be run and tested.
 * @throws KuramoriError CONFIGURATION_INVALID, INTEGRITY_FAILURE when a journal is damaged: nothing listens then
 */
export async function startIntermediary(options: IntermediaryOptions): Promise<RunningIntermediary> {
  const logger = pino({ level: options.logLevel, base: { process: 'intermediary' } });
  const clock = new SettableClock();
  const { data, seed } = options;
  const { people, staff } = demonstrationOf(options);
  const exchange = await openExchange({ data, seed, staff: [...staff, ...staffOf(options)], people, clock });
  const turn = new Turn();
  const { app, door } = await buildApp(options, exchange, { turn, clock, logger });
  const timer = setInterval(() => {
    turn
      .take(() => clean(exchange))
      .catch((error: unknown) => logger.error({ kind: (error as object).constructor.name }, 'housekeeping'));
  }, HOUSEKEEPING_MS);
  const stop = async () => {
    clearInterval(timer);
    door.closeSessions();
    const late = setTimeout(() => door.endSessions(), DRAIN_MS_MAX);
    await app.close();
    clearTimeout(late);
    await turn.take(() => exchange.close());
  };
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await stop();
    throw listeningError(error);
  }
  const { port, address, family } = app.server.address() as AddressInfo;
  return { address: `https://${family === 'IPv6' ? `[${address}]` : address}:${port}`, stop };
}

async function buildApp(
  options: IntermediaryOptions,
  exchange: OpenExchange,
  { turn, clock, logger }: { readonly turn: Turn; readonly clock: SettableClock; readonly logger: Logger },
) {
  const { tlsKey: key, tlsCertificate: certificate, tlsCa: ca, linkages } = options;
  const door = createHttp2Door({ key, certificate, ca });
  const app = createIntermediaryHttp(door.listenedToBy, logger);
  const callers = new WeakMap<FastifyRequest, Body>();
  app.addHook('onRequest', async (request) => {
    const service = serviceAt(request.raw.socket, systemClock.now().epochMilliseconds);
    const body = exchange.bodies.get(linkages.get(service ?? '') ?? '');
    if (body === undefined)
      throw new KuramoriError('UNAUTHENTICATED', 'The certificate is of no linkage server that may connect.');
    callers.set(request, body);
  });
  const faults = new FaultPlan();
  const deps = { exchange, turn, faults, bodyOf: (request: FastifyRequest) => callers.get(request) as Body };
  registerMessages(app, deps);
  registerLists(app, deps);
  if (options.testControl === true) registerControl(app, { exchange, turn, clock, faults });
  await app.ready();
  return { app, door };
}

/** @throws KuramoriError CONFIGURATION_INVALID */
function staffOf({ staff }: IntermediaryOptions): StaffRow[] {
  const table = staffTableForm.safeParse(staff);
  if (table.success) return table.data;
  throw new KuramoriError(
    'CONFIGURATION_INVALID',
    'The file of KURAMORI_INTERMEDIARY_STAFF_FILE is not a staff table. docs/intermediary.md shows one.',
  );
}

/** @throws KuramoriError CONFIGURATION_INVALID */
function demonstrationOf({ demonstration }: IntermediaryOptions): Demonstration {
  if (demonstration === undefined) return { people: [], staff: [] };
  const found = demonstrationForm.safeParse(demonstration);
  if (found.success) return found.data;
  throw new KuramoriError(
    'CONFIGURATION_INVALID',
    'The file of KURAMORI_INTERMEDIARY_DEMONSTRATION_FILE is not a demonstration. docs/intermediary.md tells what ' +
      'it holds.',
  );
}

/** @returns a sentence for what the operating system said */
function listeningError(error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') return error;
  return new KuramoriError(
    'CONFIGURATION_INVALID',
    'The address of KURAMORI_INTERMEDIARY_HOST and KURAMORI_INTERMEDIARY_PORT cannot be listened on ' +
      `(${code}). Free it or choose another.`,
  );
}
