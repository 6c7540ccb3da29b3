import { z } from 'zod';
import { instantText, type Clock } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import { KuramoriError } from '../../../kernel/errors.js';
import { manifestBytes, readManifest, type TransferManifest } from '../../../protocol/transfer/manifest.js';
import {
  outerRecordBytes,
  readOuterRecord,
  type OuterRecord,
} from '../../../protocol/transfer/outerRecord.js';
import { integrityFailure } from '../../cipher/integrity.js';
import { isVaultRef, type VaultRef } from '../../number/vaultRef.js';

/** A case and the reference of the number that goes with it. */
export interface NumberSubject {
  readonly caseNo: string;
  readonly ref: VaultRef;
}

const subjectsForm = z.array(
  z.strictObject({ caseNo: z.string(), ref: z.custom<VaultRef>((value) => isVaultRef(value)) }),
);

/** An assembled package: its manifest, but for the file of numbers. */
export interface AssembledPackage {
  readonly manifest: TransferManifest;
  /** Whose numbers are added when it is sealed. */
  readonly subjects: readonly NumberSubject[] | undefined;
}

/** What became of the seal. */
export interface SealedPackage {
  readonly outer: OuterRecord;
  readonly at: string;
}

export async function insertPackage(
  tx: Session,
  clock: Clock,
  { manifest, subjects }: AssembledPackage,
): Promise<void> {
  const text = Buffer.from(manifestBytes(manifest)).toString('utf8');
  await tx.run(
    'vault.transfer.package.insert',
    ({ raw }) => raw`
    insert into vault.transfer_package (package_id, recipient, series_no, manifest, subjects, assembled_at)
    values (${manifest.packageId}, ${manifest.recipient.bodyCode}, ${manifest.seriesNo}, ${text},
      ${subjects === undefined ? null : JSON.stringify(subjects)}::jsonb, ${instantText(clock)})`,
  );
}

/** An assembled package, or none. */
export async function findPackage(
  session: Session,
  packageId: string,
): Promise<AssembledPackage | undefined> {
  const [row] = await session.run(
    'vault.transfer.package.find',
    ({ raw }) => raw<{ manifest: string; subjects: unknown }[]>`
    select manifest, subjects from vault.transfer_package where package_id = ${packageId}`,
  );
  if (row === undefined) return undefined;
  const manifest = readManifest(Buffer.from(row.manifest, 'utf8'));
  if (manifest?.content !== 'TRANSFER') throw integrityFailure();
  const subjects = row.subjects === null ? undefined : subjectsForm.parse(row.subjects);
  return { manifest, subjects };
}

/** As `findPackage`. @throws KuramoriError NOT_FOUND */
export async function requirePackage(session: Session, packageId: string): Promise<AssembledPackage> {
  const found = await findPackage(session, packageId);
  if (found !== undefined) return found;
  throw new KuramoriError('NOT_FOUND', 'No package of this id was assembled. Check the id.');
}

/** The last package of a series that was not given up. */
export interface LastOfSeries {
  readonly packageId: string;
  readonly seriesNo: number;
  /** Of its ciphertext; null before it is sealed. */
  readonly sha256: string | null;
}

/**
 * The last package that a recipient was meant to get: one that was given up before its delivery leaves its number to
 * the next, so that the recipient sees no gap.
 */
export async function lastOfSeries(session: Session, recipient: string): Promise<LastOfSeries | undefined> {
  const [row] = await session.run(
    'vault.transfer.series',
    ({ raw }) => raw<LastOfSeries[]>`
    select p.package_id as "packageId", p.series_no as "seriesNo", s.sha256
    from vault.transfer_package p left join vault.transfer_sealed s on s.package_id = p.package_id
    where p.recipient = ${recipient} and not exists (
      select from vault.transfer_state a where a.package_id = p.package_id and a.state = 'ABORTED')
    order by p.series_no desc limit 1`,
  );
  return row;
}

/** Cases that a recipient was sent since a day, without those given up: what counts against the quota. */
export async function casesSentSince(session: Session, recipient: string, since: string): Promise<number> {
  const [row] = await session.run(
    'vault.transfer.quota',
    ({ raw }) => raw<{ n: bigint }[]>`
    select coalesce(sum((p.manifest::jsonb ->> 'cases')::integer), 0)::bigint as n from vault.transfer_package p
    where p.recipient = ${recipient} and p.assembled_at >= ${since}::timestamptz and not exists (
      select from vault.transfer_state a where a.package_id = p.package_id and a.state = 'ABORTED')`,
  );
  return Number(row!.n);
}

/**
 * Those of the references whose numbers go with a package that is assembled, and neither delivered nor given up: none
 * of them is erased, so that what is sealed can be, and nothing leaves that a certificate says is gone.
 */
export async function refsInPackages(
  session: Session,
  refs: readonly VaultRef[],
): Promise<ReadonlySet<VaultRef>> {
  const rows = await session.run(
    'vault.transfer.open',
    ({ raw }) => raw<{ ref: VaultRef }[]>`
    select distinct named.ref from vault.transfer_package p
    cross join lateral jsonb_to_recordset(p.subjects) as named(ref text)
    where named.ref = any (${[...refs]}::text[]) and not exists (
      select from vault.transfer_state t
      where t.package_id = p.package_id and t.state in ('DELIVERED', 'ABORTED'))`,
  );
  return new Set(rows.map(({ ref }) => ref));
}

export async function insertSealed(tx: Session, clock: Clock, outer: OuterRecord): Promise<void> {
  const text = Buffer.from(outerRecordBytes(outer)).toString('utf8');
  await tx.run(
    'vault.transfer.sealed.insert',
    ({ raw }) => raw`
    insert into vault.transfer_sealed (package_id, bytes, sha256, outer_record, at)
    values (${outer.packageId}, ${outer.ciphertext.bytes}, ${outer.ciphertext.sha256}, ${text},
      ${instantText(clock)})`,
  );
}

/** What became of the seal of a package, or none. */
export async function findSealed(session: Session, packageId: string): Promise<SealedPackage | undefined> {
  const [row] = await session.run(
    'vault.transfer.sealed.find',
    ({ raw }) => raw<{ outer: string; at: string }[]>`
    select outer_record as outer, at from vault.transfer_sealed where package_id = ${packageId}`,
  );
  if (row === undefined) return undefined;
  const outer = readOuterRecord(Buffer.from(row.outer, 'utf8'));
  if (outer === undefined) throw integrityFailure();
  return { outer, at: row.at };
}

/** As `findSealed`. @throws KuramoriError CONFLICT */
export async function requireSealed(session: Session, packageId: string): Promise<SealedPackage> {
  const sealed = await findSealed(session, packageId);
  if (sealed !== undefined) return sealed;
  throw new KuramoriError('CONFLICT', 'The package is not sealed yet.');
}
