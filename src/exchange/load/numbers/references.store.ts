import type { Session } from '../../../kernel/database/database.js';
import type { NumberReference } from './resultLines.js';

/** Why a reference was not kept. */
export const REFERENCE_RULES = ['NO_ADDRESSEE', 'CORPORATION', 'OTHER_REFERENCE', 'OTHER_ADDRESSEE'] as const;

/**
 * `NO_ADDRESSEE`: nobody here has that unified number. `CORPORATION`: has no individual number. `OTHER_REFERENCE`: the
 * person has another number. `OTHER_ADDRESSEE`: the number is that of another person here.
 */
export type ReferenceRule = (typeof REFERENCE_RULES)[number];

/** What a line came to. */
export interface KeptReference {
  readonly lineNo: number;
  readonly outcome: 'kept' | 'unchanged' | ReferenceRule;
}

/**
 * Keeps references where none is; one that is there is never changed.
 * @param references none of them twice, neither by person nor by reference
 * @returns what each came to
 */
export async function keepReferences(
  tx: Session,
  references: readonly NumberReference[],
): Promise<readonly KeptReference[]> {
  return tx.run(
    'load.numbers.keep',
    ({ raw }) => raw<KeptReference[]>`
    with given as (
      select g."lineNo" as line_no, g."unifiedAddresseeNo" as unified, g."vaultRef" as ref
      from jsonb_to_recordset(${JSON.stringify(references)}::text::jsonb)
        as g ("lineNo" integer, "unifiedAddresseeNo" text, "vaultRef" text)
    ), found as (
      select g.line_no, g.ref, a.addressee_no, a.vault_ref, a.corporate_no is not null as corporate,
        o.addressee_no as holder
      from given g left join records.addressee a on a.unified_addressee_no = g.unified
      left join records.addressee o on o.vault_ref = g.ref
    ), kept as (
      update records.addressee a set vault_ref = f.ref from found f
      where a.addressee_no = f.addressee_no and a.vault_ref is null and not f.corporate and f.holder is null
      returning a.addressee_no
    )
    select f.line_no as "lineNo", case
      when f.addressee_no is null then 'NO_ADDRESSEE'
      when f.corporate then 'CORPORATION'
      when k.addressee_no is not null then 'kept'
      when f.vault_ref = f.ref then 'unchanged'
      when f.holder is not null then 'OTHER_ADDRESSEE'
      else 'OTHER_REFERENCE' end as outcome
    from found f left join kept k on k.addressee_no = f.addressee_no order by f.line_no`,
  );
}
