import type { AuditRecord } from '../../../audit/record.js';
import { instantText } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import { KuramoriError } from '../../../kernel/errors.js';
import type { VaultContext } from '../../context.js';
import type { ErasureJournal } from '../../erasure/journal.js';
import { lostRecord, rebuiltRecord } from './log.js';
import { filesForJournal, insertLost, lostFiles } from './lost.store.js';
import { allRebuilds, insertRebuild } from './rebuilt.store.js';

/**
 * Compares the payment files of the database with those of the journal on the disk before service opens (handbook 12
 * §7): one that the journal has and the database does not know was made after the backup that was restored. It is
 * written down as lost and raised, and nothing is paid until two people have compared it with the bank. A journal that
 * was made anew is written down and raised, too, and lets nothing be paid until two officers have compared. What the
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
  const writeDown = (insert: (tx: Session) => Promise<boolean>, record: AuditRecord): Promise<boolean> =>
    database.transaction('vault.payment.replay', async (tx) => {
      const isNew = await insert(tx);
      if (isNew) await audit.appendIn(tx, record);
      return isNew;
    });
  const foundAt = instantText(clock);
  let lost = 0;
  for await (const line of journal.lines(municipality)) {
    if (line.kind === 'rebuilt')
      await writeDown((tx) => insertRebuild(tx, line, foundAt), rebuiltRecord(clock, line));
    if (line.kind !== 'paymentFile') continue;
    if (await writeDown((tx) => insertLost(tx, line, foundAt), lostRecord(clock, line))) lost += 1;
  }
  for (const file of await filesForJournal(database)) await journal.append({ kind: 'paymentFile', ...file });
  for (const rebuild of await allRebuilds(database)) await journal.append({ kind: 'rebuilt', ...rebuild });
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
