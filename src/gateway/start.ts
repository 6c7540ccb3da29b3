import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getNamedType, isListType, getNullableType, isObjectType, type GraphQLSchema } from 'graphql';
import { pino, type Logger } from 'pino';
import { ARGON2_COST } from '../access/credential/argon2.js';
import { openIdentity } from '../access/identity.js';
import { openAuditLog, type AuditLog } from '../audit/log.js';
import type { GatewayConfiguration } from '../config/gateway.js';
import { systemClock, type Clock } from '../kernel/clock.js';
import { openDatabase, type Database } from '../kernel/database/database.js';
import { assertMigrated } from '../kernel/database/migrations.js';
import { isKuramoriError, KuramoriError } from '../kernel/errors.js';
import { DRAIN_MS_MAX, HOUSEKEEPING_MS } from '../kernel/limits.js';
import { RECORDS_MIGRATIONS } from '../kernel/paths.js';
import { connectVault } from './vaultConnection.js';
import { buildApp } from './http/app.js';
import { watchAuditLog } from './http/health.js';
import { readTrustedDocuments } from './http/trusted.js';
import { GatheredReads } from './operation/gather.js';
import { PlanCache } from './operation/plans.js';
import { assertLeastPrivilege } from './privilege.js';
import { renewListenerTls, type ListenerFiles } from './renewal.js';
import { buildSchema } from './schema/build.js';
import { RESOLVERS } from './schema/resolvers.js';

/** A gateway that answers. */
export interface RunningGateway {
  /** Where it listens, e.g. `http://127.0.0.1:4000`. */
  readonly address: string;
  /** Looks at key and certificate, the own and those towards the vault, now; what is sound serves from then on. */
  reloadTls(): void;
  /** Stops taking requests, finishes those under way, writes the audit log out, closes. */
  stop(): Promise<void>;
}

/** Parts that a measurement may replace; nothing that is configured reaches them. */
export interface GatewayParts {
  readonly openAudit?: typeof openAuditLog;
}

const AUDIT_CONNECTIONS = 5;

/**
 * Starts the gateway: checks the database, opens the log, listens.
 * @throws KuramoriError MIGRATION_REFUSED, CONFIGURATION_INVALID, DATABASE_UNAVAILABLE: nothing listens then
 */
export async function startGateway(
  configuration: GatewayConfiguration,
  parts: GatewayParts = {},
): Promise<RunningGateway> {
  const logger = pino({ level: configuration.logLevel, base: { process: 'gateway' } });
  assertSafeListening(configuration);
  const open = (application: string, connections?: number) =>
    openDatabase({
      url: configuration.recordsUrl,
      application,
      prepare: configuration.prepare,
      ...(connections ? { connections } : {}),
    });
  const database = open('kuramori-gateway');
  const auditDatabase = open('kuramori-audit', AUDIT_CONNECTIONS);
  const closeDatabases = () => Promise.all([database.close(), auditDatabase.close()]);
  try {
    await assertMigrated(database, RECORDS_MIGRATIONS);
    await assertLeastPrivilege(database);
    const audit = (parts.openAudit ?? openAuditLog)(auditDatabase, { logger });
    return await listen(configuration, database, audit, logger, closeDatabases);
  } catch (error) {
    await closeDatabases();
    throw error;
  }
}

async function listen(
  configuration: GatewayConfiguration,
  database: Database,
  log: AuditLog,
  logger: Logger,
  closeDatabases: () => Promise<unknown>,
): Promise<RunningGateway> {
  const clock = systemClock;
  const audit = watchAuditLog(log);
  const identity = openIdentity({ database, audit, clock, settings: identitySettings(configuration) });
  const schema = buildSchema(RESOLVERS);
  const connection = connectVault(configuration, { audit, clock, logger });
  const vault = connection?.client;
  const deps = {
    database,
    audit,
    clock,
    vault,
    identity,
    schema,
    plans: new PlanCache(schema),
    reads: new GatheredReads(database),
    lists: listFields(schema),
    forgetRegister: () => identity.forget('everybody'),
    reportDefect: (requestId: string, kind: string, places: readonly string[]) =>
      logger.error({ requestId, kind, places }, 'defect'),
  };
  const files = listenerFilesOf(configuration);
  const app = await buildApp(
    deps,
    {
      discloseSchema: configuration.discloseSchema,
      trustedDocuments: trustedDocuments(configuration),
      tls: files && { key: files.key.content, cert: files.certificate.content },
    },
    logger,
  );
  await app.listen({ host: configuration.host, port: configuration.port }).catch((error: unknown) => {
    throw listeningError(error);
  });
  const { port } = app.server.address() as AddressInfo;
  const address = `${configuration.tlsKeyFile ? 'https' : 'http'}://${configuration.host}:${port}`;
  logger.info({ address }, 'ready');
  const renewal = files && renewListenerTls(files, app.server as unknown as Server, { audit, clock, logger });
  const housekeeping = setInterval(() => void purgeExpired(database, clock, logger), HOUSEKEEPING_MS);
  const stop = async () => {
    clearInterval(housekeeping);
    renewal?.close();
    const timer = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS_MAX);
    await app.close();
    clearTimeout(timer);
    connection?.close();
    await identity.close();
    await audit.close();
    await closeDatabases();
    logger.info('stopped');
  };
  const reloadTls = () => {
    renewal?.reload();
    connection?.reloadTls();
  };
  return { address, stop, reloadTls };
}

/** Drops what has long expired: assertions that were used, outside sign-ins that were never finished. */
async function purgeExpired(database: Database, clock: Clock, logger: Logger): Promise<void> {
  const moment = clock.now().toString();
  try {
    await database.run('housekeeping', ({ raw }) => raw`select access.purge_expired(${moment}::timestamptz)`);
  } catch (error) {
    logger.warn(
      { code: isKuramoriError(error) ? error.code : 'INTERNAL' },
      'housekeeping failed; it is tried again',
    );
  }
}

/** @returns a sentence for what the operating system said */
function listeningError(error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') return error;
  return new KuramoriError(
    'CONFIGURATION_INVALID',
    `The address of KURAMORI_HOST and KURAMORI_PORT cannot be listened on (${code}). Free it or choose another.`,
  );
}

/** Names of the schema's fields that answer plain lists of objects. */
export function listFields(schema: GraphQLSchema): ReadonlySet<string> {
  const names = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      if (isListType(getNullableType(field.type)) && isObjectType(getNamedType(field.type)))
        names.add(field.name);
    }
  }
  return names;
}

function identitySettings(configuration: GatewayConfiguration) {
  return {
    issuer: configuration.issuer,
    audience: configuration.issuer,
    tokenEndpoint: new URL('/token', configuration.issuer).toString(),
    signingKey: configuration.signingKey,
    formerSigningKeys: configuration.formerSigningKeys ?? [],
    pepper: configuration.pepper,
    credentialKey: configuration.credentialKey,
    argon2: ARGON2_COST,
    sessionIdleMinutes: configuration.sessionIdleMinutes,
    sessionAbsoluteMinutes: configuration.sessionAbsoluteMinutes,
    oidc: configuration.oidc,
  };
}

/** @throws KuramoriError CONFIGURATION_INVALID when trusted documents are asked for and none are registered */
function trustedDocuments(configuration: GatewayConfiguration) {
  if (configuration.documents === 'any') return undefined;
  if (configuration.documentsFile === undefined) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'KURAMORI_DOCUMENTS is trusted, so KURAMORI_DOCUMENTS_FILE must name their register.',
    );
  }
  return readTrustedDocuments(configuration.documentsFile);
}

function listenerFilesOf(configuration: GatewayConfiguration): ListenerFiles | undefined {
  const { tlsKeyFile: key, tlsCertificateFile: certificate } = configuration;
  if (key === undefined && certificate === undefined) return undefined;
  if (key === undefined || certificate === undefined) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'KURAMORI_TLS_KEY_FILE and KURAMORI_TLS_CERTIFICATE_FILE must both be given.',
    );
  }
  return { key, certificate };
}

/** Tokens and tax records do not cross a network in the clear. */
function assertSafeListening({ host, tlsKeyFile }: GatewayConfiguration): void {
  if (host === '127.0.0.1' || host === '::1' || host === 'localhost' || tlsKeyFile !== undefined) return;
  throw new KuramoriError(
    'CONFIGURATION_INVALID',
    'KURAMORI_HOST is not the loopback address, so KURAMORI_TLS_KEY_FILE must be given.',
  );
}
