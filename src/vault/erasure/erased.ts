import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import type { VaultRef } from '../number/vaultRef.js';

/** What is known of a number without opening it. */
export interface LockedNumber {
  readonly ref: VaultRef;
  /** The key its data key is wrapped under; none when it is erased. */
  readonly keyId: string | null;
  /** First day on which retention lets it go; none while its task lasts. */
  readonly retentionEndsOn: IsoDate | null;
}

/**
 * Numbers that nobody else changes before the transaction's end, in the order of their references so that two
 * transactions never wait for each other.
 * @throws KuramoriError NOT_FOUND when one was never registered
 */
export async function lockNumbers(tx: Session, refs: readonly VaultRef[]): Promise<readonly LockedNumber[]> {
  const numbers = await tx.run(
    'vault.number.lock',
    ({ raw }) => raw<LockedNumber[]>`
    select vault_ref as ref, key_id as "keyId", retention_ends_on as "retentionEndsOn" from vault.number
    where vault_ref = any (${[...refs]}::text[]) order by vault_ref for update`,
  );
  if (numbers.length === new Set(refs).size) return numbers;
  throw new KuramoriError('NOT_FOUND', 'A reference names no number of this vault. Check the references.');
}

/**
 * Refuses references that are erased, or whose erasure has begun: it only ever goes forward.
 * @throws KuramoriError ERASED, facts `{certificate}`: its number, for officers
 */
export async function assertNotErased(session: Session, refs: readonly VaultRef[]): Promise<void> {
  const [erased] = await session.run(
    'vault.erasure.any',
    ({ raw }) => raw<{ certificate: string }[]>`
    select certificate_id as certificate from vault.erasure where vault_ref = any (${[...refs]}::text[])
    order by id limit 1`,
  );
  if (erased === undefined) return;
  throw new KuramoriError('ERASED', 'The number has been erased, for good.', {
    certificate: erased.certificate,
  });
}
