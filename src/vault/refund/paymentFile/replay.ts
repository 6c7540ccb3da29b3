import { randomUUID } from 'node:crypto';
import type { AuditRecord } from '../../../audit/record.js';
import { instantText, type Clock } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import { KuramoriError } from '../../../kernel/errors.js';
import type { VaultContext } from '../../context.js';
import type { ErasureJournal } from '../../erasure/journal.js';
import type { PaymentFileLine } from '../../erasure/journal.line.js';
import { filesForJournal, insertLost, lostFiles } from './lost.store.js';

/**
 * Compares the payment files of the database with those of the journal on the disk before service opens (handbook 12
 * §7): one that the journal has and the database does not know was made after the backup that was restored. It is
 * written down as lost and raised, and nothing is paid until two people have compared it with the bank. What the
 * journal lacks, of an earlier release or of a moment in which the vault was killed, is added to it.
 * @returns how many files were found lost now
 */
export async function replayPaymentFiles(
  {
    database,
    audit,
    clock,
    municipality,
  }: Pick<VaultContext, 'database' | 'audit' | 'clock' | 'municipality'>,
  journal: ErasureJournal,
): Promise<number> {
  let lost = 0;
  for await (const line of journal.lines(municipality)) {
    if (line.kind !== 'paymentFile') continue;
    const isLost = await database.transaction('vault.payment.replay', async (tx) => {
      const isNew = await insertLost(tx, line, instantText(clock));
      if (isNew) await audit.appendIn(tx, lostRecord(clock, line));
      return isNew;
    });
    if (isLost) lost += 1;
  }
  for (const file of await filesForJournal(database)) await journal.append({ kind: 'paymentFile', ...file });
  return lost;
}

/** @throws KuramoriError CONFLICT while a file that a restore has lost was not compared with the bank */
export async function assertNoneLost(session: Session): Promise<void> {
  const open = (await lostFiles(session)).filter(({ outcome }) => outcome === null);
  if (open.length === 0) return;
  throw new KuramoriError(
    'CONFLICT',
    'A restore has lost payment files, which the bank may have paid. Compare them with the bank first; see kuramori ' +
      'vault payment-files.',
    { rule: 'lostFile' },
  );
}

/** Who acts when the vault does so by itself. */
const VAULT = 'vault';

/** The entry that a restore has lost a file; to be looked at. */
function lostRecord(clock: Clock, { fileNo, sha256, count }: PaymentFileLine): AuditRecord {
  const reason = `lost:${fileNo} ${sha256}`;
  const entry = { coordinate: 'Vault.paymentFileLost', decision: 'allow', reason, rows: count } as const;
  return {
    kind: 'configuration',
    at: instantText(clock),
    requestId: randomUUID(),
    actorId: VAULT,
    roles: [],
    department: '',
    terminal: VAULT,
    sessionId: '',
    strength: '',
    clientApp: VAULT,
    purpose: 'MAINTENANCE',
    entries: [{ ...entry, subjects: [], raised: true }],
  };
}
