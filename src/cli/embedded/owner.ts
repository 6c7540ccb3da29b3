import { existsSync, lchownSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { KuramoriError } from '../../kernel/errors.js';

/** An account of the operating system. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Makes the cluster's files those of the account PostgreSQL runs as; it refuses to touch anybody else's. They are
 * another's after a house was started as root once and as a user then, or was copied.
 * @param runAs the account; undefined when PostgreSQL runs as this process's, which then may not be root
 * @throws KuramoriError CONFIGURATION_INVALID when the files are another's and this process is not root
 */
export function takeOver(
  folder: string,
  runAs: Account | undefined,
  ownUid: number | undefined = process.getuid?.(),
): void {
  const uid = runAs?.uid ?? ownUid;
  if (uid === undefined || !isAnothers(folder, uid)) return;
  if (runAs === undefined) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'The data of the house belongs to another account than the one PostgreSQL runs as. Start as the account that ' +
        'made it, give the folder to this account with chown -R, or name another folder in KURAMORI_HOME.',
    );
  }
  give(folder, runAs);
}

/** What is inside a folder of another may be hidden from us, so the folder counts, too. */
function isAnothers(folder: string, uid: number): boolean {
  return [folder, join(folder, 'superuser'), join(folder, 'data'), join(folder, 'data', 'PG_VERSION')]
    .filter((path) => existsSync(path))
    .some((path) => lstatSync(path).uid !== uid);
}

function give(path: string, account: Account): void {
  lchownSync(path, account.uid, account.gid);
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) give(join(path, name), account);
}
