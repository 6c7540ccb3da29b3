import type { Session } from '../../kernel/database/database.js';

/** The newest row of vault.provision_switch. */
export interface ProvisionSwitch {
  readonly isOn: boolean;
  readonly basis: string | null;
}

/** What somebody decided, and by which approvals. */
export interface NewSwitch {
  readonly isOn: boolean;
  readonly basis?: string;
  readonly approvals?: readonly [string, string];
  readonly reason: string;
  readonly by: string;
  /** Instant in UTC. */
  readonly at: string;
}

/** What holds now; nothing when nobody ever decided. */
export async function currentSwitch(session: Session): Promise<ProvisionSwitch | undefined> {
  const [row] = await session.run(
    'vault.provision.current',
    ({ raw }) => raw<ProvisionSwitch[]>`
    select is_on as "isOn", basis from vault.provision_switch order by id desc limit 1`,
  );
  return row;
}

/** One decides after the other. */
export async function lockSwitch(tx: Session): Promise<void> {
  await tx.run(
    'vault.provision.lock',
    ({ raw }) => raw`select pg_advisory_xact_lock(hashtextextended('intermediary.provision', 0))`,
  );
}

export async function insertSwitch(
  tx: Session,
  { isOn, basis, approvals, reason, by, at }: NewSwitch,
): Promise<void> {
  const [first = null, second = null] = approvals ?? [];
  await tx.run(
    'vault.provision.insert',
    ({ raw }) => raw`
    insert into vault.provision_switch (is_on, basis, first_approval, second_approval, reason, switched_by, switched_at)
    values (${isOn}, ${basis ?? null}, ${first}, ${second}, ${reason}, ${by}, ${at})`,
  );
}
