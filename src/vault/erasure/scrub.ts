import type { Database } from '../../kernel/database/database.js';

/** Tables in whose pages erased bytes may still lie. */
export interface ScrubbedDatabases {
  /** As the owner of the tables, without a limit on statements. */
  readonly vault: Database;
  readonly shred: Database;
}

/** Tables that are written anew, each by way of the column that holds what is erased. */
export const SCRUBBED_TABLES = ['shred.key', 'vault.number', 'vault.number_index'] as const;

/** A table that was written anew. */
export type ScrubbedTable = (typeof SCRUBBED_TABLES)[number];

/**
 * Writes the tables anew, so that what was deleted is in no page of theirs any more: PostgreSQL only marks rows as dead
 * and leaves their bytes where they were. VACUUM FULL would keep what any session might still see, if only one that is
 * just connecting, and not say so; a change of a column's type takes over the rows that stand and nothing else. For the
 * hours in which nobody works: each table is locked meanwhile. The write-ahead log goes with its own recycling.
 * @param done told of each table when it is done; what it throws ends the work there
 */
export async function scrubErased(
  { vault, shred }: ScrubbedDatabases,
  done: (table: ScrubbedTable) => unknown,
): Promise<void> {
  await shred.run(
    'scrub.shred.key',
    ({ raw }) => raw`alter table shred.key alter column value type bytea using value || ''::bytea`,
  );
  await done('shred.key');
  await vault.run(
    'scrub.vault.number',
    ({ raw }) =>
      raw`alter table vault.number alter column ciphertext type bytea using ciphertext || ''::bytea`,
  );
  await done('vault.number');
  await vault.run(
    'scrub.vault.numberIndex',
    ({ raw }) => raw`alter table vault.number_index alter column value type bytea using value || ''::bytea`,
  );
  await done('vault.number_index');
}
