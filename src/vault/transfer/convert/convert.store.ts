import { instantText, type Clock } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import { KuramoriError } from '../../../kernel/errors.js';
import { recordBytes, sha256Hex } from '../../../protocol/transfer/forms.js';
import type { ManifestFile } from '../../../protocol/transfer/manifest.js';
import type { VaultContext } from '../../context.js';
import type { SettingValue } from '../setting/form.js';
import { requireSetting } from '../setting/setting.store.js';

/** 変換記録: what a converter was given, what it gave, and that it kept nothing. */
export interface Conversion {
  readonly packageId: string;
  readonly converter: string;
  readonly version: string;
  /** Of the files by name, size and digest, hexadecimal. */
  readonly inputDigest: string;
  readonly outputDigest: string;
  /** Of what shows that nothing of it stayed. */
  readonly erasureProof: string;
}

/** Digest of files, by their names, sizes and digests. */
export function filesDigest(files: readonly ManifestFile[]): string {
  const told = files.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 }));
  return sha256Hex(recordBytes(told.toSorted((a, b) => (a.name < b.name ? -1 : 1))));
}

export async function insertConversion(tx: Session, clock: Clock, conversion: Conversion): Promise<void> {
  const { packageId, converter, version, inputDigest, outputDigest, erasureProof } = conversion;
  await tx.run(
    'vault.transfer.conversion.insert',
    ({ raw }) => raw`
    insert into vault.transfer_conversion
      (package_id, converter, version, input_digest, output_digest, erasure_proof, at)
    values (${packageId}, ${converter}, ${version}, ${inputDigest}, ${outputDigest}, ${erasureProof},
      ${instantText(clock)})`,
  );
}

/**
 * What a profile's converter has made is of the very files that the draft holds now.
 * @returns names of the converted files; none where the profile has no converter
 * @throws KuramoriError CONFLICT when they must be converted, or converted anew
 */
export async function assertConverted(
  context: Pick<VaultContext, 'database' | 'seal' | 'clock' | 'municipality'>,
  profile: SettingValue<'profile'>,
  packageId: string,
  entries: readonly ManifestFile[],
): Promise<readonly string[]> {
  if (profile.converter === undefined) return [];
  const { database } = context;
  const converter = await requireSetting(database, context, 'converter', profile.converter);
  const outputs = new Set(converter.files);
  const [last] = await database.run(
    'vault.transfer.conversion.last',
    ({ raw }) => raw<Pick<Conversion, 'version' | 'inputDigest' | 'outputDigest'>[]>`
    select version, input_digest as "inputDigest", output_digest as "outputDigest" from vault.transfer_conversion
    where package_id = ${packageId} and converter = ${converter.name} order by conversion_id desc limit 1`,
  );
  const current =
    last?.version === converter.version &&
    last.inputDigest === filesDigest(entries.filter(({ name }) => !outputs.has(name))) &&
    last.outputDigest === filesDigest(entries.filter(({ name }) => outputs.has(name)));
  if (current) return converter.files;
  throw new KuramoriError(
    'CONFLICT',
    'The files of the draft were not converted, or have changed since. Run the conversion on the vault’s host.',
  );
}
