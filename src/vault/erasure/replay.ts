import { instantText } from '../../kernel/clock.js';
import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { ERASURE_REFS_MAX } from '../../kernel/limits.js';
import type { VaultContext } from '../context.js';
import type { VaultRef } from '../number/vaultRef.js';
import { certificateIds, insertCertificate } from './certificate.store.js';
import {
  assertGone,
  deleteShredKeys,
  emptyNumbers,
  erasuresDone,
  insertErasure,
  markDone,
} from './erasure.store.js';
import { ErasureJournal } from './journal.js';
import type { CertifiedLine } from './journal.line.js';
import { replayRecord } from './log.js';

/** What a replay needs: no key, so that it runs before the vault is opened. */
export type ReplayContext = Pick<VaultContext, 'database' | 'shred' | 'audit' | 'clock' | 'municipality'>;

/** What a replay found. */
export interface Replay {
  /** Orders that the journal holds. */
  readonly erasures: number;
  /** Numbers and shred keys that a restore had brought back, and that were erased again. */
  readonly erasedAgain: number;
}

/**
 * Goes through the erasure journal before service opens (handbook 11 §6 point 5): whatever a restored backup of either
 * database brought back is erased again, and what the restored table lost of erasures and certificates is put back.
 * When it rejects, the vault must not open.
 * @param journalFile path of the journal, outside the databases and their backups
 * @throws KuramoriError CONFIGURATION_INVALID, INTEGRITY_FAILURE: the journal is missing, damaged, another's, or older
 *   than the database
 */
export async function replayBeforeService(context: ReplayContext, journalFile: string): Promise<Replay> {
  const journal = await ErasureJournal.open(journalFile, context.municipality);
  try {
    return await replayJournal(context, journal);
  } finally {
    await journal.close();
  }
}

/** As `replayBeforeService`, of a journal that is open. */
export async function replayJournal(context: ReplayContext, journal: ErasureJournal): Promise<Replay> {
  const { database } = context;
  const known = {
    done: new Set(await erasuresDone(database)),
    issued: new Set(await certificateIds(database)),
  };
  assertNotOlder(known.done, journal);
  const lost: CertifiedLine[] = [];
  const refs: VaultRef[] = [];
  let erasures = 0;
  let erasedAgain = 0;
  for await (const line of journal.lines(context.municipality)) {
    if (line.kind === 'certificate' && !known.issued.has(line.certificateId)) lost.push(line);
    if (line.kind !== 'erasure') continue;
    erasures += 1;
    if (!known.done.has(line.certificateId)) await insertErasure(database, line);
    refs.push(...line.refs);
    if (refs.length >= ERASURE_REFS_MAX) erasedAgain += await eraseAgain(context, refs.splice(0));
  }
  erasedAgain += await eraseAgain(context, refs);
  for (const line of lost) await restoreCertificate(database, line);
  if (erasedAgain > 0) await context.audit.append(replayRecord(context.clock, erasedAgain));
  return { erasures, erasedAgain };
}

async function eraseAgain(context: ReplayContext, refs: readonly VaultRef[]): Promise<number> {
  const { database, shred, clock } = context;
  const keys = await deleteShredKeys(shred, refs);
  const numbers = await database.transaction('vault.erasure.replay', (tx) =>
    emptyNumbers(tx, refs, instantText(clock)),
  );
  await assertGone(database, shred, refs);
  return Math.max(keys, numbers);
}

/** What has a certificate was done. */
async function restoreCertificate(database: Session, line: CertifiedLine): Promise<void> {
  await insertCertificate(database, line);
  await markDone(database, line.certificateId, line.issuedAt);
}

/** A journal that lacks what the database knows was put back from a backup itself, or belongs elsewhere. */
function assertNotOlder(done: ReadonlySet<string>, journal: ErasureJournal): void {
  for (const certificateId of done) {
    if (journal.has('erasure', certificateId)) continue;
    throw new KuramoriError(
      'INTEGRITY_FAILURE',
      'The erasure journal lacks erasures that the database has. Put back the newest journal before opening.',
      { certificate: certificateId },
    );
  }
}
