import { rename, rm, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KuramoriError } from '../../../kernel/errors.js';
import { TRANSFER_PACKAGE_BYTES_MAX } from '../../../kernel/limits.js';
import { BytesDigest } from '../content.js';
import { AGE_RECIPIENT, keyFingerprint, recipientFingerprint } from '../keys.js';
import { manifestBytes, type Manifest, type ManifestFile } from '../manifest.js';
import type { Signer } from '../message.js';
import { OUTER_FORMAT, outerRecordBytes, type OuterRecord } from '../outerRecord.js';
import { ageSealed } from './age.js';
import { fileDigest, syncFolder, writeDurably } from './disk.js';
import { packageFolderName, PACKAGE_FILES } from './packageFiles.js';
import { payloadTar } from './payload.js';
import { readmeText } from './readme.js';

/** A data file as its owner hands it over: what it will be, and a way to read it once. */
export interface DataFile extends ManifestFile {
  open(): AsyncIterable<Uint8Array>;
}

/** A key of the recipient. Its fingerprint was read out and confirmed by two people (handbook 13 §5). */
export interface RecipientKey {
  /** `age1…`. */
  readonly recipient: string;
  /** Instant after which nothing is sealed to it, exclusive. */
  readonly validUntil: string;
}

/** What a package is made of. */
export interface PackageOrder {
  /** Its `files` are those of `files`, and its recipient's fingerprints those of `recipients`. */
  readonly manifest: Manifest;
  readonly files: readonly DataFile[];
  readonly recipients: readonly RecipientKey[];
  /** The sender's transfer key. */
  readonly signer: Signer;
  /** Name of the process that seals. */
  readonly sealer: string;
  readonly mediumPolicy: OuterRecord['mediumPolicy'];
  /** Whom to call, for README.txt. */
  readonly contact: string;
  /** Folder in which that of the package is made. */
  readonly into: string;
}

/** A package that is complete on the disk. */
export interface BuiltPackage {
  readonly folder: string;
  readonly outer: OuterRecord;
}

/**
 * Builds a package (handbook 13 §5): manifest, its signature, tar, age, outer record, its signature; reads back what
 * was written; and gives the folder its name only then. Plaintext goes from the files' owners through tar and age in
 * one stream and never touches the disk. What differs from what was announced destroys the output.
 *
 * A package of the same number that was left half-made, by a process that was killed, is removed first.
 *
 * @throws KuramoriError CONFLICT when the package exists; FILE_REJECTED or INTEGRITY_FAILURE when a file is not what
 *   was announced; BAD_INPUT when manifest, files and keys do not belong together or a key is over
 */
export async function buildPackage(order: PackageOrder): Promise<BuiltPackage> {
  assertOneOrder(order);
  const folder = join(order.into, packageFolderName(order.manifest.packageId));
  const partial = join(order.into, `.${packageFolderName(order.manifest.packageId)}.partial`);
  await assertNew(folder);
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  try {
    const ciphertext = await writeCiphertext(join(partial, PACKAGE_FILES.ciphertext), order);
    const outer = outerOf(order, ciphertext);
    await writeOuter(partial, outer, order);
    await assertReadBack(partial, outer);
    await rename(partial, folder);
    await syncFolder(order.into);
    return { folder, outer };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

function assertOneOrder({ manifest, files, recipients }: PackageOrder): void {
  const refuse = (fault: string): never => {
    throw new KuramoriError('BAD_INPUT', `The package cannot be built: ${fault}.`);
  };
  const told = files.map(({ name, bytes, rows, sha256 }) => ({ name, bytes, rows, sha256 }));
  if (JSON.stringify(told) !== JSON.stringify(manifest.files.map(inOrder)))
    refuse('its files are not those of the manifest, in their order');
  if (told.some(({ name }, at) => at > 0 && name <= told[at - 1]!.name))
    refuse('its files are not sorted by name');
  if (recipients.some(({ recipient }) => !AGE_RECIPIENT.test(recipient)))
    refuse('a recipient is no age recipient');
  if (recipients.some(({ validUntil }) => Date.parse(validUntil) <= Date.parse(manifest.createdAt)))
    refuse('a key of the recipient is over');
  const fingerprints = recipients.map(({ recipient }) => recipientFingerprint(recipient));
  if (fingerprints.join() !== manifest.recipient.keyFingerprints.join())
    refuse('its recipients are not those of the manifest');
}

const inOrder = ({ name, bytes, rows, sha256 }: ManifestFile) => ({ name, bytes, rows, sha256 });

async function assertNew(folder: string): Promise<void> {
  const there = await stat(folder).catch(() => undefined);
  if (there !== undefined)
    throw new KuramoriError(
      'CONFLICT',
      'The package exists. A package is never written twice; give it a new number.',
    );
}

async function writeCiphertext(path: string, order: PackageOrder): Promise<OuterRecord['ciphertext']> {
  const digest = new BytesDigest();
  const manifest = manifestBytes(order.manifest);
  const signature = await order.signer.sign(manifest);
  const keys = order.recipients.map(({ recipient }) => recipient);
  await writeDurably(path, passing(digest, ageSealed(keys, payloadTar(order, manifest, signature))));
  return digest.end();
}

async function* passing(digest: BytesDigest, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of source) {
    digest.push(piece);
    if (digest.bytes > TRANSFER_PACKAGE_BYTES_MAX)
      throw new KuramoriError('BAD_INPUT', 'The package is larger than a medium holds. Split it by case.');
    yield piece;
  }
}

function outerOf(order: PackageOrder, ciphertext: OuterRecord['ciphertext']): OuterRecord {
  const { packageId, seriesNo, sender, recipient, createdAt, auditCheckpoint } = order.manifest;
  return {
    format: OUTER_FORMAT,
    packageId,
    seriesNo,
    sender,
    recipientKeys: recipient.keyFingerprints,
    ciphertext,
    createdAt,
    sealer: { name: order.sealer, keyFingerprint: keyFingerprint(order.signer.publicKey) },
    mediumPolicy: order.mediumPolicy,
    auditCheckpoint,
  };
}

async function writeOuter(
  folder: string,
  outer: OuterRecord,
  { signer, contact }: PackageOrder,
): Promise<void> {
  const bytes = outerRecordBytes(outer);
  await writeDurably(join(folder, PACKAGE_FILES.outer), bytes);
  await writeDurably(join(folder, PACKAGE_FILES.outerSignature), await signer.sign(bytes));
  await writeDurably(join(folder, PACKAGE_FILES.readme), Buffer.from(readmeText(outer, contact), 'utf8'));
  await syncFolder(folder);
}

/** What was signed must be what lies on the disk. */
async function assertReadBack(folder: string, { ciphertext }: OuterRecord): Promise<void> {
  if ((await fileDigest(join(folder, PACKAGE_FILES.ciphertext))) !== ciphertext.sha256)
    throw new KuramoriError(
      'INTEGRITY_FAILURE',
      'The package reads back other than it was written. Check the disk.',
    );
}
