import { createReadStream, existsSync, statSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { isKuramoriError, KuramoriError } from '../../kernel/errors.js';
import { TRANSFER_OUTER_BYTES_MAX, TRANSFER_PACKAGE_BYTES_MAX } from '../../kernel/limits.js';
import { folderArea } from '../../protocol/transfer/container/area.js';
import { replaceDurably, syncFolder } from '../../protocol/transfer/container/disk.js';
import { checkOuter, openPackage, type Receiver } from '../../protocol/transfer/container/open.js';
import { PACKAGE_FILES } from '../../protocol/transfer/container/packageFiles.js';
import { signMessage } from '../../protocol/transfer/message.js';
import type { OuterRecord } from '../../protocol/transfer/outerRecord.js';
import { DELIVERY, type DeliveryReceipt } from '../../protocol/transfer/receipts.js';
import { noteAnnouncement, senderKeys } from './announced.js';
import type { Organization } from './organization.js';
import { RECORDS } from './place.js';
import { seriesOf, takenRecord } from './taken.js';

/** How a package came. */
export type Carriage = Pick<DeliveryReceipt, 'medium' | 'mediumSerialNo' | 'seal' | 'receivedBy'>;

const BY_LINE: Carriage = { medium: 'HTTPS', mediumSerialNo: null, seal: null, receivedBy: 'reception' };

/** One of the two small parts of a package that come before its ciphertext. */
export type SmallPart = typeof PACKAGE_FILES.outer | typeof PACKAGE_FILES.outerSignature;

/**
 * Takes a small part of a package; the same part again changes nothing.
 * @throws KuramoriError PAYLOAD_TOO_LARGE; CONFLICT when a package of the number was taken with another part
 */
export async function takeSmallPart(
  { place }: Organization,
  id: string,
  part: SmallPart,
  bytes: Uint8Array,
): Promise<void> {
  if (bytes.length > TRANSFER_OUTER_BYTES_MAX)
    throw new KuramoriError(
      'PAYLOAD_TOO_LARGE',
      `The part is over the limit of ${TRANSFER_OUTER_BYTES_MAX} bytes.`,
    );
  if (existsSync(place.taken(id))) {
    if (Buffer.compare(await readFile(place.taken(id, part)), bytes) === 0) return;
    throw new KuramoriError(
      'CONFLICT',
      'Another package of this number was taken. Give the package a new number.',
    );
  }
  await mkdir(place.inbox(id), { recursive: true, mode: 0o700 });
  await replaceDurably(join(place.inbox(id), part), bytes);
}

/** How many bytes of a ciphertext are here: where its sender goes on after a line broke off. */
export function ciphertextOffset({ place }: Organization, id: string): number {
  const places = [place.taken(id, PACKAGE_FILES.ciphertext), join(place.inbox(id), PACKAGE_FILES.ciphertext)];
  const path = places.find((one) => existsSync(one));
  return path === undefined ? 0 : statSync(path).size;
}

/**
 * Takes the ciphertext from an offset on. With its last byte the package is checked and taken, or rejected and gone.
 * @returns the DELIVERY receipt (受領書); the same one when the package was taken before
 * @throws KuramoriError PACKAGE_REJECTED; CONFLICT when the offset is not the one that is awaited, or the end did not
 *   come: what came is kept
 */
export async function takeCiphertext(
  organization: Organization,
  id: string,
  offset: number,
  bytes: AsyncIterable<Uint8Array>,
): Promise<string> {
  const { place } = organization;
  const before = takenRecord(organization, id, RECORDS.delivery);
  if (before !== undefined) {
    await drained(bytes);
    return before;
  }
  const folder = place.inbox(id);
  const { outer } = await checkOuter(folder, receiverFor(organization));
  assertName(outer, id);
  assertCarriage(outer, BY_LINE);
  const path = join(folder, PACKAGE_FILES.ciphertext);
  await alone(organization, id, async () => {
    if (ciphertextOffset(organization, id) !== offset)
      throw new KuramoriError('CONFLICT', 'The bytes do not go on where they broke off. Ask for the offset.');
    await append(path, offset, bytes, outer.ciphertext.bytes);
  });
  if (statSync(path).size < outer.ciphertext.bytes)
    throw new KuramoriError('CONFLICT', 'The end of the package has not come. Go on from the offset.');
  return await organization.turn(() => takePackage(organization, folder, outer, BY_LINE));
}

/**
 * Takes a package from a medium: its folder is copied, and what was copied is checked.
 * @throws KuramoriError PACKAGE_REJECTED, CONFLICT when it was taken before
 */
export async function takeFromMedium(
  organization: Organization,
  folder: string,
  carriage: Carriage,
): Promise<string> {
  const { outer } = await checkOuter(folder, receiverFor(organization));
  assertCarriage(outer, carriage);
  const id = outer.packageId;
  const inbox = organization.place.inbox(id);
  await rm(inbox, { recursive: true, force: true });
  for (const part of [PACKAGE_FILES.outer, PACKAGE_FILES.outerSignature] as const)
    await takeSmallPart(organization, id, part, await readFile(join(folder, part)));
  if (existsSync(organization.place.taken(id)))
    throw new KuramoriError('CONFLICT', 'The package was taken before. Its receipt was given then.');
  const source = createReadStream(join(folder, PACKAGE_FILES.ciphertext)) as AsyncIterable<Uint8Array>;
  await append(join(inbox, PACKAGE_FILES.ciphertext), 0, source, outer.ciphertext.bytes);
  return await organization.turn(() => takePackage(organization, inbox, outer, carriage));
}

/** Opens, signs the receipt, and takes the package by one rename. */
async function takePackage(
  organization: Organization,
  folder: string,
  outer: OuterRecord,
  carriage: Carriage,
): Promise<string> {
  const { place, keys, body } = organization;
  const { packageId } = outer;
  const before = takenRecord(organization, packageId, RECORDS.delivery);
  if (before !== undefined) return before;
  // What a killed process opened without having taken the package is opened anew.
  await rm(place.opened(packageId), { recursive: true, force: true });
  try {
    const area = await folderArea(place.opened(packageId));
    await noteAnnouncement(folder, await openPackage(folder, receiverFor(organization), area));
  } catch (error) {
    if (isKuramoriError(error, 'PACKAGE_REJECTED')) await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const receipt: DeliveryReceipt = {
    packageId,
    ciphertextSha256: outer.ciphertext.sha256,
    organization: body,
    ...carriage,
    receivedAt: organization.now(),
  };
  const jws = await signMessage(DELIVERY, receipt, keys.signer);
  await replaceDurably(join(folder, RECORDS.delivery), Buffer.from(jws));
  await rename(folder, place.taken(packageId));
  await syncFolder(place.file('packages'));
  return jws;
}

function receiverFor(organization: Organization): Receiver {
  return {
    bodyCode: organization.body.bodyCode,
    identities: [organization.keys.identity],
    senderKeys: (bodyCode) => senderKeys(organization, bodyCode),
    series: (bodyCode, packageId) => seriesOf(organization, bodyCode, packageId),
    content: 'TRANSFER',
  };
}

/** @throws KuramoriError CONFLICT when its sender let the package travel in other ways only */
function assertCarriage({ mediumPolicy }: OuterRecord, { medium }: Carriage): void {
  if (!mediumPolicy.includes(medium))
    throw new KuramoriError('CONFLICT', 'The package may not travel by this medium. Tell its sender.');
}

/** A sender who is known must not write into the folder of another's package. */
function assertName({ packageId }: OuterRecord, id: string): void {
  if (packageId !== id)
    throw new KuramoriError('BAD_INPUT', 'The outer record is of another package than the path names.');
}

/** Two lines must not write one file. */
async function alone({ uploads }: Organization, id: string, work: () => Promise<void>): Promise<void> {
  if (uploads.has(id))
    throw new KuramoriError('CONFLICT', 'The package is coming in over another connection.');
  uploads.add(id);
  try {
    await work();
  } finally {
    uploads.delete(id);
  }
}

async function append(
  path: string,
  offset: number,
  bytes: AsyncIterable<Uint8Array>,
  total: number,
): Promise<void> {
  const handle = await open(path, 'a', 0o600);
  let end = offset;
  try {
    for await (const piece of bytes) {
      end += piece.length;
      if (end > total || end > TRANSFER_PACKAGE_BYTES_MAX) throw tooMuch();
      await handle.appendFile(piece);
    }
    await handle.sync();
  } catch (error) {
    if (isKuramoriError(error, 'PAYLOAD_TOO_LARGE')) await truncate(path, offset);
    throw error;
  } finally {
    await handle.close();
  }
}

async function drained(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  let count = 0;
  for await (const piece of bytes) {
    count += piece.length;
    if (count > TRANSFER_PACKAGE_BYTES_MAX) throw tooMuch();
  }
}

function tooMuch(): KuramoriError {
  return new KuramoriError('PAYLOAD_TOO_LARGE', 'More bytes came than the outer record says.');
}
