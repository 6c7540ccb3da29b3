import { certificateIds, readCertificates } from './certificate.store.js';
import type { ErasureContext } from './context.js';
import { readErasure, unfinishedErasures } from './erasure.store.js';
import { finishErasure } from './finish.js';

/** Before everything that ever began. */
const ALL = 'infinity';

/**
 * Finishes every erasure that a crash or a failure left between its beginning and its certificate, once the vault is
 * open: certificates need its key. Called again while others run, it changes nothing that they do.
 * @param begunBy instant in UTC: what began later may still be under way; without it all are finished
 * @returns numbers of the certificates of the erasures it finished
 */
export async function resumeErasures(
  context: ErasureContext,
  begunBy: string = ALL,
): Promise<readonly string[]> {
  const unfinished = await unfinishedErasures(context.database, begunBy);
  for (const certificateId of unfinished) {
    await finishErasure(context, await readErasure(context.database, certificateId));
  }
  await recordCertificates(context);
  return unfinished;
}

/** Certificates that were kept in the table, but not in the journal's file before the process ended. */
async function recordCertificates({ database, journal }: ErasureContext): Promise<void> {
  const missing = (await certificateIds(database)).filter((id) => !journal.has('certificate', id));
  for (const certificate of await readCertificates(database, missing)) {
    await journal.append({ kind: 'certificate', ...certificate });
  }
}
