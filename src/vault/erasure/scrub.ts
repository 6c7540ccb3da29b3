import type { Database } from '../../kernel/database/database.js';

/** Tables in whose pages erased bytes may still lie. */
export interface ScrubbedDatabases {
  /** As the owner of the tables, without a limit on statements. */
  readonly vault: Database;
  readonly shred: Database;
}

/**
 * Writes the tables anew, so that what was deleted is in no page of theirs any more: PostgreSQL only marks rows as dead
 * and leaves their bytes where they were. For the hours in which nobody works: each table is locked meanwhile. The
 * write-ahead log goes with its own recycling.
 */
export async function scrubErased({ vault, shred }: ScrubbedDatabases): Promise<void> {
  await shred.run('scrub.shred.key', ({ raw }) => raw`vacuum (full) shred.key`);
  await vault.run('scrub.vault.number', ({ raw }) => raw`vacuum (full) vault.number`);
  await vault.run('scrub.vault.numberIndex', ({ raw }) => raw`vacuum (full) vault.number_index`);
}
