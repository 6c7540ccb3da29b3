import type { Database, Session } from '../kernel/database/database.js';
import { KuramoriError } from '../kernel/errors.js';

/** Tables whose rows the vault must not be able to change behind its own log, with what would do that. */
const KEPT = [
  ['audit.block', 'UPDATE'],
  ['audit.block', 'DELETE'],
  ['audit.block', 'TRUNCATE'],
  ['audit.record', 'UPDATE'],
  ['audit.record', 'DELETE'],
  ['audit.record', 'TRUNCATE'],
  ['vault.number', 'DELETE'],
  ['vault.erasure_certificate', 'UPDATE'],
  ['vault.erasure_certificate', 'DELETE'],
  ['vault.push', 'DELETE'],
  ['vault.inquiry_batch', 'DELETE'],
  ['vault.provision_switch', 'UPDATE'],
  ['vault.provision_switch', 'DELETE'],
  ['vault.provision_message', 'DELETE'],
  ['vault.push_change', 'UPDATE'],
  ['vault.push_change', 'DELETE'],
  ['vault.info_provision_record', 'UPDATE'],
  ['vault.refund_consent', 'UPDATE'],
  ['vault.refund_consent', 'DELETE'],
  ['vault.payment_file', 'UPDATE'],
  ['vault.payment_file', 'DELETE'],
  ['vault.payment_file_record', 'UPDATE'],
  ['vault.payment_file_record', 'DELETE'],
  ['vault.payment_file_lost', 'UPDATE'],
  ['vault.payment_file_lost', 'DELETE'],
  ['vault.payment_file_compared', 'UPDATE'],
  ['vault.payment_file_compared', 'DELETE'],
  ['vault.payment_journal_rebuilt', 'UPDATE'],
  ['vault.payment_journal_rebuilt', 'DELETE'],
  ['vault.payment_journal_compared', 'UPDATE'],
  ['vault.payment_journal_compared', 'DELETE'],
  ['vault.analysis_run', 'UPDATE'],
  ['vault.analysis_run', 'DELETE'],
  ['vault.analysis_hit', 'UPDATE'],
  ['vault.analysis_hit', 'DELETE'],
  ['vault.analysis_review', 'UPDATE'],
  ['vault.analysis_review', 'DELETE'],
  ['vault.break_glass_seal', 'UPDATE'],
  ['vault.break_glass_seal', 'DELETE'],
  ['vault.break_glass_opening', 'UPDATE'],
  ['vault.break_glass_opening', 'DELETE'],
  ['vault.break_glass_use', 'UPDATE'],
  ['vault.break_glass_use', 'DELETE'],
  ['vault.break_glass_return', 'UPDATE'],
  ['vault.break_glass_return', 'DELETE'],
  ['vault.break_glass_review', 'UPDATE'],
  ['vault.break_glass_review', 'DELETE'],
] as const;

/**
 * Refuses to start as a database user that could rewrite the log or make a number vanish without its erasure.
 * @throws KuramoriError CONFIGURATION_INVALID
 */
export async function assertLeastPrivilege(databases: {
  readonly vault: Database;
  readonly shred: Database;
}): Promise<void> {
  const [tables, privileges] = [KEPT.map(([table]) => table), KEPT.map(([, privilege]) => privilege)];
  const [first] = await databases.vault.run(
    'privilege.check',
    ({ raw }) => raw<{ table: string; privilege: string }[]>`
      select t as table, p as privilege from unnest(${tables}::text[], ${privileges}::text[]) as k (t, p)
      where has_table_privilege(t, p)`,
  );
  if (first) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      `The database user of VAULT_DATABASE_URL may ${first.privilege} ${first.table}. ` +
        'Use a user that is only a member of kuramori_vault.',
    );
  }
  await refuseSuperuser(databases.shred);
}

async function refuseSuperuser(shred: Session): Promise<void> {
  const [found] = await shred.run(
    'privilege.shred',
    ({ raw }) => raw<{ may: boolean }[]>`select has_table_privilege('shred.key', 'TRUNCATE') as may`,
  );
  if (found?.may !== true) return;
  throw new KuramoriError(
    'CONFIGURATION_INVALID',
    'The database user of VAULT_SHRED_DATABASE_URL may TRUNCATE shred.key. ' +
      'Use a user that is only a member of kuramori_vault.',
  );
}
