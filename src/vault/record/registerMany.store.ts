import type { Session } from '../../kernel/database/database.js';
import type { NumberRow } from '../keys/recordRow.js';
import type { VaultRef } from '../number/vaultRef.js';

/** An index value under one version of the index key, as text: `version` and hexadecimal bytes. */
export interface HexIndexValue {
  readonly version: number;
  readonly hex: string;
}

/** A number that is there already. */
export interface KnownNumber {
  readonly ref: VaultRef;
  readonly state: 'active' | 'superseded';
  /** Its erasure has begun. */
  readonly erasing: boolean;
  readonly unifiedAddresseeNo: string | null;
}

/** Those of the index values that lie there already, by version and value. */
export async function findMany(
  tx: Session,
  values: readonly HexIndexValue[],
): Promise<ReadonlyMap<string, KnownNumber>> {
  const rows = await tx.run(
    'vault.registerMany.find',
    ({ raw }) => raw<(KnownNumber & HexIndexValue)[]>`
    select asked.version, asked.hex, n.vault_ref as ref, n.state, n.unified_addressee_no as "unifiedAddresseeNo",
      exists (select from vault.erasure e where e.vault_ref = n.vault_ref) as erasing
    from unnest(${listOf(values.map(({ version }) => version))}::text::integer[],
      ${listOf(values.map(({ hex }) => hex))}::text::text[]) as asked (version, hex)
    join vault.number_index i on i.version = asked.version and i.value = decode(asked.hex, 'hex')
    join vault.number n on n.vault_ref = i.vault_ref`,
  );
  return new Map(rows.map((row) => [valueKey(row), row]));
}

/** A number that is new, with all that is written of it. */
export interface NewRecord extends NumberRow {
  readonly unifiedAddresseeNo: string | undefined;
  readonly shredKey: Uint8Array;
  readonly values: readonly HexIndexValue[];
}

/** Puts shred keys there, before the records that need them. */
export async function insertShredKeys(shred: Session, rows: readonly NewRecord[]): Promise<void> {
  await shred.run(
    'shred.insertMany',
    ({ raw }) => raw`
    insert into shred.key (vault_ref, value)
    select ref, decode(value, 'hex')
    from unnest(${listOf(rows.map(({ vaultRef }) => vaultRef))}::text::text[],
      ${hexList(rows, ({ shredKey }) => shredKey)}::text::text[]) as given (ref, value)`,
  );
}

/** Writes the records. @param registeredAt instant in UTC */
export async function insertRecords(
  tx: Session,
  rows: readonly NewRecord[],
  registeredAt: string,
): Promise<void> {
  await tx.run(
    'vault.registerMany.numbers',
    ({ raw }) => raw`
    insert into vault.number (vault_ref, state, record_version, key_id, kek_version, wrap_nonce, wrapped_dek, nonce,
      ciphertext, unified_addressee_no, registered_at)
    select ref, 'active', record_version, key_id, kek_version, decode(wrap_nonce, 'hex'), decode(wrapped_dek, 'hex'),
      decode(nonce, 'hex'), decode(ciphertext, 'hex'), nullif(unified, ''), ${registeredAt}
    from unnest(${listOf(rows.map(({ vaultRef }) => vaultRef))}::text::text[],
      ${listOf(rows.map(({ recordVersion }) => recordVersion))}::text::integer[],
      ${listOf(rows.map(({ keyId }) => keyId))}::text::text[],
      ${listOf(rows.map(({ kekVersion }) => kekVersion))}::text::integer[],
      ${hexList(rows, ({ wrapNonce }) => wrapNonce)}::text::text[],
      ${hexList(rows, ({ wrappedDek }) => wrappedDek)}::text::text[],
      ${hexList(rows, ({ nonce }) => nonce)}::text::text[],
      ${hexList(rows, ({ ciphertext }) => ciphertext)}::text::text[],
      ${listOf(rows.map(({ unifiedAddresseeNo }) => unifiedAddresseeNo ?? '""'))}::text::text[])
      as given (ref, record_version, key_id, kek_version, wrap_nonce, wrapped_dek, nonce, ciphertext, unified)`,
  );
}

/**
 * Writes index values, in one order for everybody, so that two who write the same never wait for each other in a ring.
 * @returns whether all were new
 */
export async function insertIndexValues(tx: Session, rows: readonly NewRecord[]): Promise<boolean> {
  const values = rows
    .flatMap(({ vaultRef, values: own }) => own.map((value) => ({ ...value, vaultRef })))
    .toSorted((a, b) => (valueKey(a) < valueKey(b) ? -1 : 1));
  const written = await tx.run(
    'vault.registerMany.index',
    ({ raw }) => raw`
    insert into vault.number_index (version, value, vault_ref)
    select version, decode(hex, 'hex'), ref
    from unnest(${listOf(values.map(({ version }) => version))}::text::integer[],
      ${listOf(values.map(({ hex }) => hex))}::text::text[],
      ${listOf(values.map(({ vaultRef }) => vaultRef))}::text::text[]) as given (version, hex, ref)
    on conflict do nothing`,
  );
  return written.count === values.length;
}

/** Names an index value in a map. */
export function valueKey({ version, hex }: HexIndexValue): string {
  return `${version}:${hex}`;
}

/** An array's text. What is in it needs no quotes: digits, hexadecimal bytes, references, key ids. */
function listOf(elements: readonly (string | number)[]): string {
  return `{${elements.join(',')}}`;
}

function hexList(rows: readonly NewRecord[], bytes: (row: NewRecord) => Uint8Array): string {
  return listOf(rows.map((row) => Buffer.from(bytes(row)).toString('hex')));
}
