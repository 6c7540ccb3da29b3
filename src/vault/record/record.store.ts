import type { Session } from '../../kernel/database/database.js';
import type { SecretKey } from '../keys/key.js';
import type { NumberRow } from '../keys/recordRow.js';
import type { VaultRef } from '../number/vaultRef.js';

export interface StoredNumber extends NumberRow {
  readonly state: 'active' | 'superseded';
}

/** The row of a number that is not erased. */
export async function findRecord(session: Session, ref: VaultRef): Promise<StoredNumber | undefined> {
  return (await findRecords(session, [ref])).get(ref);
}

/** The rows of numbers that are not erased, by their references. */
export async function findRecords(
  session: Session,
  refs: readonly VaultRef[],
): Promise<ReadonlyMap<VaultRef, StoredNumber>> {
  const rows = await session.run(
    'vault.record.find',
    ({ raw }) => raw<StoredNumber[]>`
    select vault_ref as "vaultRef", state, record_version as "recordVersion", key_id as "keyId",
      kek_version as "kekVersion", wrap_nonce as "wrapNonce", wrapped_dek as "wrappedDek", nonce, ciphertext
    from vault.number where vault_ref = any(${[...refs]}::text[]) and state <> 'erased'`,
  );
  return new Map(rows.map((row) => [row.vaultRef, row]));
}

/** An index value under one version of the index key. */
export interface IndexValue {
  readonly key: Pick<SecretKey, 'version'>;
  readonly value: Uint8Array;
}

/** The reference that lies under any of the index values; they are all of one number. */
export async function findByIndex(
  session: Session,
  values: readonly IndexValue[],
): Promise<VaultRef | undefined> {
  const [row] = await session.run(
    'vault.record.lookUp',
    ({ raw }) => raw<{ ref: VaultRef }[]>`
    select i.vault_ref as ref from vault.number_index i
    join unnest(${values.map(({ key }) => key.version)}::integer[], ${values.map(({ value }) => hex(value))}::text[])
      as asked (version, value) on asked.version = i.version and decode(asked.value, 'hex') = i.value
    limit 1`,
  );
  return row?.ref;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
