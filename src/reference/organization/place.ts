import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Names of files beside a package that was taken. */
export const RECORDS = {
  delivery: 'delivery.jws',
  acceptance: 'acceptance.jws',
  erasure: 'erasure.jws',
  nextKey: 'nextKey.json',
} as const;

/**
 * Where the organization keeps what. Every state is a file or folder that gets its name by one rename, so that a
 * process which is killed at any moment is found again in a state it was in:
 *
 * - `inbox/<id>`: a package that is coming in; gone on where it broke off.
 * - `packages/<id>`: a package that was taken, with receipts, deltas and results; it is taken when this folder exists.
 * - `opened/<id>`: its files in the clear.
 * - `results/<body code>`: result packages for a sender, as they were sealed.
 */
export class Place {
  readonly root: string;

  /** Makes what is missing, and removes what a killed process left between two states. */
  constructor(root: string) {
    this.root = root;
    for (const name of ['inbox', 'packages', 'opened', 'results', 'keys'])
      mkdirSync(join(root, name), { recursive: true, mode: 0o700 });
    const opened = join(root, 'opened');
    for (const name of readdirSync(opened))
      if (!existsSync(this.taken(name))) rmSync(join(opened, name), { recursive: true, force: true });
  }

  inbox(id: string): string {
    return join(this.root, 'inbox', id);
  }

  taken(id: string, ...names: string[]): string {
    return join(this.root, 'packages', id, ...names);
  }

  opened(id: string): string {
    return join(this.root, 'opened', id);
  }

  /** Results for one sender: they are a series of their own. */
  results(bodyCode: string): string {
    const folder = join(this.root, 'results', bodyCode);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  file(name: string): string {
    return join(this.root, name);
  }

  /** Numbers of all packages that were taken. */
  packages(): string[] {
    return readdirSync(join(this.root, 'packages')).toSorted();
  }
}
