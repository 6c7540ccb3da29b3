import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import type { VaultOperation } from '../assertion/operation.js';
import type { Grant } from './grant.js';

interface GrantRow {
  readonly id: bigint;
  readonly person_id: string;
  readonly purpose: string;
  readonly operations: readonly VaultOperation[];
  readonly valid_from: string;
  readonly valid_to: string;
  readonly state: Grant['state'];
  readonly requested_by: string;
  readonly approved_by: string | null;
  readonly confirmed_on: string | null;
  readonly last_used_on: string | null;
  readonly state_since: string | null;
}

/** What is asked for. */
export interface GrantAsked {
  readonly personId: string;
  readonly purpose: string;
  readonly operations: readonly VaultOperation[];
  readonly validFrom: IsoDate;
  readonly validTo: IsoDate;
  readonly requestedBy: string;
}

/** Writes a request. @returns its number */
export async function insertGrant(tx: Session, asked: GrantAsked): Promise<bigint> {
  const [row] = await tx.run(
    'vault.grant.insert',
    ({ raw }) => raw<[{ id: bigint }]>`
    insert into vault.number_grant (person_id, purpose, operations, valid_from, valid_to, state, requested_by)
    values (${asked.personId}, ${asked.purpose}, ${[...asked.operations]}::text[], ${asked.validFrom},
      ${asked.validTo}, 'requested', ${asked.requestedBy})
    returning id`,
  );
  return row.id;
}

/** Every grant a person ever had for a purpose, oldest first. */
export async function grantsFor(
  session: Session,
  personId: string,
  purpose: string,
): Promise<readonly Grant[]> {
  const rows = await session.run(
    'vault.grant.for',
    ({ raw }) => raw<GrantRow[]>`
    select * from vault.number_grant where person_id = ${personId} and purpose = ${purpose} order by id`,
  );
  return rows.map(grantOf);
}

/** All grants, oldest first: of some hundred people at most. */
export async function allGrants(session: Session): Promise<readonly Grant[]> {
  const rows = await session.run(
    'vault.grant.all',
    ({ raw }) => raw<GrantRow[]>`select * from vault.number_grant order by id`,
  );
  return rows.map(grantOf);
}

/** A grant that nobody else changes before the transaction's end, or none. */
export async function lockGrant(tx: Session, id: bigint): Promise<Grant | undefined> {
  const [row] = await tx.run(
    'vault.grant.lock',
    ({ raw }) => raw<GrantRow[]>`select * from vault.number_grant where id = ${String(id)}::int8 for update`,
  );
  return row && grantOf(row);
}

/** Puts a locked request into force. */
export async function writeApproval(
  tx: Session,
  id: bigint,
  approved: { readonly by: string; readonly on: IsoDate; readonly validFrom: IsoDate },
): Promise<void> {
  await tx.run(
    'vault.grant.approve',
    ({ raw }) => raw`
    update vault.number_grant set state = 'approved', approved_by = ${approved.by}, confirmed_on = ${approved.on},
      valid_from = ${approved.validFrom} where id = ${String(id)}::int8`,
  );
}

/** Notes a quarterly confirmation. */
export async function writeConfirmation(tx: Session, id: bigint, on: IsoDate): Promise<void> {
  await tx.run(
    'vault.grant.confirm',
    ({ raw }) => raw`update vault.number_grant set confirmed_on = ${on} where id = ${String(id)}::int8`,
  );
}

/** Ends a locked grant for good. */
export async function writeWithdrawal(tx: Session, id: bigint, on: IsoDate): Promise<void> {
  await tx.run(
    'vault.grant.withdraw',
    ({ raw }) =>
      raw`update vault.number_grant set state = 'withdrawn', state_since = ${on} where id = ${String(id)}::int8`,
  );
}

/** Notes that a grant was used; once a day, so that a row is not written at each reveal. */
export async function noteGrantUsed(session: Session, { id, lastUsedOn }: Grant, on: IsoDate): Promise<void> {
  if (lastUsedOn === on) return;
  await session.run(
    'vault.grant.used',
    ({ raw }) => raw`update vault.number_grant set last_used_on = ${on} where id = ${String(id)}::int8`,
  );
}

/** Ends every grant and request of a person. @returns their numbers */
export async function withdrawGrantsOf(
  tx: Session,
  personId: string,
  on: IsoDate,
): Promise<readonly bigint[]> {
  const rows = await tx.run(
    'vault.grant.withdrawAll',
    ({ raw }) => raw<{ id: bigint }[]>`
    update vault.number_grant set state = 'withdrawn', state_since = ${on}
    where person_id = ${personId} and state <> 'withdrawn' returning id`,
  );
  return numbersOf(rows);
}

/** Suspends every grant of a person that is in force. @returns their numbers */
export async function suspendGrantsOf(
  tx: Session,
  personId: string,
  on: IsoDate,
): Promise<readonly bigint[]> {
  const rows = await tx.run(
    'vault.grant.suspendAll',
    ({ raw }) => raw<{ id: bigint }[]>`
    update vault.number_grant set state = 'suspended', state_since = ${on}
    where person_id = ${personId} and state = 'approved' returning id`,
  );
  return numbersOf(rows);
}

function numbersOf(rows: readonly { id: bigint }[]): readonly bigint[] {
  return rows.map((row) => row.id).toSorted((a, b) => Number(a - b));
}

function grantOf(row: GrantRow): Grant {
  return {
    id: row.id,
    personId: row.person_id,
    purpose: row.purpose,
    operations: row.operations,
    validFrom: row.valid_from,
    validTo: row.valid_to,
    state: row.state,
    requestedBy: row.requested_by,
    approvedBy: row.approved_by ?? undefined,
    confirmedOn: row.confirmed_on ?? undefined,
    lastUsedOn: row.last_used_on ?? undefined,
    stateSince: row.state_since ?? undefined,
  };
}
