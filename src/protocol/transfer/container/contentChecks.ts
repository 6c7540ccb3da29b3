import { isKuramoriError } from '../../../kernel/errors.js';
import { ContentCheck, sameContent, type ContentTotals } from '../content.js';
import { INDIVIDUAL_NUMBER_FILE } from '../layout.js';
import type { Manifest } from '../manifest.js';
import type { TemporaryArea } from './area.js';
import { PackageRejected } from './rejected.js';
import type { Unpacked } from './unpack.js';

/**
 * Every listed file present once, with its size and digest, and no unlisted one. Names are those of a form without
 * paths, which the manifest's form asks for.
 * @throws PackageRejected FILES
 */
export function checkListed(manifest: Manifest, { files }: Unpacked): void {
  const reject = (fault: string): never => {
    throw new PackageRejected('FILES', fault);
  };
  const listed = new Map(manifest.files.map((file) => [file.name, file]));
  if (listed.size !== manifest.files.length) reject('a file is listed twice');
  if (files.length !== listed.size) reject('there are more or fewer files than the manifest lists');
  for (const { name, bytes, sha256 } of files) {
    const file = listed.get(name) ?? reject('there is a file that the manifest does not list');
    if (file.bytes !== bytes || file.sha256 !== sha256)
      reject('a file is not the one that the manifest lists');
  }
  if (listed.has(INDIVIDUAL_NUMBER_FILE) !== manifest.profile.includesIndividualNumber)
    reject('individual numbers are there or not against the profile');
}

/**
 * Rows of every file, then cases and totals of the whole.
 * @throws PackageRejected FILES, TOTALS
 */
export async function checkContent(
  manifest: Manifest,
  { files }: Unpacked,
  area: TemporaryArea,
): Promise<void> {
  const rows = new Map(manifest.files.map((file) => [file.name, file.rows]));
  const check = new ContentCheck(manifest.content);
  for (const { at, name } of files) {
    const read = await atStep('FILES', async () => {
      const passing = check.begin(name);
      for await (const piece of area.read(at)) passing.push(piece);
      return passing.end().rows;
    });
    if (read !== rows.get(name))
      throw new PackageRejected('FILES', 'a file has another number of rows than listed');
  }
  const totals = await atStep('TOTALS', async () => check.end());
  if (!sameContent(totals, contentOf(manifest)))
    throw new PackageRejected('TOTALS', 'the totals are not those of the manifest');
}

function contentOf({ content, cases, totals }: Manifest): ContentTotals {
  return { content, cases, totals };
}

async function atStep<T>(step: 'FILES' | 'TOTALS', check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (isKuramoriError(error, 'FILE_REJECTED'))
      throw new PackageRejected(step, 'a file is not of its layout', error);
    throw error;
  }
}
