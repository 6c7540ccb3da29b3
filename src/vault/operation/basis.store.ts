import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import type { Assertion } from '../assertion/assertion.js';
import { VaultRefusal } from '../refusal.js';

/**
 * The purpose reaches a number on this day by the basis that was asserted (番号法 9条; handbook 11 §1). What is not in
 * the register reaches none.
 * @throws KuramoriError FORBIDDEN_PURPOSE
 */
export async function assertBasis(
  session: Session,
  { purpose, basis }: Pick<Assertion, 'purpose' | 'basis'>,
  day: IsoDate,
): Promise<void> {
  const rows = await session.run(
    'vault.basis',
    ({ raw }) => raw`
    select from vault.legal_basis where basis = ${basis} and purpose = ${purpose}
      and valid_from <= ${day}::date and (valid_to is null or valid_to >= ${day}::date) limit 1`,
  );
  if (rows.length === 0) throw new VaultRefusal('basis');
}
