import type { Session } from '../../kernel/database/database.js';
import type { ByAt } from '../../kernel/dualControl.js';
import type { Temporal } from '../../kernel/dates.js';
import type { VaultRef } from '../number/vaultRef.js';

/** A row of vault.refund_account. */
export interface AccountRow {
  readonly refundId: string;
  readonly vaultRef: VaultRef;
  /** Spool item; none once it was erased. */
  readonly accountRef: VaultRef | null;
  readonly holderMatches: boolean;
  readonly paymentId: string | null;
  readonly paymentRef: VaultRef | null;
  readonly isConfirmed: boolean;
  /** The consent was withdrawn. */
  readonly isWithdrawn: boolean;
}

/** Writes an account down; one whose consent was withdrawn meanwhile is so from the start. */
export async function insertAccount(
  tx: Session,
  account: Pick<AccountRow, 'refundId' | 'vaultRef' | 'holderMatches'> & {
    readonly pushRequestId: string;
    readonly accountRef: VaultRef;
    readonly obtainedAt: string;
  },
): Promise<void> {
  const { refundId, pushRequestId, vaultRef, accountRef, holderMatches, obtainedAt } = account;
  await tx.run(
    'vault.account.insert',
    ({ raw }) => raw`
    insert into vault.refund_account (refund_id, push_request_id, vault_ref, account_ref, holder_matches, obtained_at,
      consent_withdrawn_at)
    values (${refundId}, ${pushRequestId}, ${vaultRef}, ${accountRef}, ${holderMatches}, ${obtainedAt},
      (select w.withdrawn_at from vault.push p join vault.refund_consent_withdrawal w using (consent_id)
        where p.push_request_id = ${pushRequestId}))`,
  );
}

/** The account of a refund. */
export function readAccount(session: Session, refundId: string): Promise<AccountRow | undefined> {
  return readWith(session, refundId, false);
}

/** The account of a refund, which nobody else changes before the transaction's end. */
export function lockAccount(tx: Session, refundId: string): Promise<AccountRow | undefined> {
  return readWith(tx, refundId, true);
}

async function readWith(
  session: Session,
  refundId: string,
  locked: boolean,
): Promise<AccountRow | undefined> {
  const [row] = await session.run(
    locked ? 'vault.account.lock' : 'vault.account.read',
    ({ raw }) => raw<AccountRow[]>`
    select refund_id as "refundId", vault_ref as "vaultRef", account_ref as "accountRef",
      holder_matches as "holderMatches", payment_id as "paymentId", payment_ref as "paymentRef",
      confirmed_at is not null as "isConfirmed", consent_withdrawn_at is not null as "isWithdrawn"
    from vault.refund_account where refund_id = ${refundId} ${locked ? raw`for update` : raw``}`,
  );
  return row;
}

/** Writes that the account was used. @returns false when the payment is another refund's */
export async function markTaken(
  tx: Session,
  refundId: string,
  payment: { readonly paymentId: string; readonly paymentRef: VaultRef },
  taken: ByAt,
): Promise<boolean> {
  const { paymentId, paymentRef } = payment;
  const { count } = await tx.run(
    'vault.account.take',
    ({ raw }) => raw`
    update vault.refund_account set taken_by = ${taken.by}, taken_at = ${taken.at.toString()},
      payment_id = ${paymentId}, payment_ref = ${paymentRef}
    where refund_id = ${refundId}
      and not exists (select from vault.refund_account a where a.payment_id = ${paymentId})`,
  );
  return count === 1;
}

export async function markConfirmed(tx: Session, refundId: string, at: Temporal.Instant): Promise<void> {
  await tx.run(
    'vault.account.confirm',
    ({ raw }) => raw`
    update vault.refund_account set confirmed_at = ${at.toString()} where refund_id = ${refundId}`,
  );
}

/**
 * Writes that the consent to the use of an account was withdrawn, and holds its row until the transaction ends: whoever
 * makes a payment file at the same moment comes before it or after it. @returns undefined when there is no account
 */
export async function markWithdrawn(
  tx: Session,
  consentId: string,
  at: Temporal.Instant,
): Promise<AccountRow | undefined> {
  const [row] = await tx.run(
    'vault.account.withdraw',
    ({ raw }) => raw<AccountRow[]>`
    update vault.refund_account a set consent_withdrawn_at = coalesce(consent_withdrawn_at, ${at.toString()})
    from vault.push p where p.push_request_id = a.push_request_id and p.consent_id = ${consentId}
    returning a.refund_id as "refundId", a.vault_ref as "vaultRef", account_ref as "accountRef",
      holder_matches as "holderMatches", payment_id as "paymentId", payment_ref as "paymentRef",
      confirmed_at is not null as "isConfirmed", true as "isWithdrawn"`,
  );
  return row;
}

/** Of items that were erased, the accounts that named them, with those that are erased whole by it. */
export async function forgetItems(
  session: Session,
  refs: readonly VaultRef[],
  at: Temporal.Instant,
): Promise<readonly { readonly refundId: string; readonly vaultRef: VaultRef }[]> {
  const list = [...refs];
  const rows = await session.run(
    'vault.account.forget',
    ({ raw }) => raw<{ refundId: string; vaultRef: VaultRef }[]>`
    update vault.refund_account set
      account_ref = case when account_ref = any (${list}::text[]) then null else account_ref end,
      payment_ref = case when payment_ref = any (${list}::text[]) then null else payment_ref end,
      erased_at = case
        when (account_ref is null or account_ref = any (${list}::text[]))
          and (payment_ref is null or payment_ref = any (${list}::text[])) then ${at.toString()}::timestamptz
      end
    where account_ref = any (${list}::text[]) or payment_ref = any (${list}::text[])
    returning refund_id as "refundId", vault_ref as "vaultRef"`,
  );
  return [...rows];
}
