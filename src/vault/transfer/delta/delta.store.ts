import { instantText, type Clock } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';

/** A delta as it was signed. */
export interface KeptDelta {
  readonly packageId: string;
  readonly deltaNo: number;
  readonly signed: string;
  readonly digest: string;
  readonly sent: boolean;
}

/** Deltas of a package, in their order. */
export async function deltasOf(session: Session, packageId: string): Promise<readonly KeptDelta[]> {
  const rows = await session.run(
    'vault.transfer.deltas',
    ({ raw }) => raw<KeptDelta[]>`
    select d.package_id as "packageId", d.delta_no as "deltaNo", d.signed, d.digest, s.at is not null as sent
    from vault.transfer_delta d
    left join vault.transfer_delta_sent s on s.package_id = d.package_id and s.delta_no = d.delta_no
    where d.package_id = ${packageId} order by d.delta_no`,
  );
  return [...rows];
}

export async function insertDelta(
  tx: Session,
  clock: Clock,
  { packageId, deltaNo, signed, digest }: Omit<KeptDelta, 'sent'>,
): Promise<void> {
  await tx.run(
    'vault.transfer.delta.insert',
    ({ raw }) => raw`
    insert into vault.transfer_delta (package_id, delta_no, signed, digest, at)
    values (${packageId}, ${deltaNo}, ${signed}, ${digest}, ${instantText(clock)})`,
  );
}

/** Notes that the organization has a delta. */
export async function insertDeltaSent(
  tx: Session,
  clock: Clock,
  { packageId, deltaNo }: Pick<KeptDelta, 'packageId' | 'deltaNo'>,
): Promise<void> {
  await tx.run(
    'vault.transfer.delta.sent',
    ({ raw }) => raw`
    insert into vault.transfer_delta_sent (package_id, delta_no, at)
    values (${packageId}, ${deltaNo}, ${instantText(clock)}) on conflict do nothing`,
  );
}

/** Packages that were delivered and have a delta that was not sent. */
export async function packagesWithDeltas(session: Session): Promise<readonly string[]> {
  const rows = await session.run(
    'vault.transfer.deltas.waiting',
    ({ raw }) => raw<{ id: string }[]>`
    select distinct d.package_id as id from vault.transfer_delta d
    where not exists (select from vault.transfer_delta_sent s
        where s.package_id = d.package_id and s.delta_no = d.delta_no)
      and exists (select from vault.transfer_state t where t.package_id = d.package_id and t.state = 'DELIVERED')`,
  );
  return rows.map(({ id }) => id);
}
