import { pino, type Logger } from 'pino';
import { openAuditLog } from '../audit/log.js';
import type { WorkerConfiguration } from '../config/worker.js';
import { systemClock } from '../kernel/clock.js';
import { openDatabase, type Database } from '../kernel/database/database.js';
import { assertMigrated } from '../kernel/database/migrations.js';
import { WORKER_DRAIN_MS_MAX } from '../kernel/limits.js';
import { RECORDS_MIGRATIONS } from '../kernel/paths.js';
import { openVaultConnection } from '../vault/client/connection.js';
import { Condition } from './condition.js';
import { openHealthPoint, type HealthPoint } from './health.js';
import { assertLeastPrivilege } from './privilege.js';
import { startPushes } from './pushes.js';

/** A worker at work. */
export interface RunningWorker {
  /** Where `/healthz` and `/readyz` answer. */
  readonly address: string;
  /** Looks at key, certificate and authority towards the vault now; what is sound serves from then on. */
  reloadTls(): void;
  /** Takes nothing more, finishes what is under way, writes the log out, closes. */
  stop(): Promise<void>;
}

const AUDIT_CONNECTIONS = 5;
/** Beside the handovers: reading the journal, and single statements. */
const OTHER_CONNECTIONS = 2;

/**
 * Starts the worker (連携ワーカー): checks the database, then hands pushes to the vault and reads what becomes of them.
 * Any number of workers may run.
 * @throws KuramoriError MIGRATION_REFUSED, CONFIGURATION_INVALID, DATABASE_UNAVAILABLE: nothing runs then
 */
export async function startWorker(configuration: WorkerConfiguration): Promise<RunningWorker> {
  const logger = pino({ level: configuration.logLevel, base: { process: 'worker' } });
  const { recordsUrl: url, prepare, handOvers } = configuration;
  const open = (application: string, connections: number) =>
    openDatabase({ url, application, prepare, connections });
  // Half of a pool's connections carry transactions.
  const database = open('kuramori-worker', 2 * (handOvers + OTHER_CONNECTIONS));
  const auditDatabase = open('kuramori-worker-audit', AUDIT_CONNECTIONS);
  const closeDatabases = () => Promise.all([database.close(), auditDatabase.close()]);
  try {
    await assertMigrated(database, RECORDS_MIGRATIONS);
    await assertLeastPrivilege(database);
    const condition = new Condition(
      () => performance.now(),
      (work, code) => tell(logger, work, code),
    );
    const health = await openHealthPoint(configuration, () => condition.fault());
    const work = startWork(configuration, { database, auditDatabase, condition, logger });
    logger.info({ address: health.address }, 'ready');
    return {
      address: health.address,
      reloadTls: () => work.reloadTls(),
      stop: () => stop(health, work, closeDatabases, logger),
    };
  } catch (error) {
    await closeDatabases();
    throw error;
  }
}

interface WorkParts {
  readonly database: Database;
  readonly auditDatabase: Database;
  readonly condition: Condition;
  readonly logger: Logger;
}

interface Work {
  reloadTls(): void;
  end(): Promise<void>;
}

function startWork(
  configuration: WorkerConfiguration,
  { database, auditDatabase, condition, logger }: WorkParts,
): Work {
  const {
    vaultUrl: url,
    vaultCa: ca,
    vaultKey: key,
    vaultCertificate: certificate,
    handOvers,
  } = configuration;
  const audit = openAuditLog(auditDatabase, { logger });
  const parts = { audit, clock: systemClock, logger, coordinate: 'Worker.vaultCertificate' } as const;
  const vault = openVaultConnection({ url, files: { ca, key, certificate } }, parts);
  const pushes = startPushes({
    database,
    audit,
    vault: vault.client,
    clock: systemClock,
    handOvers,
    monotonicMs: () => performance.now(),
    report: (work) => condition.of(work),
  });
  return {
    reloadTls: vault.reloadTls,
    end: async () => {
      condition.stops();
      await inTime(pushes.stop());
      vault.close();
      await audit.close();
    },
  };
}

/** What is still under way after this is given up: another worker takes it again. */
async function inTime(ending: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, WORKER_DRAIN_MS_MAX);
  });
  await Promise.race([ending, late]);
  clearTimeout(timer);
}

async function stop(
  health: HealthPoint,
  work: Work,
  closeDatabases: () => Promise<unknown>,
  logger: Logger,
): Promise<void> {
  await work.end();
  await health.close();
  await closeDatabases();
  logger.info('stopped');
}

function tell(logger: Logger, work: string, code: string | undefined): void {
  if (code === undefined) logger.info({ work }, 'goes on');
  else logger.warn({ work, code }, 'fails; it is tried again');
}
