import type { Caller } from '../../access/caller.js';
import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { isWithinScope } from '../scope.graphql.js';

/**
 * Locks an addressee whose number is about to be registered: no other registration changes him before the
 * transaction's end. What could not be kept here is refused before the vault keeps anything: a number there that no
 * addressee refers to would be on no list of what is to be erased (番号法 20条).
 * @throws KuramoriError NOT_FOUND, also for a person outside the caller's scope; CONFLICT for a corporation, or a
 *   person who has a number
 */
export async function lockUnregistered(tx: Session, caller: Caller, addresseeNo: string): Promise<void> {
  const [row] = await tx.run(
    'number.lockAddressee',
    ({ raw }) => raw<{ vault_ref: string | null; corporate: boolean }[]>`
    select vault_ref, corporate_no is not null as corporate from records.addressee
    where addressee_no = ${addresseeNo} for update`,
  );
  if (row === undefined || !(await isWithinScope(tx, caller, addresseeNo)))
    throw new KuramoriError('NOT_FOUND', 'There is no such addressee. Check the number.', {
      field: 'addresseeNo',
    });
  if (row.corporate)
    throw new KuramoriError('CONFLICT', 'A corporation has no individual number.', { field: 'addresseeNo' });
  if (row.vault_ref === null) return;
  const sentence =
    'The addressee has a number. Replace it in the vault (番号変更) with a second person; ask for its state where it may ' +
    'have been erased.';
  throw new KuramoriError('CONFLICT', sentence, { field: 'number' });
}

/**
 * Keeps the vault's reference of the number of a person who is locked.
 * @throws KuramoriError CONFLICT when the number belongs to somebody else here
 */
export async function keepReference(tx: Session, addresseeNo: string, ref: string): Promise<void> {
  const rows = await tx.run(
    'number.keepReference',
    ({ raw }) => raw`
    update records.addressee set vault_ref = ${ref} where addressee_no = ${addresseeNo}
      and not exists (select from records.addressee other where other.vault_ref = ${ref}) returning addressee_no`,
  );
  if (rows.length === 1) return;
  const sentence = 'The number belongs to another addressee. Look for a person who was registered twice.';
  throw new KuramoriError('CONFLICT', sentence, { field: 'number' });
}

/** Whose number a reference names, within the caller's scope. */
export async function addresseeOfReference(
  session: Session,
  caller: Caller,
  ref: string,
): Promise<string | undefined> {
  const [row] = await session.run(
    'number.addressee',
    ({ raw }) =>
      raw<{ no: string }[]>`select addressee_no as no from records.addressee where vault_ref = ${ref}`,
  );
  return row && (await isWithinScope(session, caller, row.no)) ? row.no : undefined;
}
