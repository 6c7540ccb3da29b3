import { epochSeconds, instantText } from '../../kernel/clock.js';
import { dayInJapan, Temporal } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { SHRED_BACKUP_DAYS_MAX } from '../../kernel/limits.js';
import { certificateClaims, certifies, verifyCertificate } from './certificate.js';
import {
  findCertificate,
  insertCertificate,
  keptCertificate,
  type ErasureCertificate,
} from './certificate.store.js';
import type { ErasureContext } from './context.js';
import { assertGone, deleteShredKeys, emptyNumbers, markDone } from './erasure.store.js';
import { erasureRecord } from './log.js';
import type { Erasure } from './order.js';

/**
 * Carries an erasure that has begun to its end. Each step may be repeated, so that after a crash all of them are.
 * The line in the journal's file comes before the shred keys go: a backup of the vault that is older than the erasure
 * then finds it there.
 */
export async function finishErasure(context: ErasureContext, erasure: Erasure): Promise<ErasureCertificate> {
  const { database, shred, journal, clock } = context;
  const { certificateId, refs } = erasure;
  await journal.append({ kind: 'erasure', ...erasure });
  await deleteShredKeys(shred, refs);
  await database.transaction('vault.erasure.emptying', (tx) => emptyNumbers(tx, refs, instantText(clock)));
  await assertGone(database, shred, refs);
  return certify(context, erasure, await markDone(database, certificateId, instantText(clock)));
}

async function certify(
  context: ErasureContext,
  erasure: Erasure,
  doneAt: string,
): Promise<ErasureCertificate> {
  const { database, journal } = context;
  const certificate =
    (await findCertificate(database, erasure.certificateId)) ?? (await issue(context, erasure, doneAt));
  await journal.append({ kind: 'certificate', ...certificate });
  return certificate;
}

async function issue(context: ErasureContext, erasure: Erasure, doneAt: string): Promise<ErasureCertificate> {
  const { audit, certifier, clock, database, municipality } = context;
  const { certificateId, refs } = erasure;
  const done = await audit.append(erasureRecord(clock, erasure));
  const end = {
    doneAt,
    issuedAt: epochSeconds(clock),
    backupsUntil: backupsUntil(doneAt, context.shredBackupDays),
    doneEntry: done.firstSequence,
  };
  const signed = await certifier.sign(certificateClaims(municipality, erasure, end));
  // What would not convince a third party is not handed out.
  if (!certifies(verifyCertificate(signed, { keys: [certifier.publicJwk] }), refs)) {
    throw new KuramoriError('INTERNAL', 'The signer returned the certificate of another erasure.');
  }
  await insertCertificate(database, { certificateId, signed, issuedAt: instantText(clock) });
  return keptCertificate(database, certificateId);
}

/** Counted from when the keys were surely gone, which may be long after the erasure was begun. */
function backupsUntil(doneAt: string, shredBackupDays: number): string {
  const days = Math.min(shredBackupDays, SHRED_BACKUP_DAYS_MAX);
  return dayInJapan(Temporal.Instant.from(doneAt)).add({ days }).toString();
}
