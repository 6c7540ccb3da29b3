import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import type { VaultRef } from '../number/vaultRef.js';

/** 団体内統合宛名番号の紐付け: which number belongs to which unified addressee number. One to one, both ways. */
export interface Linkage {
  readonly ref: VaultRef;
  readonly unifiedAddresseeNo: string;
}

/**
 * Links numbers with unified addressee numbers. Where either of the two is linked already, it stays as it is: who is
 * linked is not changed in passing, only by a change of number (番号変更) or an erasure.
 * @param linkedAt instant in UTC
 */
export async function link(tx: Session, linkages: readonly Linkage[], linkedAt: string): Promise<void> {
  if (linkages.length === 0) return;
  // In one order for everybody, so that two who write the same never wait for each other in a ring.
  const sorted = linkages.toSorted((a, b) => (a.unifiedAddresseeNo < b.unifiedAddresseeNo ? -1 : 1));
  await tx.run(
    'vault.linkage.insert',
    ({ raw }) => raw`
    insert into vault.addressee_linkage (vault_ref, unified_addressee_no, linked_at)
    select ref, unified, ${linkedAt} from unnest(${sorted.map(({ ref }) => ref)}::text[],
      ${sorted.map(({ unifiedAddresseeNo }) => unifiedAddresseeNo)}::text[]) as given (ref, unified)
    on conflict do nothing`,
  );
}

/** 番号変更: the person's unified addressee number goes to the new number, unless that has one. */
export async function carryLinkage(
  tx: Session,
  { ref, supersededBy, at }: { readonly ref: VaultRef; readonly supersededBy: VaultRef; readonly at: string },
): Promise<void> {
  await tx.run(
    'vault.linkage.carry',
    ({ raw }) => raw`
    update vault.addressee_linkage set vault_ref = ${supersededBy}, linked_at = ${at}
    where vault_ref = ${ref}
      and not exists (select from vault.addressee_linkage l where l.vault_ref = ${supersededBy})`,
  );
}

/** @throws KuramoriError CONFLICT, facts `{rule}` */
export async function assertLinked(tx: Session, ref: VaultRef, unifiedAddresseeNo: string): Promise<void> {
  const rows = await tx.run(
    'vault.linkage.read',
    ({ raw }) => raw`
    select from vault.addressee_linkage l join vault.number n on n.vault_ref = l.vault_ref and n.state = 'active'
    where l.vault_ref = ${ref} and l.unified_addressee_no = ${unifiedAddresseeNo}`,
  );
  if (rows.length === 1) return;
  throw new KuramoriError(
    'CONFLICT',
    'The reference and the unified addressee number (団体内統合宛名番号) are not linked. Check both, and register ' +
      'the number with the unified addressee number.',
    { rule: 'linkage' },
  );
}

/** The references that are linked with unified addressee numbers. */
export async function refsLinkedWith(
  session: Session,
  unifiedAddresseeNos: readonly string[],
): Promise<readonly VaultRef[]> {
  const rows = await session.run(
    'vault.linkage.refs',
    ({ raw }) => raw<{ ref: VaultRef }[]>`
    select vault_ref as ref from vault.addressee_linkage
    where unified_addressee_no = any (${[...unifiedAddresseeNos]}::text[]) order by 1`,
  );
  return rows.map(({ ref }) => ref);
}
