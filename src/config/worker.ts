import { WORKER_HAND_OVERS, WORKER_HAND_OVERS_MAX } from '../kernel/limits.js';
import {
  oneOf,
  plainFile,
  readSettings,
  secretFile,
  url,
  watched,
  wholeNumber,
  type Setting,
} from './setting.js';

/** Settings of `kuramori worker`. There is no default for any secret. */
export const WORKER_SETTINGS = {
  recordsUrl: {
    name: 'RECORDS_WORKER_DATABASE_URL',
    description: 'records database, as the role of the worker: postgres://user:password@host:port/name',
    read: url('postgres', 'postgresql'),
  },
  vaultUrl: {
    name: 'KURAMORI_WORKER_VAULT_URL',
    description: 'where the vault is: https://host:port',
    read: url('https'),
  },
  vaultCa: {
    name: 'KURAMORI_WORKER_VAULT_CA_FILE',
    description: 'certificate (PEM) of the one authority whose vault is trusted',
    read: watched(plainFile),
  },
  vaultKey: {
    name: 'KURAMORI_WORKER_VAULT_KEY_FILE',
    description: 'file (mode 600) with the private key (PEM) with which the worker shows the vault who it is',
    read: watched(secretFile),
  },
  vaultCertificate: {
    name: 'KURAMORI_WORKER_VAULT_CERTIFICATE_FILE',
    description: 'certificate (PEM) of that key, for `urn:kuramori:service:worker`',
    read: watched(plainFile),
  },
  host: {
    name: 'KURAMORI_WORKER_HOST',
    description: 'address of this machine at which `/healthz` and `/readyz` answer',
    fallback: '127.0.0.1',
    read: oneOf('127.0.0.1', '::1'),
  },
  port: {
    name: 'KURAMORI_WORKER_PORT',
    description: 'TCP port of the same',
    fallback: '4010',
    read: wholeNumber(0, 65_535),
  },
  handOvers: {
    name: 'KURAMORI_WORKER_HAND_OVERS',
    description: 'pushes that are handed to the vault at once',
    fallback: String(WORKER_HAND_OVERS),
    read: wholeNumber(1, WORKER_HAND_OVERS_MAX),
  },
  prepare: {
    name: 'KURAMORI_WORKER_PREPARE',
    description: 'named prepared statements; off behind a pooler in transaction mode',
    fallback: 'on',
    read: (value: string) => oneOf('on', 'off')(value) === 'on',
  },
  logLevel: {
    name: 'KURAMORI_WORKER_LOG_LEVEL',
    description: 'least severity that is logged',
    fallback: 'info',
    read: oneOf('debug', 'info', 'warn', 'error', 'silent'),
  },
} as const satisfies Record<string, Setting<unknown>>;

/** What `kuramori worker` is set to. */
export type WorkerConfiguration = ReturnType<typeof readWorkerConfiguration>;

/**
 * Reads the worker's settings.
 * @throws KuramoriError CONFIGURATION_INVALID
 */
export function readWorkerConfiguration(environment: Readonly<Record<string, string | undefined>>) {
  return readSettings(WORKER_SETTINGS, environment, ['KURAMORI_HOME']);
}
