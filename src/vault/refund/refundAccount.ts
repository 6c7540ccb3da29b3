import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { wipe } from '../cipher/wipe.js';
import { integrityFailure } from '../cipher/integrity.js';
import type { VaultRef } from '../number/vaultRef.js';
import { openItem, type SpoolContext } from '../spool/spool.js';
import { accountForm, type RefundAccount } from './account.js';
import { lockAccount, type AccountRow } from './account.store.js';

/** An account that is there, for whoever holds its row. */
export type StandingAccount = AccountRow & { readonly accountRef: VaultRef };

/**
 * The account of a refund of this person, locked. What was not obtained and what was erased are told in the same words.
 * @throws KuramoriError NOT_FOUND
 */
export async function standingAccount(
  tx: Session,
  ref: VaultRef,
  refundId: string,
): Promise<StandingAccount> {
  const row = await lockAccount(tx, refundId);
  if (isStanding(row, ref)) return row;
  throw new KuramoriError(
    'NOT_FOUND',
    'There is no account for this refund of the person. Ask for it by a push, or send the claim form.',
  );
}

/** Whether an account is there, and this person's. */
export function isStanding(row: AccountRow | undefined, ref: VaultRef): row is StandingAccount {
  return row?.vaultRef === ref && row.accountRef !== null;
}

/** @throws KuramoriError CONSENT_REQUIRED when the consent to its use was withdrawn */
export function assertConsented({ isWithdrawn }: Pick<StandingAccount, 'isWithdrawn'>): void {
  if (!isWithdrawn) return;
  throw new KuramoriError(
    'CONSENT_REQUIRED',
    'The person has withdrawn the consent, so nothing is paid to this account. Send the claim form.',
    { rule: 'withdrawn' },
  );
}

/** Opens an account. @throws KuramoriError INTEGRITY_FAILURE, VAULT_SEALED */
export async function openAccount(
  context: SpoolContext,
  session: Session,
  { accountRef }: StandingAccount,
): Promise<RefundAccount> {
  const bytes = await openItem(context, session, accountRef, 'account');
  try {
    const read = accountForm.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    if (!read.success) throw integrityFailure();
    return read.data;
  } finally {
    wipe(bytes);
  }
}
