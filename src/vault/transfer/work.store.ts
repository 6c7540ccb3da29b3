import type { Session } from '../../kernel/database/database.js';
import type { TransferStateName } from '../client/transferWire.js';

/**
 * Transfers that are in a state now, the oldest first.
 * @param reason with which the reason of the state begins, where it matters
 */
export async function packagesIn(
  session: Session,
  state: TransferStateName,
  reason = '',
): Promise<readonly string[]> {
  const rows = await session.run(
    'vault.transfer.work',
    ({ raw }) => raw<{ id: string }[]>`
    select t.package_id as id from vault.transfer_state t
    where t.state = ${state} and starts_with(t.reason, ${reason}) and not exists (
      select from vault.transfer_state later where later.package_id = t.package_id and later.step > t.step)
    order by t.at`,
  );
  return rows.map(({ id }) => id);
}

/** Organizations that have cases of ours: from them results come. */
export async function activeRecipients(session: Session): Promise<readonly string[]> {
  const rows = await session.run(
    'vault.transfer.recipients',
    ({ raw }) => raw<{ recipient: string }[]>`
    select distinct p.recipient from vault.transfer_package p
    where exists (select from vault.transfer_state t where t.package_id = p.package_id and t.state = 'ACTIVE')
      and not exists (select from vault.transfer_state t where t.package_id = p.package_id and t.state = 'CLOSED')`,
  );
  return rows.map(({ recipient }) => recipient);
}
