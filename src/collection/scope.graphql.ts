import type { Caller } from '../access/caller.js';
import type { Session } from '../kernel/database/database.js';

/**
 * Whether the caller may know of an addressee: staff of a branch know only the people of their branch, also in
 * changes.
 * @param addresseeNo null for money that belongs to nobody yet, which no branch may see
 */
export async function isWithinScope(
  tx: Session,
  caller: Pick<Caller, 'branchCode'>,
  addresseeNo: string | null,
): Promise<boolean> {
  const { branchCode } = caller;
  if (branchCode === undefined) return true;
  if (addresseeNo === null) return false;
  const rows = await tx.run(
    'scope.addressee',
    ({ raw }) => raw`
    select from records.addressee where addressee_no = ${addresseeNo} and branch_code = ${branchCode}`,
  );
  return rows.length > 0;
}
