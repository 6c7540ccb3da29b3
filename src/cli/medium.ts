import { cp, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { KuramoriError } from '../kernel/errors.js';
import { fileDigest, syncFolder } from '../protocol/transfer/container/disk.js';
import { PACKAGE_FILES } from '../protocol/transfer/container/packageFiles.js';

/**
 * Writes a sealed package onto a medium and reads it back (handbook 13 §5). Closing the session of a disc stays with
 * the program that burns it.
 * @param sealed folder of the package in the vault
 * @param medium where the medium is mounted, or a folder that is burnt afterwards
 * @param sha256 of the ciphertext, hexadecimal, as it was sealed
 * @returns the digest of what was read back
 * @throws KuramoriError CONFLICT when the package is there already; INTEGRITY_FAILURE when it reads back otherwise
 */
export async function writeMedium(sealed: string, medium: string, sha256: string): Promise<string> {
  const target = join(medium, basename(sealed));
  await mkdir(target).catch((cause: unknown) => {
    const sentence =
      'The folder of the package cannot be made on the medium, or is there already. Take a new medium.';
    throw new KuramoriError('CONFLICT', sentence, {}, { cause });
  });
  for (const name of Object.values(PACKAGE_FILES)) await cp(join(sealed, name), join(target, name));
  await syncFolder(target);
  const readBack = await fileDigest(join(target, PACKAGE_FILES.ciphertext));
  if (readBack === sha256) return readBack;
  throw new KuramoriError(
    'INTEGRITY_FAILURE',
    'The medium reads back other than it was written. Destroy it and take a new one.',
  );
}
