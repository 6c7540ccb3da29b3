import { KuramoriError } from '../../../kernel/errors.js';
import { BytesDigest } from '../../../protocol/transfer/content.js';
import { sha256Hex } from '../../../protocol/transfer/forms.js';
import type { ManifestFile } from '../../../protocol/transfer/manifest.js';
import type { TransferContext } from '../context.js';
import { assertOpenDraft } from '../draft/draft.js';
import { requireDraft } from '../draft/draft.store.js';
import { settingsOf } from '../draft/manifest.js';
import { lockTransfer } from '../journal.js';
import { transferRecord } from '../log.js';
import type { SettingValue } from '../setting/form.js';
import { requireSetting } from '../setting/setting.store.js';
import type { SpoolingFile } from '../spool/spool.js';
import { spoolOf, type SpoolEntry } from '../spool/spool.store.js';
import { filesDigest, insertConversion, type Conversion } from './convert.store.js';
import { programConverter, type ConvertedFile, type Converter } from './process.js';

/** What a conversion made, with the digest of each file. */
type Made = (readonly [SpoolingFile, ManifestFile])[];

/**
 * 変換: gives the files of a draft to the contractor's converter and keeps what it makes of them, encrypted, beside them
 * (handbook 11 §7). The record names the converter, what went in, what came out, and that nothing stayed.
 * @param converter another than the program of the setting, for tests
 * @throws KuramoriError NOT_FOUND; CONFLICT when the draft is complete, its profile has no converter, or a file came
 *   meanwhile; FILE_REJECTED, INTEGRITY_FAILURE: nothing is kept then
 */
export async function convertDraft(
  context: TransferContext,
  packageId: string,
  by: string,
  converter?: Converter,
): Promise<Conversion> {
  const { database, audit, clock, spool } = context;
  await assertOpenDraft(database, packageId);
  const setting = await converterOf(context, packageId);
  const inputs = await inputsOf(context, packageId, setting);
  const made: Made = [];
  try {
    await (converter ?? programConverter(setting)).convert(fed(context, inputs), (file) =>
      takeOne(context, setting, made, file),
    );
    if (made.length !== setting.files.length) throw notTheFiles();
  } catch (error) {
    await Promise.all(made.map(([file]) => file.giveUp()));
    throw error;
  }
  const conversion = conversionOf(packageId, setting, inputs, made);
  await spool.keep({ ownerKind: 'draft', owner: packageId }, made, async (tx) => {
    await lockTransfer(tx, packageId);
    await assertOpenDraft(tx, packageId);
    await insertConversion(tx, clock, conversion);
    const reason = `${setting.name}-${setting.version}:${conversion.inputDigest}:${conversion.outputDigest}`;
    const event = { coordinate: 'Transfer.convert', packageId, by, reason, rows: made.length };
    await audit.appendIn(tx, transferRecord(clock, event));
  });
  return conversion;
}

async function converterOf(context: TransferContext, packageId: string): Promise<SettingValue<'converter'>> {
  const { database } = context;
  const { profile } = await settingsOf(database, context, await requireDraft(database, packageId));
  if (profile.converter === undefined)
    throw new KuramoriError('CONFLICT', 'The profile of the draft has no converter.');
  return requireSetting(database, context, 'converter', profile.converter);
}

async function inputsOf(
  { database }: TransferContext,
  packageId: string,
  { files }: SettingValue<'converter'>,
): Promise<readonly SpoolEntry[]> {
  const outputs = new Set(files);
  return (await spoolOf(database, packageId)).filter(({ name }) => !outputs.has(name));
}

async function* fed(
  { spool }: TransferContext,
  inputs: readonly SpoolEntry[],
): AsyncGenerator<ConvertedFile> {
  for (const entry of inputs) yield { name: entry.name, bytes: entry.bytes, content: spool.read(entry) };
}

async function takeOne(
  { spool }: TransferContext,
  { files }: SettingValue<'converter'>,
  made: Made,
  { name, content }: ConvertedFile,
): Promise<void> {
  if (!files.includes(name) || made.some(([, file]) => file.name === name)) throw notTheFiles();
  const file = await spool.begin();
  const digest = new BytesDigest();
  try {
    for await (const piece of content) {
      digest.push(piece);
      await file.write(piece);
    }
    await file.end();
  } catch (error) {
    await file.giveUp();
    throw error;
  }
  made.push([file, { name, rows: 0, ...digest.end() }]);
}

function conversionOf(
  packageId: string,
  { name, version, programSha256 }: SettingValue<'converter'>,
  inputs: readonly ManifestFile[],
  made: Made,
): Conversion {
  const inputDigest = filesDigest(inputs);
  const outputDigest = filesDigest(made.map(([, file]) => file));
  // What stands behind it: the program has ended, and its folder was empty before it was removed.
  const proof = ['ended', 'folderEmpty', 'folderRemoved', programSha256, inputDigest, outputDigest];
  return {
    packageId,
    converter: name,
    version,
    inputDigest,
    outputDigest,
    erasureProof: sha256Hex(proof.join(':')),
  };
}

function notTheFiles(): KuramoriError {
  return new KuramoriError(
    'FILE_REJECTED',
    'The converter did not make each file of its setting once, or made another. Ask the contractor.',
  );
}
