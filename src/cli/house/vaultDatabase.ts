import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../kernel/database/database.js';
import { migrate } from '../../kernel/database/migrations.js';
import { SHRED_MIGRATIONS, VAULT_MIGRATIONS } from '../../kernel/paths.js';
import { startCluster, type Cluster } from '../embedded/cluster.js';
import { makeDatabase, makeUser, userUrl } from './database.js';
import { writeSecret } from './secretFile.js';

/** The vault's databases of the house, in a cluster of their own. */
export interface HouseVaultDatabase {
  readonly cluster: Cluster;
  /** As the vault, the least privilege. */
  readonly vaultUrl: string;
  /** The store of the erasure keys, as the vault. */
  readonly shredUrl: string;
}

const PARTS = [
  { database: 'kuramori_vault', migrations: VAULT_MIGRATIONS },
  { database: 'kuramori_shred', migrations: SHRED_MIGRATIONS },
] as const;

/** One vault asks it; a little of the machine is enough. */
const SETTINGS = ['shared_buffers=64MB', 'max_connections=60', 'max_wal_size=1GB'];

/** Starts the vault's cluster, makes its databases and the vault's user when missing, applies migrations. */
export async function startHouseVaultDatabase(home: string): Promise<HouseVaultDatabase> {
  const password = vaultPassword(home);
  const cluster = await startCluster({ folder: join(home, 'vault'), settings: SETTINGS });
  try {
    for (const { database, migrations } of PARTS) {
      await makeDatabase(cluster, database);
      const owner = openDatabase({
        url: cluster.adminUrl(database),
        application: 'kuramori-up',
        connections: 2,
        statementMs: 0,
      });
      try {
        await migrate(owner, migrations);
        await makeUser(owner, 'vault', password);
      } finally {
        await owner.close();
      }
    }
    const [vaultUrl, shredUrl] = PARTS.map(({ database }) =>
      userUrl(cluster, database, 'vault', password),
    ) as [string, string];
    return { cluster, vaultUrl, shredUrl };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

function vaultPassword(home: string): string {
  const file = join(home, 'keys', 'vault.password');
  if (!existsSync(file)) writeSecret(file, randomBytes(24).toString('base64url'));
  return readFileSync(file, 'utf8');
}
