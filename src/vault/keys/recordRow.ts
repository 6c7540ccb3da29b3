import type { Session } from '../../kernel/database/database.js';
import { integrityFailure } from '../cipher/integrity.js';
import type { RecordContext } from '../cipher/context.js';
import type { RecordEnvelope } from '../cipher/envelope.js';
import type { VaultRef } from '../number/vaultRef.js';

/** The one sealed value of a row of vault.number. */
export const NUMBER_FIELD = 'number';

/** A row of vault.number as it is sealed. */
export interface NumberRow extends RecordEnvelope {
  readonly vaultRef: VaultRef;
  readonly recordVersion: number;
}

/** The place to which the value of a row is bound. */
export function contextOf(
  row: Pick<NumberRow, 'vaultRef' | 'recordVersion'>,
  municipality: string,
): RecordContext {
  return { municipality, vaultRef: row.vaultRef, field: NUMBER_FIELD, recordVersion: row.recordVersion };
}

/** Shred keys (消去鍵) of records, each 32 bytes. What was erased is not among them. */
export async function shredKeysOf(
  shred: Session,
  refs: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const rows = await shred.run(
    'shred.keys',
    ({ raw }) => raw<{ vaultRef: string; value: Uint8Array }[]>`
      select vault_ref as "vaultRef", value from shred.key where vault_ref = any(${[...refs]}::text[])`,
  );
  return new Map(rows.map(({ vaultRef, value }) => [vaultRef, value]));
}

/** @throws KuramoriError INTEGRITY_FAILURE when there is none */
export function shredKeyOf(keys: ReadonlyMap<string, Uint8Array>, vaultRef: string): Uint8Array {
  const key = keys.get(vaultRef);
  if (key === undefined) throw integrityFailure();
  return key;
}
