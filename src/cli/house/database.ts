import { join } from 'node:path';
import { openDatabase, type Database } from '../../kernel/database/database.js';
import { migrate } from '../../kernel/database/migrations.js';
import { RECORDS_MIGRATIONS } from '../../kernel/paths.js';
import { startCluster, type Cluster } from '../embedded/cluster.js';
import type { HouseSecrets } from './secrets.js';

/** The records database of the house, embedded. */
export interface HouseDatabase {
  readonly cluster: Cluster;
  /** As its owner. */
  readonly ownerUrl: string;
  /** As the gateway, the least privilege. */
  readonly gatewayUrl: string;
  /** As the loads. */
  readonly loaderUrl: string;
  /** As the worker. */
  readonly workerUrl: string;
}

const DATABASE = 'kuramori_records';

/**
 * Starts the cluster, makes the database and its users when missing, applies migrations.
 * @param settings of the server beyond the usual, e.g. `['max_connections=200']`
 */
export async function startHouseDatabase(
  home: string,
  secrets: HouseSecrets,
  settings: readonly string[] = [],
): Promise<HouseDatabase> {
  const cluster = await startCluster({ folder: join(home, 'records'), settings });
  try {
    await makeDatabase(cluster, DATABASE);
    const ownerUrl = cluster.adminUrl(DATABASE);
    const owner = openDatabase({ url: ownerUrl, application: 'kuramori-up', connections: 2, statementMs: 0 });
    try {
      await migrate(owner, RECORDS_MIGRATIONS);
      await makeUser(owner, 'gateway', secrets.gatewayPassword);
      await makeUser(owner, 'loader', secrets.loaderPassword);
      await makeUser(owner, 'worker', secrets.workerPassword);
    } finally {
      await owner.close();
    }
    return {
      cluster,
      ownerUrl,
      gatewayUrl: userUrl(cluster, DATABASE, 'gateway', secrets.gatewayPassword),
      loaderUrl: userUrl(cluster, DATABASE, 'loader', secrets.loaderPassword),
      workerUrl: userUrl(cluster, DATABASE, 'worker', secrets.workerPassword),
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/**
 * Makes a database of a cluster when it is missing.
 * @param name of ours: it stands in a statement that takes no parameters
 */
export async function makeDatabase(cluster: Cluster, name: string): Promise<void> {
  const admin = openDatabase({
    url: cluster.adminUrl('postgres'),
    application: 'kuramori-up',
    connections: 1,
  });
  try {
    const found = await admin.run(
      'house.databases',
      ({ raw }) => raw`select from pg_database where datname = ${name}`,
    );
    if (found.length === 0)
      await admin.run('house.create', ({ raw }) => raw.unsafe(`create database ${name}`));
  } finally {
    await admin.close();
  }
}

/**
 * A login for a process of the house. The password is ours, made of base64url letters, so it can stand in a statement
 * that takes no parameters.
 */
export async function makeUser(
  owner: Database,
  kind: 'gateway' | 'loader' | 'worker' | 'vault',
  password: string,
): Promise<void> {
  const name = `kuramori_${kind}_login`;
  const found = await owner.run(
    'house.roles',
    ({ raw }) => raw`select from pg_roles where rolname = ${name}`,
  );
  if (found.length === 0)
    await owner.run('house.role', ({ raw }) =>
      raw.unsafe(`create role ${name} login in role kuramori_${kind}`),
    );
  await owner.run('house.password', ({ raw }) => raw.unsafe(`alter role ${name} password '${password}'`));
}

/** Connection text of such a login. */
export function userUrl(cluster: Cluster, database: string, kind: string, password: string): string {
  const url = new URL(cluster.adminUrl(database));
  url.username = `kuramori_${kind}_login`;
  url.password = password;
  return url.toString();
}
