import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { pino, type Logger } from 'pino';
import { openAuditLog } from '../audit/log.js';
import { contentOf, type TlsFiles } from '../config/tlsFiles.js';
import type { VaultConfiguration } from '../config/vault.js';
import { systemClock, type Clock } from '../kernel/clock.js';
import { openDatabase, type Database } from '../kernel/database/database.js';
import { assertMigrated } from '../kernel/database/migrations.js';
import { isKuramoriError, KuramoriError } from '../kernel/errors.js';
import { DRAIN_MS_MAX } from '../kernel/limits.js';
import { SHRED_MIGRATIONS, VAULT_MIGRATIONS } from '../kernel/paths.js';
import { administration } from './administration.js';
import { openClockGuard } from './clock.js';
import type { VaultContext } from './context.js';
import { HeldJournal } from './erasure/heldJournal.js';
import { openWorkOf } from './erasure/running.js';
import { scheduleErasures } from './erasure/schedule.js';
import { keepHouse } from './housekeeping.js';
import { listenForAdministration } from './http/admin.js';
import { ServiceRefusals } from './http/refusals.js';
import { buildService, type RunOperation } from './http/service.js';
import { isMunicipalityCode } from './number/municipalityCode.js';
import { passphraseAtStart, VaultService, withKeyService } from './opening.js';
import { vaultOperations } from './operation/index.js';
import { openIntermediaryLink } from './intermediary/link.js';
import { ownKeysOf } from './intermediary/ownKeys.js';
import { assertLeastPrivilege } from './privilege.js';
import { PushDesk } from './push/desk.js';
import { readChanges } from './push/changes.js';
import { runPushes } from './push/runner.js';
import { registrationAdministration } from './registration/administration.js';
import { scheduleRetention } from './retention/schedule.js';
import { VaultSeal } from './seal/seal.js';
import { renewTls } from './renewal.js';
import { signedInputKeys } from './signing/inputKeys.js';
import { transferService } from './transfer/service.js';
import { assertSafeStart, closeToDebuggers, type ProcessState } from './startup.js';

/** A vault that listens; it may be sealed. */
export interface RunningVault {
  /** Where it listens, e.g. `https://127.0.0.1:4100`. */
  readonly address: string;
  readonly context: VaultContext;
  /** Looks at key, certificate and authority now; what is sound serves from then on. */
  reloadTls(): void;
  /** Stops taking operations, finishes those under way, seals, writes the log out, closes. */
  stop(): Promise<void>;
}

/** Parts that a test may replace; nothing that is configured reaches them. */
export interface VaultParts {
  readonly clock?: Clock;
  readonly operations?: (context: VaultContext) => RunOperation;
}

interface Databases {
  readonly vault: Database;
  readonly shred: Database;
  /** A pool of the log's own, so that a flush never waits behind operations. */
  readonly audit: Database;
}

const VAULT_CONNECTIONS = 16;
const SHRED_CONNECTIONS = 8;
const AUDIT_CONNECTIONS = 5;

/**
 * Starts the vault: checks the process and its databases, opens the log, listens; and opens the seal when what is
 * configured can do that without anybody.
 * @param state of the process; see `processState`
 * @throws KuramoriError CONFIGURATION_INVALID, MIGRATION_REFUSED, DATABASE_UNAVAILABLE, CONFLICT: nothing listens then
 */
export async function startVault(
  configuration: VaultConfiguration,
  state: ProcessState,
  parts: VaultParts = {},
): Promise<RunningVault> {
  assertSafeStart(state);
  assertMunicipality(configuration);
  const logger = pino({ level: configuration.logLevel, base: { process: 'vault' } });
  const openToDebuggers = closeToDebuggers(() =>
    logger.error('somebody sent the signal that would start a debugger'),
  );
  const databases = openDatabases(configuration);
  const erasureJournal = new HeldJournal(configuration.journalFile, configuration.municipality);
  try {
    await assertMigrated(databases.vault, VAULT_MIGRATIONS);
    await assertMigrated(databases.shred, SHRED_MIGRATIONS);
    await assertLeastPrivilege(databases);
    const context = await openContext(
      configuration,
      databases,
      erasureJournal,
      parts.clock ?? systemClock,
      logger,
    );
    const vault = new VaultService(context);
    await openAtStart(context, vault, configuration, logger);
    const running = await listen(configuration, databases, context, vault, logger, parts);
    logger.info({ address: running.address, state: context.seal.state }, 'ready');
    return { ...running, stop: () => running.stop().finally(openToDebuggers) };
  } catch (error) {
    openToDebuggers();
    await erasureJournal.close();
    await closeAll(databases);
    throw error;
  }
}

function openDatabases({ vaultUrl, shredUrl }: VaultConfiguration): Databases {
  const open = (url: string, application: string, connections: number) =>
    openDatabase({ url, application, connections });
  return {
    vault: open(vaultUrl, 'kuramori-vault', VAULT_CONNECTIONS),
    shred: open(shredUrl, 'kuramori-vault', SHRED_CONNECTIONS),
    audit: open(vaultUrl, 'kuramori-vault-audit', AUDIT_CONNECTIONS),
  };
}

function closeAll({ vault, shred, audit }: Databases): Promise<unknown> {
  return Promise.all([vault.close(), shred.close(), audit.close()]);
}

async function openContext(
  { municipality, municipalityName, environment, intermediary, relyingParty }: VaultConfiguration,
  { vault: database, shred, audit }: Databases,
  erasureJournal: HeldJournal,
  clock: Clock,
  logger: Logger,
): Promise<VaultContext> {
  const seal = await VaultSeal.load({ database, clock, municipality, environment });
  const link = intermediary && openIntermediaryLink(intermediary, () => ownKeysOf(seal.keyRing));
  return {
    database,
    shred,
    audit: openAuditLog(audit, { logger }),
    clock,
    clockGuard: await openClockGuard(database, clock),
    seal,
    erasureJournal,
    pushes: new PushDesk(link),
    budgetRules: [],
    municipality,
    municipalityName,
    relyingParty,
    alarm: (facts, sentence) => logger.error(facts, sentence),
  };
}

/** A vault that cannot be opened by itself stays sealed and says so: an operator opens it. */
async function openAtStart(
  context: VaultContext,
  vault: VaultService,
  configuration: VaultConfiguration,
  logger: Logger,
): Promise<void> {
  if (context.seal.state !== 'sealed') return;
  const passphrase = configuration.seal === 'passphrase' ? passphraseAtStart(configuration) : undefined;
  if (configuration.seal === 'passphrase' && passphrase === undefined) return;
  try {
    await withKeyService(configuration, passphrase, (service) => vault.open(service, 'start'));
  } catch (error) {
    if (!isKuramoriError(error)) throw error;
    logger.error({ code: error.code }, 'the vault could not be opened at start and stays sealed');
  }
}

async function listen(
  configuration: VaultConfiguration,
  databases: Databases,
  context: VaultContext,
  vault: VaultService,
  logger: Logger,
  parts: VaultParts,
): Promise<RunningVault> {
  const { audit, clock, seal, erasureJournal } = context;
  const refusals = new ServiceRefusals(audit, clock, (code) =>
    logger.error({ code }, 'a refused connection could not be written into the log'),
  );
  const assertReady = readiness(context, vault);
  const transfers = await transferService(configuration, context, vault, logger);
  const app = buildService(
    {
      runOperation: (parts.operations ?? vaultOperations)(context),
      publishedKeys: signedInputKeys(context),
      pushChanges: (after, limit) => readChanges(context.database, after, limit),
      assertOpen: () => vault.assertInService(),
      assertReady,
      refusals,
      clock,
      moreRoutes: transfers.routes,
    },
    { ...configuration, tls: contentOf(filesOf(configuration)) },
    logger,
  );
  const registration = registrationAdministration(context, () => vault.assertInService());
  const socket = await listenForAdministration(
    configuration.socket,
    {
      ...administration(context, vault, configuration, assertReady),
      ...registration.handlers,
      ...transfers.handlers,
    },
    logger,
    registration.uploads,
  );
  const endHousekeeping = keepHouse(context, logger);
  const retention = { ...context, openWork: openWorkOf(context) };
  const endSchedule = scheduleRetention(retention, () => vault.inService, logger);
  const endErasures = scheduleErasures(context, () => vault.inService, logger);
  const reloader = renewTls(context, filesOf(configuration), app.server as Server, logger);
  const pushes = runPushes(context, () => vault.inService, logger);
  const endTransfers = transfers.keep();
  const stop = async () => {
    reloader.close();
    const timer = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS_MAX);
    await Promise.all([app.close(), socket.close()]);
    clearTimeout(timer);
    await pushes?.stop();
    seal.seal();
    await Promise.all([endHousekeeping(), endSchedule(), endErasures(), endTransfers()]);
    await refusals.close();
    await audit.close();
    await erasureJournal.close();
    await closeAll(databases);
    logger.info('stopped');
  };
  return {
    address: await listenOn(app, configuration, stop),
    context,
    reloadTls: () => {
      reloader.reload();
      transfers.reloadTls();
    },
    stop,
  };
}

/** @returns where it listens; where it cannot, everything is stopped */
async function listenOn(
  app: ReturnType<typeof buildService>,
  { host, port: wanted }: VaultConfiguration,
  stop: () => Promise<void>,
): Promise<string> {
  try {
    await app.listen({ host, port: wanted });
  } catch (error) {
    await stop();
    throw listeningError(error);
  }
  const { port, address, family } = app.server.address() as AddressInfo;
  return `https://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** Everything an operation needs, looked at: the log by a flush, for one that can be read may still not be written. */
function readiness(context: VaultContext, vault: VaultService): () => Promise<void> {
  const { database, shred, audit, clockGuard } = context;
  return async () => {
    clockGuard.assertTrusted();
    vault.assertInService();
    await Promise.all([
      database.run('health.vault', ({ raw }) => raw`select from vault.seal limit 1`),
      shred.run('health.shred', ({ raw }) => raw`select from shred.key limit 1`),
      audit.flushed(),
    ]);
  };
}

function filesOf({ tlsKey: key, tlsCertificate: certificate, tlsCa: ca }: VaultConfiguration): TlsFiles {
  return { key, certificate, ca };
}

function assertMunicipality({ municipality }: VaultConfiguration): void {
  if (isMunicipalityCode(municipality)) return;
  throw new KuramoriError(
    'CONFIGURATION_INVALID',
    'KURAMORI_VAULT_MUNICIPALITY is no 全国地方公共団体コード: its check digit does not fit.',
  );
}

/** @returns a sentence for what the operating system said */
function listeningError(error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') return error;
  return new KuramoriError(
    'CONFIGURATION_INVALID',
    `The address of KURAMORI_VAULT_HOST and KURAMORI_VAULT_PORT cannot be listened on (${code}). ` +
      'Free it or choose another.',
  );
}
