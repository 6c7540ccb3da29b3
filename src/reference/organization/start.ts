import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import type { OrganizationConfiguration } from '../../config/organization.js';
import { systemClock, type Clock } from '../../kernel/clock.js';
import { KuramoriError } from '../../kernel/errors.js';
import {
  DRAIN_MS_MAX,
  ORGANIZATION_CONNECTIONS_MAX,
  ORGANIZATION_UPLOAD_MS_MAX,
  VAULT_REQUEST_MS_MAX,
} from '../../kernel/limits.js';
import { createDoor, serviceAt, type DoorLimits } from '../door.js';
import { registerControl } from './http/control.js';
import { createOrganizationHttp } from './http/create.js';
import { registerRoutes } from './http/routes.js';
import { publishedKeys, type PublishedKeys } from './keys.js';
import { openOrganization, type Organization } from './organization.js';
import { takeFromMedium, type Carriage } from './receive.js';

const LIMITS: DoorLimits = {
  connectionsMax: ORGANIZATION_CONNECTIONS_MAX,
  headersMs: VAULT_REQUEST_MS_MAX,
  requestMs: ORGANIZATION_UPLOAD_MS_MAX,
};

/** What the organization is started with. */
export interface OrganizationOptions extends OrganizationConfiguration {
  /** Opens the paths with which tests steer it; never in production. */
  readonly testControl?: boolean;
  readonly clock?: Clock;
}

/** A reference organization that listens. */
export interface RunningOrganization {
  /** Where it listens, e.g. `https://127.0.0.1:4300`. */
  readonly address: string;
  /** What a municipality registers of it. */
  readonly keys: PublishedKeys;
  /** Takes a package from the folder of a medium. @returns the DELIVERY receipt */
  takeFromMedium(folder: string, carriage: Carriage): Promise<string>;
  /** Finishes what is under way. */
  stop(): Promise<void>;
}

/**
 * Starts the reference organization (滞納整理機構): it stands in for a real one, so that every transfer can be run and
 * tested.
 * @throws KuramoriError CONFIGURATION_INVALID: nothing listens then
 */
export async function startOrganization(options: OrganizationOptions): Promise<RunningOrganization> {
  const organization = await openOrganization(options, options.clock ?? systemClock);
  const app = await buildApp(options, organization);
  const stop = async () => {
    const late = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS_MAX);
    await app.close();
    clearTimeout(late);
    await organization.turn(async () => undefined);
  };
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await stop();
    throw listeningError(error);
  }
  const { port, address, family } = app.server.address() as AddressInfo;
  const host = family === 'IPv6' ? `[${address}]` : address;
  return {
    address: `https://${host}:${port}`,
    keys: publishedKeys(organization.keys),
    takeFromMedium: (folder, carriage) => takeFromMedium(organization, folder, carriage),
    stop,
  };
}

async function buildApp(options: OrganizationOptions, organization: Organization): Promise<FastifyInstance> {
  const { tlsKey: key, tlsCertificate: certificate, tlsCa: ca, services } = options;
  const logger = pino({ level: options.logLevel, base: { process: 'organization' } });
  const app = createOrganizationHttp(
    (listener) => createDoor({ key, certificate, ca }, LIMITS, listener),
    logger,
  );
  app.addHook('onRequest', async (request, reply) => {
    const service = serviceAt(request.raw.socket, organization.clock.now().epochMilliseconds);
    if (service !== undefined && services.has(service)) return;
    reply.header('connection', 'close');
    throw new KuramoriError('UNAUTHENTICATED', 'The certificate is of no service that may connect.');
  });
  registerRoutes(app, organization);
  if (options.testControl === true) registerControl(app, organization);
  await app.ready();
  return app;
}

/** @returns a sentence for what the operating system said */
function listeningError(error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') return error;
  return new KuramoriError(
    'CONFIGURATION_INVALID',
    'The address of KURAMORI_ORGANIZATION_HOST and KURAMORI_ORGANIZATION_PORT cannot be listened on ' +
      `(${code}). Free it or choose another.`,
  );
}
