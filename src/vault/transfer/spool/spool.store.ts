import type { SPOOL_OWNERS } from '../../../../schema/vault/transfer.js';
import type { Session } from '../../../kernel/database/database.js';
import type { ManifestFile } from '../../../protocol/transfer/manifest.js';
import type { WrappedSpoolKey } from '../spoolKey.js';

/** What a file in the spool belongs to: a draft, or a result package. */
export type SpoolOwnerKind = (typeof SPOOL_OWNERS)[number];

/** A file in the spool: what a manifest says of it, and its wrapped data key. */
export interface SpoolEntry extends ManifestFile, WrappedSpoolKey {
  readonly spoolId: string;
  readonly ownerKind: SpoolOwnerKind;
  readonly owner: string;
}

interface SpoolRow extends Omit<SpoolEntry, 'bytes'> {
  readonly bytes: bigint;
}

/** Files of one owner, by name. */
export async function spoolOf(session: Session, owner: string): Promise<readonly SpoolEntry[]> {
  const rows = await session.run(
    'vault.transfer.spool.of',
    ({ raw }) => raw<SpoolRow[]>`
    select spool_id as "spoolId", owner_kind as "ownerKind", owner, file_name as name, rows, bytes, sha256,
      key_id as "keyId", wrap_nonce as "wrapNonce", wrapped
    from vault.transfer_spool where owner = ${owner} order by file_name collate "C"`,
  );
  return rows.map((row) => ({ ...row, bytes: Number(row.bytes) }));
}

/** Ids of every file that has a row: what lies in the folder without one is nobody's. */
export async function spoolIds(session: Session): Promise<ReadonlySet<string>> {
  const rows = await session.run(
    'vault.transfer.spool.ids',
    ({ raw }) => raw<{ id: string }[]>`select spool_id as id from vault.transfer_spool`,
  );
  return new Set(rows.map(({ id }) => id));
}

/** Keeps a file; one of the same name and owner is replaced. @returns the id of the one that was there */
export async function replaceSpool(tx: Session, entry: SpoolEntry, at: string): Promise<string | undefined> {
  const [replaced] = await tx.run(
    'vault.transfer.spool.replace',
    ({ raw }) => raw<{ id: string }[]>`
    delete from vault.transfer_spool where owner = ${entry.owner} and file_name = ${entry.name}
    returning spool_id as id`,
  );
  await tx.run(
    'vault.transfer.spool.insert',
    ({ raw }) => raw`
    insert into vault.transfer_spool (spool_id, owner_kind, owner, file_name, rows, bytes, sha256, key_id, wrap_nonce,
      wrapped, at)
    values (${entry.spoolId}, ${entry.ownerKind}, ${entry.owner}, ${entry.name}, ${entry.rows}, ${entry.bytes},
      ${entry.sha256}, ${entry.keyId}, ${entry.wrapNonce}, ${entry.wrapped}, ${at})`,
  );
  return replaced?.id;
}

/** Takes the keys of an owner's files away: from its commit on they open no more. @returns ids of the files */
export async function deleteSpool(tx: Session, owner: string): Promise<readonly string[]> {
  const rows = await tx.run(
    'vault.transfer.spool.delete',
    ({ raw }) => raw<{ id: string }[]>`
    delete from vault.transfer_spool where owner = ${owner} returning spool_id as id`,
  );
  return rows.map(({ id }) => id);
}
