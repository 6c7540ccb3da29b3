import type { Session } from '../../kernel/database/database.js';
import type { Temporal } from '../../kernel/dates.js';
import type { VaultRef } from '../number/vaultRef.js';
import type { SpoolRow } from './item.js';

export interface SpoolPeriod {
  readonly storedAt: Temporal.Instant;
  readonly eraseAfter: Temporal.Instant;
}

export async function insertShredKey(shred: Session, itemRef: VaultRef, value: Uint8Array): Promise<void> {
  await shred.run(
    'shred.insert',
    ({ raw }) => raw`insert into shred.key (vault_ref, value) values (${itemRef}, ${value})`,
  );
}

export async function insertItem(tx: Session, row: SpoolRow, period: SpoolPeriod): Promise<void> {
  const { itemRef, kind, keyId, kekVersion, wrapNonce, wrappedDek, nonce, ciphertext } = row;
  await tx.run(
    'vault.spool.insert',
    ({ raw }) => raw`
    insert into vault.spool_item (item_ref, kind, key_id, kek_version, wrap_nonce, wrapped_dek, nonce, ciphertext,
      stored_at, erase_after)
    values (${itemRef}, ${kind}, ${keyId}, ${kekVersion}, ${wrapNonce}, ${wrappedDek}, ${nonce}, ${ciphertext},
      ${period.storedAt.toString()}, ${period.eraseAfter.toString()})`,
  );
}

/** Items as they are sealed; those that were erased are not among them. */
export async function readItems(
  session: Session,
  refs: readonly VaultRef[],
): Promise<ReadonlyMap<VaultRef, SpoolRow>> {
  const rows = await session.run(
    'vault.spool.read',
    ({ raw }) => raw<SpoolRow[]>`
    select item_ref as "itemRef", kind, key_id as "keyId", kek_version as "kekVersion", wrap_nonce as "wrapNonce",
      wrapped_dek as "wrappedDek", nonce, ciphertext
    from vault.spool_item where item_ref = any (${[...refs]}::text[])`,
  );
  return new Map(rows.map((row) => [row.itemRef, row]));
}

/** Changes when items end. */
export async function changeEnd(
  tx: Session,
  refs: readonly VaultRef[],
  eraseAfter: Temporal.Instant,
): Promise<void> {
  await tx.run(
    'vault.spool.end',
    ({ raw }) => raw`
    update vault.spool_item set erase_after = ${eraseAfter.toString()}
    where item_ref = any (${[...refs]}::text[])`,
  );
}

/** Items whose time is over. */
export async function dueItems(
  session: Session,
  now: Temporal.Instant,
  itemsMax: number,
): Promise<readonly VaultRef[]> {
  const rows = await session.run(
    'vault.spool.due',
    ({ raw }) => raw<{ ref: VaultRef }[]>`
    select item_ref as ref from vault.spool_item where erase_after <= ${now.toString()}
    order by erase_after limit ${itemsMax}`,
  );
  return rows.map(({ ref }) => ref);
}

/** Deletes items, and what names them of accounts. */
export async function deleteItems(session: Session, refs: readonly VaultRef[]): Promise<void> {
  await session.run(
    'vault.spool.delete',
    ({ raw }) => raw`delete from vault.spool_item where item_ref = any (${[...refs]}::text[])`,
  );
}
