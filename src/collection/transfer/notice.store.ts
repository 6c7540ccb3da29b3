import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';

/** A final notice to be noted. */
export interface NewNotices {
  readonly issuedOn: IsoDate;
  readonly payBy: IsoDate;
  readonly changeId: bigint;
}

/** Notes the final notice (移管最終催告書) of every candidate of a round. @returns the cases */
export async function insertNotices(
  tx: Session,
  roundId: bigint,
  { issuedOn, payBy, changeId }: NewNotices,
): Promise<bigint[]> {
  const rows = await tx.run(
    'transfer.notices',
    ({ raw }) => raw<{ transfer_id: bigint }[]>`
    insert into records.transfer_notice (transfer_id, issued_on, pay_by, unpaid, change_id)
    select c.id, ${issuedOn}::date, ${payBy}::date, c.unpaid, ${String(changeId)}::bigint
    from records.transfer_case c join records.transfer_standing s on s.transfer_id = c.id
    where c.round_id = ${String(roundId)}::bigint and s.state = 'candidate'
    returning transfer_id`,
  );
  return rows.map(({ transfer_id: transferId }) => transferId);
}

/** Until when the cases of a round that wait for the freeze may still pay, the latest; none when none waits. */
export async function lastPayBy(tx: Session, roundId: bigint): Promise<IsoDate | undefined> {
  const [row] = await tx.run(
    'transfer.payBy',
    ({ raw }) => raw<{ pay_by: IsoDate | null }[]>`
    select max(n.pay_by) as pay_by from records.transfer_notice n
    join records.transfer_standing s on s.transfer_id = n.transfer_id
    where s.round_id = ${String(roundId)}::bigint and s.state = 'noticed'`,
  );
  return row?.pay_by ?? undefined;
}
