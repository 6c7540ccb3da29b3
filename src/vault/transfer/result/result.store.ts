import { instantText, type Clock } from '../../../kernel/clock.js';
import { Temporal } from '../../../kernel/dates.js';
import type { Session } from '../../../kernel/database/database.js';
import { TRANSFER_RESULTS_LISTED_MAX } from '../../../kernel/limits.js';
import { manifestBytes, readManifest, type ResultManifest } from '../../../protocol/transfer/manifest.js';
import { integrityFailure } from '../../cipher/integrity.js';

/** A result package that passed every check. */
export interface KeptResult {
  readonly resultId: string;
  readonly packageId: string;
  readonly seriesNo: number;
  /** Of its ciphertext, hexadecimal. */
  readonly sha256: string;
  readonly manifest: ResultManifest;
  readonly at: string;
}

interface ResultRow extends Omit<KeptResult, 'manifest'> {
  readonly manifest: string;
}

export async function insertResult(
  tx: Session,
  clock: Clock,
  manifest: ResultManifest,
  sha256: string,
): Promise<void> {
  const { packageId: resultId, concerns, sender, seriesNo } = manifest;
  const text = Buffer.from(manifestBytes(manifest)).toString('utf8');
  await tx.run(
    'vault.transfer.result.insert',
    ({ raw }) => raw`
    insert into vault.transfer_result (result_id, package_id, sender, series_no, sha256, manifest, at)
    values (${resultId}, ${concerns}, ${sender.bodyCode}, ${seriesNo}, ${sha256}, ${text}, ${instantText(clock)})`,
  );
}

/** Results that came after one, oldest first, at most TRANSFER_RESULTS_LISTED_MAX. @param after its id, or empty */
export async function resultsAfter(session: Session, after: string): Promise<readonly KeptResult[]> {
  const rows = await session.run(
    'vault.transfer.results',
    ({ raw }) => raw<ResultRow[]>`
    select result_id as "resultId", package_id as "packageId", series_no as "seriesNo", sha256, manifest, at
    from vault.transfer_result
    where sequence > coalesce((select sequence from vault.transfer_result where result_id = ${after}), 0)
    order by sequence limit ${TRANSFER_RESULTS_LISTED_MAX}`,
  );
  return rows.map(resultOf);
}

/** The last result about a package, or none. */
export async function lastResult(session: Session, packageId: string): Promise<KeptResult | undefined> {
  const [row] = await session.run(
    'vault.transfer.result.last',
    ({ raw }) => raw<ResultRow[]>`
    select result_id as "resultId", package_id as "packageId", series_no as "seriesNo", sha256, manifest, at
    from vault.transfer_result where package_id = ${packageId} order by sequence desc limit 1`,
  );
  return row && resultOf(row);
}

/** What is known of the series of an organization, for the receiver's checks. */
export async function resultSeries(session: Session, sender: string, resultId: string) {
  const [row] = await session.run(
    'vault.transfer.result.series',
    ({ raw }) => raw<{ seen: boolean; seriesNo: number | null; sha256: string | null }[]>`
    select exists (select from vault.transfer_result where result_id = ${resultId}) as seen,
      l.series_no as "seriesNo", l.sha256
    from (select) one left join lateral (
      select series_no, sha256 from vault.transfer_result where sender = ${sender}
      order by series_no desc limit 1) l on true`,
  );
  const { seen, seriesNo, sha256 } = row!;
  const last = seriesNo === null || sha256 === null ? undefined : { seriesNo, ciphertextSha256: sha256 };
  return { seen, last };
}

function resultOf(row: ResultRow): KeptResult {
  const manifest = readManifest(Buffer.from(row.manifest, 'utf8'));
  if (manifest?.content !== 'RESULT') throw integrityFailure();
  return { ...row, manifest, at: Temporal.Instant.from(row.at).toString() };
}
