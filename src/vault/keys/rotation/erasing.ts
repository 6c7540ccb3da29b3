import type { Session } from '../../../kernel/database/database.js';
import { integrityFailure } from '../../cipher/integrity.js';

/**
 * Leaves out rows without a shred key whose erasure has begun: they never open again and are about to go.
 * @returns the rows that must open
 * @throws KuramoriError INTEGRITY_FAILURE when a shred key is missing of a record that nobody erases
 */
export async function withShredKeys<Row extends { readonly vaultRef: string }>(
  session: Session,
  rows: readonly Row[],
  shredKeys: ReadonlyMap<string, Uint8Array>,
): Promise<Row[]> {
  const missing = rows.flatMap(({ vaultRef }) => (shredKeys.has(vaultRef) ? [] : [vaultRef]));
  if (missing.length === 0) return [...rows];
  const erasing = await erasingAmong(session, missing);
  if (missing.some((ref) => !erasing.has(ref))) throw integrityFailure();
  return rows.filter(({ vaultRef }) => !erasing.has(vaultRef));
}

/** Of these references, those whose erasure has begun. Read after the shred keys, which go later than its record. */
export async function erasingAmong(session: Session, refs: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await session.run(
    'rotation.erasing',
    ({ raw }) => raw<{ vaultRef: string }[]>`
      select vault_ref as "vaultRef" from vault.erasure where vault_ref = any(${[...refs]}::text[])`,
  );
  return new Set(rows.map(({ vaultRef }) => vaultRef));
}
