import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { JAPAN_TIME_ZONE, plainDate, type IsoDate } from '../../../kernel/dates.js';
import { KuramoriError } from '../../../kernel/errors.js';
import { buildPackage, type DataFile } from '../../../protocol/transfer/container/build.js';
import { packageFolderName } from '../../../protocol/transfer/container/packageFiles.js';
import { MEDIA, type OuterRecord } from '../../../protocol/transfer/outerRecord.js';
import type { TransferContext } from '../context.js';
import { casesOf, requireDraft } from '../draft/draft.store.js';
import { keysInForce, settingsOf, type RecipientKey } from '../draft/manifest.js';
import { currentState, lockTransfer, moveState } from '../journal.js';
import { transferRecord } from '../log.js';
import { spoolOf } from '../spool/spool.store.js';
import { numbersFile } from './numbersFile.js';
import {
  findSealed,
  insertSealed,
  requirePackage,
  type AssembledPackage,
  type SealedPackage,
} from './package.store.js';
import { transferSigner } from './signer.js';

/**
 * 封緘: builds the container of an assembled package and erases its spool. The keys of the recipient are looked at now:
 * one that has ended or was revoked since the approval stops it. Killed on the way, it is done anew; of two attempts at
 * once, one is kept.
 * @param by operator, or the vault by itself
 * @throws KuramoriError CONFLICT, with an entry that is raised when a key is the reason; INTEGRITY_FAILURE;
 *   VAULT_SEALED
 */
export async function sealPackage(
  context: TransferContext,
  packageId: string,
  by: string,
): Promise<SealedPackage> {
  const { database } = context;
  const known = await findSealed(database, packageId);
  if (known !== undefined) return known;
  const { state } = await currentState(database, packageId);
  if (state !== 'ASSEMBLED')
    throw new KuramoriError('CONFLICT', `A transfer that is ${state} cannot be sealed.`, { state });
  const assembled = await requirePackage(database, packageId);
  const keys = await keysOf(context, assembled, by);
  const outer = await build(context, assembled, keys);
  return keep(context, outer, by);
}

/** Where a sealed package lies. */
export function packageFolder({ packages }: Pick<TransferContext, 'packages'>, packageId: string): string {
  return join(packages, packageFolderName(packageId));
}

/** The very keys that were approved, all of them in force. */
async function keysOf(
  context: TransferContext,
  { manifest }: AssembledPackage,
  by: string,
): Promise<readonly RecipientKey[]> {
  const { database, audit, clock } = context;
  const { packageId } = manifest;
  try {
    const { recipient } = await settingsOf(database, context, await requireDraft(database, packageId));
    const keys = await keysInForce(database, context, recipient);
    return manifest.recipient.keyFingerprints.map((fingerprint) => {
      const key = keys.find((each) => each.fingerprint === fingerprint);
      if (key === undefined) throw keyNotInForce();
      return key;
    });
  } catch (error) {
    const event = { coordinate: 'Transfer.seal', packageId, by, reason: 'recipientKey' } as const;
    await audit.append(transferRecord(clock, { ...event, refused: true, raised: true }));
    throw error;
  }
}

async function build(
  context: TransferContext,
  { manifest, subjects }: AssembledPackage,
  keys: readonly RecipientKey[],
): Promise<OuterRecord> {
  const { packageId } = manifest;
  // What a sealing that was killed left behind: nothing says that it is whole.
  await rm(packageFolder(context, packageId), { recursive: true, force: true });
  const cases = await casesOf(context.database, packageId);
  const numbers = subjects && (await numbersFile(context, cases, subjects));
  try {
    const files = [...(await dataFiles(context, packageId)), ...(numbers ? [numbers.file] : [])];
    const { outer } = await buildPackage({
      manifest: {
        ...manifest,
        files: files.map(({ name, bytes, rows, sha256 }) => ({ name, bytes, rows, sha256 })),
      },
      files,
      recipients: keys.map(({ recipient, validTo }) => ({ recipient, validUntil: endOf(validTo) })),
      signer: transferSigner(context),
      sealer: `vault:${context.municipality}`,
      mediumPolicy: [...MEDIA],
      contact: manifest.sender.name,
      into: context.packages,
    });
    return outer;
  } finally {
    numbers?.dispose();
  }
}

async function dataFiles({ database, spool }: TransferContext, packageId: string): Promise<DataFile[]> {
  const entries = await spoolOf(database, packageId);
  return entries.map((entry) => {
    const { name, bytes, rows, sha256 } = entry;
    return { name, bytes, rows, sha256, open: () => spool.read(entry) };
  });
}

async function keep(context: TransferContext, outer: OuterRecord, by: string): Promise<SealedPackage> {
  const { database, audit, clock, spool } = context;
  const { packageId, ciphertext } = outer;
  const erased = await database.transaction('vault.transfer.sealed', async (tx) => {
    await lockTransfer(tx, packageId);
    await insertSealed(tx, clock, outer);
    await moveState(tx, clock, packageId, 'SEALED', { by, reason: ciphertext.sha256 });
    const gone = await spool.erase(tx, packageId);
    const event = { coordinate: 'Transfer.seal', packageId, by, reason: ciphertext.sha256 };
    await audit.appendIn(tx, transferRecord(clock, event));
    return gone;
  });
  await erased.remove();
  return (await findSealed(database, packageId))!;
}

/** A key is valid through its last day in Japan. */
function endOf(validTo: IsoDate): string {
  return plainDate(validTo).add({ days: 1 }).toZonedDateTime(JAPAN_TIME_ZONE).toInstant().toString();
}

function keyNotInForce(): KuramoriError {
  return new KuramoriError(
    'CONFLICT',
    'A key of the recipient has ended or was revoked since the approval. Give the transfer up and prepare it anew.',
    { rule: 'recipientKey' },
  );
}
