import type { Session } from '../../kernel/database/database.js';
import { Temporal } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import type { VaultRef } from '../number/vaultRef.js';
import type { Erasure, ErasureParticulars } from './order.js';

/**
 * Writes that an erasure has begun, a row for each reference; those that have one keep it.
 * @param doneAt instant in UTC, when it is known to be done already
 */
export async function insertErasure(tx: Session, erasure: Erasure, doneAt?: string): Promise<void> {
  await tx.run(
    'vault.erasure.start',
    ({ raw }) => raw`
    insert into vault.erasure
      (vault_ref, certificate_id, reason, requested_by, approved_by, particulars, started_at, done_at)
    select ref, ${erasure.certificateId}, ${erasure.reason}, ${erasure.requestedBy}, ${erasure.approvedBy},
      ${JSON.stringify(erasure.particulars)}::jsonb, ${erasure.startedAt}::timestamptz, ${doneAt ?? null}::timestamptz
    from unnest(${[...erasure.refs]}::text[]) as given(ref)
    on conflict (vault_ref) do nothing`,
  );
}

/**
 * Numbers of the certificates of which something is left to do: an erasure not done, or a certificate not issued.
 * @param begunBy instant in UTC; what began later is not looked at
 */
export async function unfinishedErasures(session: Session, begunBy: string): Promise<readonly string[]> {
  const rows = await session.run(
    'vault.erasure.unfinished',
    ({ raw }) => raw<{ id: string }[]>`
    select e.certificate_id as id from vault.erasure e
    left join vault.erasure_certificate c on c.certificate_id = e.certificate_id
    where (e.done_at is null or c.certificate_id is null) and e.started_at <= ${begunBy}::timestamptz
    group by e.certificate_id order by min(e.id)`,
  );
  return rows.map(({ id }) => id);
}

interface ErasureRow {
  readonly reason: string;
  readonly requested_by: string;
  readonly approved_by: string;
  readonly particulars: ErasureParticulars;
  readonly started_at: string;
  readonly refs: VaultRef[];
}

/** The erasure of a certificate. @throws KuramoriError NOT_FOUND */
export async function readErasure(session: Session, certificateId: string): Promise<Erasure> {
  const [row] = await session.run(
    'vault.erasure.read',
    ({ raw }) => raw<ErasureRow[]>`
    select min(reason) as reason, min(requested_by) as requested_by, min(approved_by) as approved_by,
      (array_agg(particulars))[1] as particulars, min(started_at) as started_at,
      array_agg(vault_ref order by vault_ref collate "C") as refs
    from vault.erasure where certificate_id = ${certificateId} having count(*) > 0`,
  );
  if (row === undefined) throw new KuramoriError('NOT_FOUND', 'There is no erasure with such a certificate.');
  return {
    certificateId,
    refs: row.refs,
    reason: row.reason,
    requestedBy: row.requested_by,
    approvedBy: row.approved_by,
    startedAt: Temporal.Instant.from(row.started_at).toString(),
    particulars: row.particulars,
  };
}

/**
 * Deletes shred keys (消去鍵): from here no copy of the vault's database gives these numbers any more.
 * @returns how many there were
 */
export async function deleteShredKeys(shred: Session, refs: readonly VaultRef[]): Promise<number> {
  const { count } = await shred.run(
    'shred.key.delete',
    ({ raw }) => raw`delete from shred.key where vault_ref = any (${[...refs]}::text[])`,
  );
  return count;
}

/**
 * Empties the rows of numbers and deletes their index values. The reference and its state stay, so that "erased" can be
 * told from "never registered".
 * @param erasedAt instant in UTC
 * @returns how many were not empty yet
 */
export async function emptyNumbers(
  tx: Session,
  refs: readonly VaultRef[],
  erasedAt: string,
): Promise<number> {
  // The rows first, in the order of all who lock them: a rotation that holds one may be adding an index value to it.
  const emptied = await tx.run(
    'vault.erasure.empty',
    ({ raw }) => raw`
    update vault.number n set state = 'erased', key_id = null, kek_version = null, wrap_nonce = null,
      wrapped_dek = null, nonce = null, ciphertext = null, unified_addressee_no = null, superseded_at = null,
      superseded_by = null, retention_ends_on = null, erased_at = ${erasedAt}
    from (select vault_ref from vault.number where vault_ref = any (${[...refs]}::text[]) and state <> 'erased'
      order by vault_ref for update) locked
    where n.vault_ref = locked.vault_ref`,
  );
  const index = await tx.run(
    'vault.erasure.index',
    ({ raw }) => raw`delete from vault.number_index where vault_ref = any (${[...refs]}::text[])`,
  );
  await tx.run(
    'vault.erasure.linkage',
    ({ raw }) => raw`delete from vault.addressee_linkage where vault_ref = any (${[...refs]}::text[])`,
  );
  return Math.max(emptied.count, index.count);
}

/**
 * Writes that an erasure is done, unless it is written.
 * @param now instant in UTC
 * @returns when it was done, an instant in UTC
 */
export async function markDone(session: Session, certificateId: string, now: string): Promise<string> {
  await session.run(
    'vault.erasure.done',
    ({ raw }) => raw`
    update vault.erasure set done_at = ${now} where certificate_id = ${certificateId} and done_at is null`,
  );
  // A statement of its own: where two finish at once, the one that waited must see what the other wrote.
  const [marked] = await session.run(
    'vault.erasure.doneAt',
    ({ raw }) => raw<[{ done_at: string }]>`
    select max(done_at) as done_at from vault.erasure where certificate_id = ${certificateId}`,
  );
  return Temporal.Instant.from(marked.done_at).toString();
}

/**
 * Looks whether anything of the references is left in either database: an erasure that was not looked at afterwards is
 * none (NIST SP 800-88).
 * @throws KuramoriError INTEGRITY_FAILURE
 */
export async function assertGone(vault: Session, shred: Session, refs: readonly VaultRef[]): Promise<void> {
  const list = [...refs];
  const [inVault] = await vault.run(
    'vault.erasure.look',
    ({ raw }) => raw<[{ left: bigint }]>`
    select (select count(*) from vault.number where vault_ref = any (${list}::text[]) and state <> 'erased')
      + (select count(*) from vault.number_index where vault_ref = any (${list}::text[]))
      + (select count(*) from vault.addressee_linkage where vault_ref = any (${list}::text[])) as left`,
  );
  const [inShred] = await shred.run(
    'shred.key.look',
    ({ raw }) => raw<[{ left: bigint }]>`
    select count(*) as left from shred.key where vault_ref = any (${list}::text[])`,
  );
  if (inVault.left + inShred.left === 0n) return;
  throw new KuramoriError(
    'INTEGRITY_FAILURE',
    'Something of an erased number is still there. Stop the work and tell the audit officer.',
  );
}

/** Numbers of the certificates of erasures that are done, the oldest first. */
export async function erasuresDone(database: Session): Promise<readonly string[]> {
  const rows = await database.run(
    'vault.erasure.doneOnes',
    ({ raw }) => raw<{ id: string }[]>`
    select certificate_id as id from vault.erasure where done_at is not null group by 1 order by min(id)`,
  );
  return rows.map(({ id }) => id);
}
