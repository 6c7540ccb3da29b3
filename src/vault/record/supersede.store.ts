import type { Session } from '../../kernel/database/database.js';
import type { VaultRef } from '../number/vaultRef.js';
import { carryLinkage } from './linkage.js';

/** What a change of number looks at. */
export interface ChainLink {
  readonly ref: VaultRef;
  readonly state: 'active' | 'superseded' | 'erased';
  readonly unifiedAddresseeNo: string | null;
  /** Whether it came after another number already. */
  readonly succeeds: boolean;
}

/** Numbers of a chain (番号変更), as they are now. The caller has locked them. */
export async function readLinks(tx: Session, refs: readonly VaultRef[]): Promise<readonly ChainLink[]> {
  return tx.run(
    'vault.supersede.read',
    ({ raw }) => raw<ChainLink[]>`
    select vault_ref as ref, state, unified_addressee_no as "unifiedAddresseeNo",
      exists (select from vault.number b where b.superseded_by = n.vault_ref) as succeeds
    from vault.number n where vault_ref = any (${[...refs]}::text[])`,
  );
}

/** Writes that one number came after another; the person's unified addressee number goes with it. */
export async function writeLink(
  tx: Session,
  { ref, supersededBy, at }: { readonly ref: VaultRef; readonly supersededBy: VaultRef; readonly at: string },
): Promise<void> {
  await tx.run(
    'vault.supersede.write',
    ({ raw }) => raw`
    update vault.number set state = 'superseded', superseded_at = ${at}, superseded_by = ${supersededBy}
    where vault_ref = ${ref}`,
  );
  await tx.run(
    'vault.supersede.carry',
    ({ raw }) => raw`
    update vault.number set unified_addressee_no =
      coalesce(unified_addressee_no, (select o.unified_addressee_no from vault.number o where o.vault_ref = ${ref}))
    where vault_ref = ${supersededBy}`,
  );
  await carryLinkage(tx, { ref, supersededBy, at });
}
