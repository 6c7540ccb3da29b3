import { z } from 'zod';
import type { Session } from '../../kernel/database/database.js';
import type { VaultOperation } from '../../kernel/vaultOperations.js';

const supersededForm = z.object({ ref: z.string(), supersededBy: z.string() });
const statesForm = z.object({
  states: z.array(z.object({ ref: z.string(), supersededBy: z.string().nullable() })),
});

/**
 * 番号変更 as the vault tells of it: the addressee of a number that was replaced is referred to the one in its place. A
 * state that is asked for tells it once more, should the answer of the change itself have been lost.
 */
export async function followVault(tx: Session, operation: VaultOperation, result: unknown): Promise<void> {
  const replaced = replacedBy(operation, result);
  if (replaced.length === 0) return;
  const [refs, nexts] = [replaced.map(({ ref }) => ref), replaced.map(({ supersededBy }) => supersededBy)];
  await tx.run(
    'number.follow',
    ({ raw }) => raw`
    update records.addressee as a set vault_ref = t.next
    from unnest(${refs}::text[], ${nexts}::text[]) as t (ref, next)
    where a.vault_ref = t.ref and not exists (select from records.addressee o where o.vault_ref = t.next)`,
  );
}

function replacedBy(operation: VaultOperation, result: unknown): readonly z.output<typeof supersededForm>[] {
  if (operation === 'supersede') return [supersededForm.parse(result)];
  if (operation !== 'status') return [];
  return statesForm
    .parse(result)
    .states.flatMap(({ ref, supersededBy }) => (supersededBy === null ? [] : [{ ref, supersededBy }]));
}
