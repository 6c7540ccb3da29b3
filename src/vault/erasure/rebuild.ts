import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, rm } from 'node:fs/promises';
import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { readCertificates } from './certificate.store.js';
import { erasuresDone, readErasure } from './erasure.store.js';
import { ErasureJournal, syncFolder } from './journal.js';

/** Who decided that a journal is made anew, and when. */
export interface RebuildDecision {
  /** An officer. */
  readonly decidedBy: string;
  /** Instant in UTC. */
  readonly rebuiltAt: string;
}

/** What a journal is made anew from. */
interface RebuildParts {
  readonly database: Session;
  readonly municipality: string;
  readonly decision: RebuildDecision;
}

/**
 * Makes a journal anew from the table, when its file is lost and an officer has decided so: erasures that the database
 * no longer knows, because it is an older one, are lost with it; that payment files may be, too, is its first line. It
 * is written beside its place and takes it when it is whole: a half one would pass for the journal.
 * @returns erasures that it holds
 * @throws KuramoriError CONFLICT when there is a file
 */
export async function rebuildJournal(
  { database, municipality, decision }: RebuildParts,
  journalFile: string,
): Promise<number> {
  if (existsSync(journalFile)) throw alreadyThere();
  const beside = `${journalFile}.rebuilt`;
  await rm(beside, { force: true });
  try {
    await ErasureJournal.create(beside, municipality);
    const journal = await ErasureJournal.open(beside, municipality);
    const erasures = await writeAll(database, journal, decision);
    // Unlike a renaming, this takes the place of nothing.
    await link(beside, journalFile).catch((cause: unknown) => {
      throw alreadyThere(cause);
    });
    return erasures;
  } finally {
    await rm(beside, { force: true });
    await syncFolder(journalFile);
  }
}

async function writeAll(
  database: Session,
  journal: ErasureJournal,
  decision: RebuildDecision,
): Promise<number> {
  try {
    // By a name of its own: clocks are set back.
    await journal.append({ kind: 'rebuilt', rebuildId: `RB-${randomUUID()}`, ...decision });
    const done = await erasuresDone(database);
    for (const certificateId of done) {
      await journal.append({ kind: 'erasure', ...(await readErasure(database, certificateId)) });
      for (const certificate of await readCertificates(database, [certificateId]))
        await journal.append({ kind: 'certificate', ...certificate });
    }
    return done.length;
  } finally {
    await journal.close();
  }
}

function alreadyThere(cause?: unknown): KuramoriError {
  return new KuramoriError(
    'CONFLICT',
    'There is an erasure journal already, or its folder takes none. Move what is there away first.',
    {},
    { cause },
  );
}
