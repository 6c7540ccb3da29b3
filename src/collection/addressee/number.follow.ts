import { z } from 'zod';
import type { Session } from '../../kernel/database/database.js';
import type { VaultOperation } from '../../kernel/vaultOperations.js';

const supersededForm = z.object({ ref: z.string(), supersededBy: z.string() });
const statesForm = z.object({
  states: z.array(z.object({ ref: z.string(), state: z.string(), supersededBy: z.string().nullable() })),
});

/** An operation that the vault has carried out. */
export interface CarriedOut {
  readonly operation: VaultOperation;
  /** 保管庫参照 that it was signed for. */
  readonly refs: readonly string[];
  readonly result: unknown;
  /** The `change` row that carried it. */
  readonly changeId: bigint;
}

/** An addressee whose number was replaced by one that another addressee has: nobody was moved. */
export interface TakenReference {
  readonly addresseeNo: string;
  readonly holderNo: string;
}

/** What people must hear of, when the references of the records follow the vault. */
export interface Followed {
  /**
   * Those who could not be referred to their new number, because somebody else is: one person entered twice, or a
   * number given to the wrong one. People decide which.
   */
  readonly taken: readonly TakenReference[];
  /** Addressees whose reference the vault does not know, so that it was taken: a restore has lost their number. */
  readonly lost: readonly string[];
}

/**
 * 番号変更 and 消去 as the vault tells of them: the addressee of a number that was replaced is referred to the one in
 * its place, that of an erased one to none. A state that is asked for tells it once more, should the answer of the
 * operation itself have been lost, or the vault have ended the erasure by itself; and tells of a reference that the
 * vault does not know.
 */
export async function followVault(tx: Session, carried: CarriedOut): Promise<Followed> {
  const taken = await followReplaced(tx, replacedBy(carried));
  await followErased(tx, inState('erased', carried), carried.changeId);
  return { taken, lost: await followLost(tx, inState('unknown', carried)) };
}

async function followReplaced(
  tx: Session,
  replaced: readonly z.output<typeof supersededForm>[],
): Promise<readonly TakenReference[]> {
  if (replaced.length === 0) return [];
  const [refs, nexts] = [replaced.map(({ ref }) => ref), replaced.map(({ supersededBy }) => supersededBy)];
  await tx.run(
    'number.follow',
    ({ raw }) => raw`
    update records.addressee as a set vault_ref = t.next
    from unnest(${refs}::text[], ${nexts}::text[]) as t (ref, next)
    where a.vault_ref = t.ref and not exists (select from records.addressee o where o.vault_ref = t.next)`,
  );
  return tx.run(
    'number.taken',
    ({ raw }) => raw<TakenReference[]>`
    select a.addressee_no as "addresseeNo", o.addressee_no as "holderNo"
    from unnest(${refs}::text[], ${nexts}::text[]) as t (ref, next)
    join records.addressee a on a.vault_ref = t.ref join records.addressee o on o.vault_ref = t.next
    order by a.addressee_no`,
  );
}

/** Without a reference the person may be registered again; what he was named by stays written down. */
async function followErased(tx: Session, refs: readonly string[], changeId: bigint): Promise<void> {
  if (refs.length === 0) return;
  await tx.run(
    'number.erased',
    ({ raw }) => raw`
    with erased as (
      select addressee_no, vault_ref from records.addressee
      where vault_ref = any (${[...refs]}::text[]) order by addressee_no for update
    ), noted as (
      insert into records.erased_reference (vault_ref, addressee_no, change_id)
      select vault_ref, addressee_no, ${String(changeId)}::bigint from erased on conflict (vault_ref) do nothing
    )
    update records.addressee as a set vault_ref = null from erased e where a.addressee_no = e.addressee_no`,
  );
}

/** The same number, registered again, would get the same reference, if the vault had it all the same. */
async function followLost(tx: Session, refs: readonly string[]): Promise<readonly string[]> {
  if (refs.length === 0) return [];
  const rows = await tx.run(
    'number.lost',
    ({ raw }) => raw<{ addresseeNo: string }[]>`
    update records.addressee set vault_ref = null where vault_ref = any (${[...refs]}::text[])
    returning addressee_no as "addresseeNo"`,
  );
  return rows.map(({ addresseeNo }) => addresseeNo).toSorted();
}

function replacedBy({ operation, result }: CarriedOut): readonly z.output<typeof supersededForm>[] {
  if (operation === 'supersede') return [supersededForm.parse(result)];
  return statesOf(operation, result).flatMap(({ ref, supersededBy }) =>
    supersededBy === null ? [] : [{ ref, supersededBy }],
  );
}

/** References of what the vault says is erased, or unknown to it. */
function inState(wanted: 'erased' | 'unknown', { operation, refs, result }: CarriedOut): readonly string[] {
  if (operation === 'erase') return wanted === 'erased' ? refs : [];
  return statesOf(operation, result).flatMap(({ ref, state }) => (state === wanted ? [ref] : []));
}

function statesOf(operation: VaultOperation, result: unknown): z.output<typeof statesForm>['states'] {
  return operation === 'status' ? statesForm.parse(result).states : [];
}
