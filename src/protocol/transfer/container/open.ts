import { verify, type KeyObject } from 'node:crypto';
import { open as openFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AGE_HEADER_BYTES_MAX, TRANSFER_OUTER_BYTES_MAX } from '../../../kernel/limits.js';
import { BytesDigest } from '../content.js';
import { keyFingerprint } from '../keys.js';
import { draftDigest, draftOf, readManifest, type Manifest } from '../manifest.js';
import { readOuterRecord, type OuterRecord } from '../outerRecord.js';
import { ageHeader, ageOpened, openingIdentity, type AgeIdentity } from './age.js';
import type { TemporaryArea } from './area.js';
import { checkContent, checkListed } from './contentChecks.js';
import { fileDigest, readPieces } from './disk.js';
import { PACKAGE_FILES } from './packageFiles.js';
import { PackageRejected } from './rejected.js';
import { unpacked, type Unpacked } from './unpack.js';

/** A key of the receiver. */
export interface ReceiverIdentity extends AgeIdentity {
  /** Packages made at this instant or later must not be sealed to it any more. */
  readonly validUntil: string;
}

/** What is known of the series of a sender. */
export interface SeriesState {
  /** Whether a package of the number was ever taken. */
  readonly seen: boolean;
  /** The last package that was taken; nothing before the first. */
  readonly last: { readonly seriesNo: number; readonly ciphertextSha256: string } | undefined;
}

/** Who receives, and whom he believes. */
export interface Receiver {
  readonly bodyCode: string;
  readonly identities: readonly ReceiverIdentity[];
  /** Ed25519 keys of the sender of a body code; none when the sender is not known. */
  senderKeys(bodyCode: string): readonly KeyObject[];
  series(bodyCode: string, packageId: string): SeriesState | Promise<SeriesState>;
  /** What kind of package is awaited: one that was sent must not come back as an answer. */
  readonly content: Manifest['content'];
}

/** A package that passed every check. */
export interface OpenedPackage {
  readonly outer: OuterRecord;
  readonly manifest: Manifest;
}

/**
 * Opens a package: the receiver's checks in the order of handbook 13 §5, all before any plaintext reaches its final
 * place. After a failure nothing is left in the area.
 * @param folder the folder `TRANSFER-<packageId>` as it came
 * @throws PackageRejected with the step that failed
 */
export async function openPackage(
  folder: string,
  receiver: Receiver,
  area: TemporaryArea,
): Promise<OpenedPackage> {
  try {
    const { outer, senderKey } = await checkOuter(folder, receiver);
    const series = await checkSeries(outer, receiver);
    await checkCiphertext(folder, outer);
    const { payload, fingerprint } = await decrypt(folder, outer, receiver, area);
    const manifest = checkManifest(payload, outer, senderKey, series);
    checkRecipient(manifest, receiver, fingerprint);
    checkListed(manifest, payload);
    await checkContent(manifest, payload, area);
    await area.keep(payload.files);
    return { outer, manifest };
  } catch (error) {
    await area.erase();
    throw error;
  }
}

/** The outer record alone, its signature verified: what a receiver may go by before he has the whole. */
export async function checkOuter(
  folder: string,
  receiver: Pick<Receiver, 'senderKeys'>,
): Promise<{ readonly outer: OuterRecord; readonly senderKey: KeyObject }> {
  const reject = (fault: string, cause?: unknown): never => {
    throw new PackageRejected('OUTER_SIGNATURE', fault, cause);
  };
  const small = async (name: string) => {
    const path = join(folder, name);
    const there = await stat(path).catch((cause: unknown) => reject('the outer record is missing', cause));
    if (!there.isFile() || there.size > TRANSFER_OUTER_BYTES_MAX)
      return reject('the outer record is too large');
    return await readFile(path);
  };
  const bytes = await small(PACKAGE_FILES.outer);
  const signature = await small(PACKAGE_FILES.outerSignature);
  const outer = readOuterRecord(bytes) ?? reject('the outer record does not have its form');
  const key = receiver
    .senderKeys(outer.sender.bodyCode)
    .find((one) => keyFingerprint(one) === outer.sealer.keyFingerprint);
  if (key === undefined) return reject('its sender or the key of its sender is not known');
  if (!verify(null, bytes, key, signature)) reject('the signature is not that of the sender');
  return { outer, senderKey: key };
}

async function checkSeries(
  { sender, packageId, seriesNo }: OuterRecord,
  receiver: Receiver,
): Promise<SeriesState> {
  const series = await receiver.series(sender.bodyCode, packageId);
  if (series.seen) throw new PackageRejected('PACKAGE_SEEN', 'a package of this number was taken before');
  const awaited = (series.last?.seriesNo ?? 0) + 1;
  if (seriesNo !== awaited)
    throw new PackageRejected('SERIES_GAP', `number ${awaited} of the series is the one that is awaited`);
  return series;
}

async function checkCiphertext(folder: string, { ciphertext }: OuterRecord): Promise<void> {
  const path = join(folder, PACKAGE_FILES.ciphertext);
  const there = await stat(path).catch((cause: unknown) => {
    throw new PackageRejected('CIPHERTEXT', 'the ciphertext is missing', cause);
  });
  if (!there.isFile() || there.size !== ciphertext.bytes)
    throw new PackageRejected('CIPHERTEXT', 'it has another size than the outer record says');
  if ((await fileDigest(path)) !== ciphertext.sha256)
    throw new PackageRejected('CIPHERTEXT', 'it is not the one that the outer record names');
}

/** Decrypts into the area, to the authenticated end, before anything of it is believed. */
async function decrypt(
  folder: string,
  outer: OuterRecord,
  receiver: Receiver,
  area: TemporaryArea,
): Promise<{ readonly payload: Unpacked; readonly fingerprint: string }> {
  const path = join(folder, PACKAGE_FILES.ciphertext);
  const header = ageHeader(await beginning(path));
  if (header === undefined || header.recipients !== outer.recipientKeys.length)
    throw new PackageRejected(
      'DECRYPTION',
      'it is not an age file for as many keys as the outer record names',
    );
  const identity = await openingIdentity(header, receiver.identities);
  if (identity === undefined) throw new PackageRejected('DECRYPTION', 'none of our keys opens it');
  if (Date.parse(identity.validUntil) <= Date.parse(outer.createdAt))
    throw new PackageRejected('DECRYPTION', 'it is sealed to a key of ours that was over');
  const digest = new BytesDigest();
  const payload = await unpacked(ageOpened(identity, passing(readPieces(path), digest)), area);
  // The file could be another than the one whose digest was compared.
  if (digest.end().sha256 !== outer.ciphertext.sha256)
    throw new PackageRejected('DECRYPTION', 'the ciphertext changed while it was read');
  return { payload, fingerprint: identity.fingerprint };
}

async function* passing(source: AsyncIterable<Uint8Array>, digest: BytesDigest): AsyncGenerator<Uint8Array> {
  for await (const piece of source) {
    digest.push(piece);
    yield piece;
  }
}

async function beginning(path: string): Promise<Uint8Array> {
  const handle = await openFile(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(AGE_HEADER_BYTES_MAX),
      0,
      AGE_HEADER_BYTES_MAX,
      0,
    );
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function checkManifest(
  payload: Unpacked,
  outer: OuterRecord,
  key: KeyObject,
  { last }: SeriesState,
): Manifest {
  const reject = (fault: string): never => {
    throw new PackageRejected('MANIFEST', fault);
  };
  const { manifest: bytes, signature } = payload;
  if (bytes === undefined || signature === undefined) return reject('it or its signature is missing');
  if (!verify(null, bytes, key, signature)) return reject('the signature is not that of the sender');
  const manifest = readManifest(bytes) ?? reject('it does not have its form');
  const { packageId, seriesNo, createdAt, sender } = manifest;
  if (packageId !== outer.packageId || seriesNo !== outer.seriesNo || createdAt !== outer.createdAt)
    reject('it is of another package than the outer record');
  if (sender.bodyCode !== outer.sender.bodyCode) reject('it is of another sender than the outer record');
  if (manifest.previousPackageDigest !== (last?.ciphertextSha256 ?? null))
    reject('it does not follow the last package of the series');
  const approved = draftDigest(draftOf(manifest));
  if (manifest.approvals.some((approval) => approval.draftDigest !== approved))
    reject('what was approved is something else');
  return manifest;
}

/** Whoever opened a package rightly could seal its manifest anew, for somebody else. */
function checkRecipient({ recipient, content }: Manifest, receiver: Receiver, fingerprint: string): void {
  if (recipient.bodyCode !== receiver.bodyCode)
    throw new PackageRejected('RECIPIENT', 'it is addressed to another body');
  if (!recipient.keyFingerprints.includes(fingerprint))
    throw new PackageRejected('RECIPIENT', 'it was sealed to another key than its manifest names');
  if (content !== receiver.content)
    throw new PackageRejected('RECIPIENT', 'it is a package of the other direction');
}
