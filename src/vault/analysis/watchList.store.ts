import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import type { VaultRef } from '../number/vaultRef.js';
import type { WatchEntry } from './watchList.js';

/** @param at ISO instant */
export async function insertWatch(
  tx: Session,
  { watchId, ref, category, personId, validFrom, validTo }: WatchEntry,
  by: string,
  at: string,
): Promise<void> {
  await tx.run(
    'vault.watch.insert',
    ({ raw }) => raw`
    insert into vault.watch_entry (watch_id, vault_ref, category, person_id, valid_from, valid_to, entered_by,
      entered_at)
    values (${watchId}, ${ref}, ${category}, ${personId}, ${validFrom}::date, ${validTo}::date, ${by},
      ${at}::timestamptz)`,
  );
}

/** An entry as it was last said, or none; nobody else adds to it before the transaction's end. */
export async function findWatch(tx: Session, watchId: string): Promise<WatchEntry | undefined> {
  await tx.run(
    'vault.watch.lock',
    ({ raw }) => raw`select pg_advisory_xact_lock(hashtextextended(${`watch:${watchId}`}, 0))`,
  );
  const [row] = await tx.run(
    'vault.watch.find',
    ({ raw }) => raw<WatchEntry[]>`
    select watch_id as "watchId", vault_ref as ref, category, person_id as "personId", valid_from::text as "validFrom",
      valid_to::text as "validTo"
    from vault.watch_entry where watch_id = ${watchId} order by id desc limit 1`,
  );
  return row;
}

/**
 * Entries that held on a day of a period, as they were last said; at most `limit`. A number that came after a watched
 * one (番号変更) is watched under its own reference, too.
 */
export async function readWatchList(
  session: Session,
  { from, to, limit }: { readonly from: IsoDate; readonly to: IsoDate; readonly limit: number },
): Promise<readonly WatchEntry[]> {
  return session.run(
    'vault.watch.read',
    ({ raw }) => raw<WatchEntry[]>`
    with recursive last as (
      select distinct on (watch_id) id, watch_id, vault_ref, category, person_id, valid_from, valid_to
      from vault.watch_entry order by watch_id, id desc),
    held as (
      select * from last where valid_from <= ${to}::date and (valid_to is null or valid_to >= ${from}::date)
      union
      select h.id, h.watch_id, n.superseded_by, h.category, h.person_id, h.valid_from, h.valid_to
      from held h join vault.number n on n.vault_ref = h.vault_ref and n.superseded_by is not null)
    select watch_id as "watchId", vault_ref as ref, category, person_id as "personId", valid_from::text as "validFrom",
      valid_to::text as "validTo"
    from held order by id, vault_ref limit ${limit}`,
  );
}

/** Whether the vault has or had a number under a reference. */
export async function isRegistered(session: Session, ref: VaultRef): Promise<boolean> {
  const rows = await session.run(
    'vault.watch.registered',
    ({ raw }) => raw`select from vault.number where vault_ref = ${ref}`,
  );
  return rows.length > 0;
}
