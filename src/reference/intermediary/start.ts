import type { AddressInfo } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { pino, type Logger } from 'pino';
import type { IntermediaryConfiguration } from '../../config/intermediary.js';
import { systemClock } from '../../kernel/clock.js';
import { KuramoriError } from '../../kernel/errors.js';
import { DRAIN_MS_MAX, HOUSEKEEPING_MS } from '../../kernel/limits.js';
import type { DropRequest } from '../../protocol/intermediary/drop/frame.js';
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
import { registerMessages, type RouteDeps } from './http/routes.js';
import { connectionBreaks, type Breakage } from './http/fault.js';
import { answered, filesBreak } from './drop/breakage.js';
import { DropDoor } from './drop/door.js';
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
  const parts: Parts = { exchange, turn, clock, logger, faults: new FaultPlan() };
  const timer = setInterval(() => {
    turn
      .take(() => clean(exchange))
      .catch((error: unknown) => logger.error({ kind: (error as object).constructor.name }, 'housekeeping'));
  }, HOUSEKEEPING_MS);
  const doors: Door[] = [];
  const stop = async () => {
    clearInterval(timer);
    await Promise.all(doors.map((door) => door.stop()));
    await turn.take(() => exchange.close());
  };
  try {
    const network = await openNetwork(options, parts);
    doors.push(network);
    for (const [service, folder] of options.drops)
      doors.push(await openDrop(options, { service, folder }, parts));
    return { address: await network.listen(), stop };
  } catch (error) {
    await stop();
    throw listeningError(error);
  }
}

/** What the ways in have in common. */
interface Parts {
  readonly exchange: OpenExchange;
  readonly turn: Turn;
  readonly clock: SettableClock;
  readonly logger: Logger;
  readonly faults: FaultPlan;
}

/** A way in. */
interface Door {
  /** Finishes what is under way. */
  stop(): Promise<void>;
}

async function openNetwork(
  {
    tlsKey: key,
    tlsCertificate: certificate,
    tlsCa: ca,
    linkages,
    host,
    port,
    testControl,
  }: IntermediaryOptions,
  parts: Parts,
): Promise<Door & { listen(): Promise<string> }> {
  const { exchange, logger } = parts;
  const door = createHttp2Door({ key, certificate, ca });
  const app = createIntermediaryHttp(logger, door.listenedToBy);
  const callers = new WeakMap<FastifyRequest, Body>();
  app.addHook('onRequest', async (request) => {
    const service = serviceAt(request.raw.socket, systemClock.now().epochMilliseconds);
    const body = exchange.bodies.get(linkages.get(service ?? '') ?? '');
    if (body === undefined)
      throw new KuramoriError('UNAUTHENTICATED', 'The certificate is of no linkage server that may connect.');
    callers.set(request, body);
  });
  registerPaths(app, parts, connectionBreaks, (request) => callers.get(request) as Body);
  if (testControl === true) registerControl(app, parts);
  await app.ready();
  return {
    listen: async () => {
      await app.listen({ host, port });
      const { port: own, address, family } = app.server.address() as AddressInfo;
      return `https://${family === 'IPv6' ? `[${address}]` : address}:${own}`;
    },
    stop: async () => {
      door.closeSessions();
      const late = setTimeout(() => door.endSessions(), DRAIN_MS_MAX);
      await app.close();
      clearTimeout(late);
    },
  };
}

/** A door for a linkage server that exchanges by files, with paths that know its body alone. */
async function openDrop(
  { tlsKey: key, tlsCertificate: certificate, tlsCa: ca, linkages, dropKey }: IntermediaryOptions,
  { service, folder }: { readonly service: string; readonly folder: string },
  parts: Parts,
): Promise<Door> {
  const body = parts.exchange.bodies.get(linkages.get(service) ?? '');
  if (body === undefined || dropKey === undefined)
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'KURAMORI_INTERMEDIARY_DROPS names a service that is not in KURAMORI_INTERMEDIARY_LINKAGES, or there is no ' +
        'KURAMORI_INTERMEDIARY_DROP_KEY_FILE.',
    );
  const app = createIntermediaryHttp(parts.logger);
  registerPaths(app, parts, filesBreak, () => body);
  await app.ready();
  const { logger } = parts;
  const answer = (request: DropRequest) => answered(app, request);
  return new DropDoor({ folder, dropKey, tls: { key, certificate, ca }, service, answer, logger });
}

function registerPaths(
  app: FastifyInstance,
  { exchange, turn, faults }: Parts,
  breakage: Breakage,
  bodyOf: RouteDeps['bodyOf'],
): void {
  const deps: RouteDeps = { exchange, turn, faults, breakage, bodyOf };
  registerMessages(app, deps);
  registerLists(app, deps);
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
