import type { Session } from '../kernel/database/database.js';
import { KuramoriError } from '../kernel/errors.js';

/** Tables that a gateway must never be able to change or empty. */
const JOURNALS = [
  'audit.block',
  'audit.record',
  'records.receipt',
  'records.allocation',
  'records.levy_line',
  'records.contact_record',
  'records.refund_decision',
];
const FORBIDDEN = ['UPDATE', 'DELETE', 'TRUNCATE'];

/**
 * Refuses to start as a database role that could rewrite the journals: then the promise of an append-only log would
 * rest on our code alone (design §4).
 * @throws KuramoriError CONFIGURATION_INVALID
 */
export async function assertLeastPrivilege(session: Session): Promise<void> {
  const rows = await session.run(
    'privilege.check',
    ({ raw }) =>
      raw<{ table: string; privilege: string }[]>`
      select t as table, p as privilege from unnest(${JOURNALS}::text[]) t, unnest(${FORBIDDEN}::text[]) p
      where has_table_privilege(t, p)`,
  );
  const [first] = rows;
  if (!first) return;
  throw new KuramoriError(
    'CONFIGURATION_INVALID',
    `The database user of RECORDS_DATABASE_URL may ${first.privilege} ${first.table}. ` +
      'Use a user that is only a member of kuramori_gateway.',
  );
}
