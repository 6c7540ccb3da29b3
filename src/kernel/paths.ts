import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the release: where package.json lies, whether we run compiled or not. */
export const RELEASE_ROOT = releaseRoot(dirname(fileURLToPath(import.meta.url)));

/** The shipped migrations of the records database. */
export const RECORDS_MIGRATIONS = join(RELEASE_ROOT, 'migrations', 'records');

/** Those of the vault's two databases. */
export const VAULT_MIGRATIONS = join(RELEASE_ROOT, 'migrations', 'vault');
export const SHRED_MIGRATIONS = join(RELEASE_ROOT, 'migrations', 'shred');

function releaseRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  return parent === from ? process.cwd() : releaseRoot(parent);
}
