import type { Session } from '../kernel/database/database.js';
import { KuramoriError } from '../kernel/errors.js';

/** What a worker has no business with: people, money, decisions, and changing what was written. */
const FOREIGN = [
  ['audit.block', 'UPDATE'],
  ['audit.block', 'DELETE'],
  ['audit.record', 'UPDATE'],
  ['audit.record', 'DELETE'],
  ['records.addressee', 'SELECT'],
  ['records.receipt', 'INSERT'],
  ['records.refund_decision', 'INSERT'],
  ['records.push_request', 'INSERT'],
  ['records.push_state', 'UPDATE'],
  ['records.push_state', 'DELETE'],
] as const;

/**
 * Refuses to start as a database user that may do more than hand over: what is not needed could only be misused.
 * @throws KuramoriError CONFIGURATION_INVALID
 */
export async function assertLeastPrivilege(session: Session): Promise<void> {
  const [tables, privileges] = [FOREIGN.map(([table]) => table), FOREIGN.map(([, privilege]) => privilege)];
  const [first] = await session.run(
    'privilege.check',
    ({ raw }) => raw<{ table: string; privilege: string }[]>`
      select t as table, p as privilege from unnest(${tables}::text[], ${privileges}::text[]) as k (t, p)
      where has_table_privilege(t, p)`,
  );
  if (!first) return;
  throw new KuramoriError(
    'CONFIGURATION_INVALID',
    `The database user of RECORDS_WORKER_DATABASE_URL may ${first.privilege} ${first.table}. ` +
      'Use a user that is only a member of kuramori_worker.',
  );
}
