import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KuramoriError } from '../../kernel/errors.js';
import { readCsv } from '../../protocol/transfer/csv.js';
import { readPieces } from '../../protocol/transfer/container/disk.js';
import { PACKAGE_FILES } from '../../protocol/transfer/container/packageFiles.js';
import type { SeriesState } from '../../protocol/transfer/container/open.js';
import { TRANSFER_LAYOUT, type TransferFileName, type TransferRow } from '../../protocol/transfer/layout.js';
import { readOuterRecord, type OuterRecord } from '../../protocol/transfer/outerRecord.js';
import { unknownPackage, type Organization } from './organization.js';
import { RECORDS } from './place.js';

/** The outer record of a package that was taken. @throws KuramoriError NOT_FOUND */
export function takenOuter({ place }: Organization, id: string): OuterRecord {
  const path = place.taken(id, PACKAGE_FILES.outer);
  const outer = existsSync(path) ? readOuterRecord(readFileSync(path)) : undefined;
  if (outer === undefined) throw unknownPackage();
  return outer;
}

/** Where the series of a sender stands: every package that was ever taken counts, erased or not. */
export function seriesOf(organization: Organization, bodyCode: string, id: string): SeriesState {
  const { place } = organization;
  const taken = place
    .packages()
    .map((one) => takenOuter(organization, one))
    .filter(({ sender }) => sender.bodyCode === bodyCode)
    .toSorted((a, b) => a.seriesNo - b.seriesNo);
  const last = taken.at(-1);
  return {
    seen: existsSync(place.taken(id)),
    last: last && { seriesNo: last.seriesNo, ciphertextSha256: last.ciphertext.sha256 },
  };
}

/** A record beside a package that was taken, as text; nothing when it is not there. */
export function takenRecord({ place }: Organization, id: string, ...names: string[]): string | undefined {
  const path = place.taken(id, ...names);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/**
 * The rows of a file of a package that was taken; none when the package does not have the file.
 * @throws KuramoriError CONFLICT when its data were erased
 */
export async function* takenRows<F extends TransferFileName>(
  organization: Organization,
  id: string,
  name: F,
): AsyncGenerator<TransferRow[F]> {
  if (takenRecord(organization, id, RECORDS.erasure) !== undefined)
    throw new KuramoriError('CONFLICT', 'The data of the package were erased.');
  const path = join(organization.place.opened(id), name);
  if (!existsSync(path)) return;
  yield* readCsv(name, TRANSFER_LAYOUT[name] as never, readPieces(path)) as AsyncGenerator<TransferRow[F]>;
}
