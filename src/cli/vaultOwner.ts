import { openDatabase, type Database } from '../kernel/database/database.js';
import { KuramoriError } from '../kernel/errors.js';

/** The databases of a vault, by the settings that name them. */
const SETTINGS = { vault: 'VAULT_DATABASE_URL', shred: 'VAULT_SHRED_DATABASE_URL' } as const;

/** One of the databases of a vault. */
export type VaultPart = keyof typeof SETTINGS;

/**
 * Gives work a database of the vault as its owner, without a limit on statements.
 * @param environment with its address, as its owner: `postgres://owner:…@host/name`
 * @throws KuramoriError CONFIGURATION_INVALID without one
 */
export async function asVaultOwner<T>(
  environment: NodeJS.ProcessEnv,
  part: VaultPart,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const url = environment[SETTINGS[part]];
  if (url === undefined || !URL.canParse(url)) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      `Set ${SETTINGS[part]} to the address of the database, as its owner: postgres://user:password@host:port/name.`,
    );
  }
  const database = openDatabase({ url, application: 'kuramori-owner', connections: 4, statementMs: 0 });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
