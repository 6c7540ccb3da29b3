import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';

/** A copy (副本) that is given: its record number (レコード識別番号), and the reference of its person. */
interface CopyOf {
  readonly recordId: string;
  readonly ref: string;
}

/**
 * Writes down whose copies they are, before they are given. A record number stays with its person: another reference
 * takes it on only once the number of the former is no longer in force (番号変更).
 * @param at instant in UTC
 * @throws KuramoriError CONFLICT, facts `{rule}`
 */
export async function keepCopies(tx: Session, copies: readonly CopyOf[], at: string): Promise<void> {
  const [recordIds, refs] = columnsOf(copies);
  // Of two at once that name one record, the second sees the first.
  await tx.run(
    'vault.provision.copy.lock',
    ({ raw }) => raw`select pg_advisory_xact_lock(hashtextextended('vault.provision_copy', 0))`,
  );
  await tx.run(
    'vault.provision.copy.insert',
    ({ raw }) => raw`
    insert into vault.provision_copy (record_id, vault_ref, registered_at)
    select given.record_id, given.vault_ref, ${at} from unnest(${recordIds}::text[], ${refs}::text[])
      as given (record_id, vault_ref) on conflict do nothing`,
  );
  const others = await tx.run(
    'vault.provision.copy.others',
    ({ raw }) => raw`
    select from unnest(${recordIds}::text[], ${refs}::text[]) as given (record_id, vault_ref)
    join vault.provision_copy c on c.record_id = given.record_id and c.vault_ref <> given.vault_ref
    join vault.number n on n.vault_ref = c.vault_ref and n.state = 'active' limit 1`,
  );
  if (others.length > 0) throw notOfThisPerson();
}

/** @throws KuramoriError CONFLICT, facts `{rule}`, unless each was registered for the person it is named with */
export async function assertOwnCopies(session: Session, copies: readonly CopyOf[]): Promise<void> {
  const [recordIds, refs] = columnsOf(copies);
  const unknown = await session.run(
    'vault.provision.copy.unknown',
    ({ raw }) => raw`
    select from unnest(${recordIds}::text[], ${refs}::text[]) as given (record_id, vault_ref)
    where not exists (select from vault.provision_copy c
      where c.record_id = given.record_id and c.vault_ref = given.vault_ref) limit 1`,
  );
  if (unknown.length > 0) throw notOfThisPerson();
}

function columnsOf(copies: readonly CopyOf[]): readonly [string[], string[]] {
  return [copies.map(({ recordId }) => recordId), copies.map(({ ref }) => ref)];
}

function notOfThisPerson(): KuramoriError {
  return new KuramoriError(
    'CONFLICT',
    'A record number (レコード識別番号) is not this person’s. Check it and the reference.',
    { rule: 'recordId' },
  );
}
