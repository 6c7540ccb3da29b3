import { createPublicKey, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceDurably } from '../../protocol/transfer/container/disk.js';
import type { OpenedPackage } from '../../protocol/transfer/container/open.js';
import { sha256Form } from '../../protocol/transfer/forms.js';
import { keyFingerprint, signingKeyShape } from '../../protocol/transfer/keys.js';
import type { Organization } from './organization.js';
import { RECORDS } from './place.js';
import { transferKeys } from './senders.js';
import { takenOuter, takenRecord } from './taken.js';

const announcementForm = z.strictObject({ ...signingKeyShape, announcedBy: sha256Form });

/**
 * Notes the key that a package announces (handbook 13 §5), beside the package: it is believed once that is taken.
 * @param folder in which the package is coming in
 */
export async function noteAnnouncement(folder: string, { outer, manifest }: OpenedPackage): Promise<void> {
  const { nextSigningKey } = manifest;
  if (nextSigningKey === undefined) return;
  const announcement = { ...nextSigningKey, announcedBy: outer.sealer.keyFingerprint };
  await replaceDurably(join(folder, RECORDS.nextKey), Buffer.from(JSON.stringify(announcement)));
}

/**
 * The keys of a sender: those that people registered, and those that a believed key has announced. A registered key
 * that people take out takes along what it announced: it may have been known to somebody else then.
 */
export function senderKeys(organization: Organization, bodyCode: string): readonly KeyObject[] {
  const registered = transferKeys(organization.senders(), bodyCode);
  const believed = new Map(registered.map((key) => [keyFingerprint(key), key]));
  const { place } = organization;
  const taken = place
    .packages()
    .map((id) => takenOuter(organization, id))
    .filter(({ sender }) => sender.bodyCode === bodyCode)
    .toSorted((a, b) => a.seriesNo - b.seriesNo);
  for (const { packageId } of taken) {
    const text = takenRecord(organization, packageId, RECORDS.nextKey);
    if (text === undefined) continue;
    const { publicKey, fingerprint, announcedBy } = announcementForm.parse(JSON.parse(text));
    if (believed.has(announcedBy)) believed.set(fingerprint, createPublicKey(publicKey));
  }
  return [...believed.values()];
}
