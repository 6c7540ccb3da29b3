import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KuramoriError } from '../../../kernel/errors.js';
import { readPieces, syncFolder, writeDurably } from './disk.js';

/**
 * Where the files of a package lie while they are checked (handbook 13 §5). They are known by their place in the
 * archive: a name of the archive is never a path here. Whoever may not have plaintext on a disk brings an area that
 * encrypts.
 */
export interface TemporaryArea {
  /** Takes one file; called once for each place. */
  write(at: number, bytes: AsyncIterable<Uint8Array>): Promise<void>;
  /** The bytes of a file that was taken. */
  read(at: number): AsyncIterable<Uint8Array>;
  /** All checks have passed: the files get their names, all or none. Nothing else is kept. */
  keep(files: readonly { readonly at: number; readonly name: string }[]): Promise<void>;
  /** Erases everything. Called after every failure, also when nothing was taken. */
  erase(): Promise<void>;
}

/**
 * A temporary area beside its final folder, on the same disk.
 * @param target the folder that appears with all files in it, or does not appear
 * @throws KuramoriError CONFLICT from `keep` when it exists
 */
export async function folderArea(target: string): Promise<TemporaryArea> {
  const folder = await mkdtemp(join(dirname(target), '.opening-'));
  const [files, kept] = [join(folder, 'files'), join(folder, 'kept')];
  await mkdir(files, { mode: 0o700 });
  await mkdir(kept, { mode: 0o700 });
  const place = (at: number) => join(files, String(at));
  const erase = () => rm(folder, { recursive: true, force: true });
  return {
    write: (at, bytes) => writeDurably(place(at), bytes),
    read: (at) => readPieces(place(at)),
    erase,
    keep: async (names) => {
      for (const { at, name } of names) {
        await mkdir(dirname(join(kept, name)), { recursive: true, mode: 0o700 });
        await rename(place(at), join(kept, name));
      }
      await syncFolder(kept);
      await rename(kept, target).catch((cause: unknown) => {
        throw new KuramoriError('CONFLICT', 'The folder of the opened package exists.', {}, { cause });
      });
      await syncFolder(dirname(target));
      await erase();
    },
  };
}
