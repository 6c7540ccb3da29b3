import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { ageSealed } from '../../../../src/protocol/transfer/container/age.js';
import { folderArea } from '../../../../src/protocol/transfer/container/area.js';
import type { DataFile, PackageOrder } from '../../../../src/protocol/transfer/container/build.js';
import {
  openPackage,
  type Receiver,
  type ReceiverIdentity,
  type SeriesState,
} from '../../../../src/protocol/transfer/container/open.js';
import { packageFolderName } from '../../../../src/protocol/transfer/container/packageFiles.js';
import { tarHeader, tarPadding, TAR_END } from '../../../../src/protocol/transfer/container/tar.js';
import { ContentCheck } from '../../../../src/protocol/transfer/content.js';
import { heading, rowsText } from '../../../../src/protocol/transfer/csv.js';
import { sha256Hex } from '../../../../src/protocol/transfer/forms.js';
import { keyFingerprint, recipientFingerprint } from '../../../../src/protocol/transfer/keys.js';
import { TRANSFER_LAYOUT, type TransferFileName } from '../../../../src/protocol/transfer/layout.js';
import {
  draftDigest,
  draftOf,
  manifestBytes,
  type TransferManifest,
} from '../../../../src/protocol/transfer/manifest.js';
import { outerRecordBytes, type OuterRecord } from '../../../../src/protocol/transfer/outerRecord.js';
import { collected, ledgerLine, manifestOf, outerRecord, signerOf, taxpayer } from '../support.js';

export const SENDER_KEYS = generateKeyPairSync('ed25519');
export const OTHER_KEYS = generateKeyPairSync('ed25519');
const VALID_UNTIL = '2027-10-01T00:00:00Z';

/** A key of a receiver. */
export async function newIdentity(validUntil = VALID_UNTIL): Promise<ReceiverIdentity> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity), validUntil };
}

export interface TextFile {
  readonly name: string;
  readonly text: string;
  readonly rows: number;
}

/** The files of a small package: the handbook's worked example, and a copy. */
export function smallFiles(...extra: readonly TextFile[]): readonly TextFile[] {
  return [
    csv('01_taxpayer.csv', [taxpayer('A-1')]),
    csv('03_ledger.csv', [
      ledgerLine('A-1', 1, 120_000n, 30_000n),
      ledgerLine('A-1', 2, 45_600n, 0n, 5_600n),
    ]),
    csv('05_contacts.csv', []),
    { name: 'attachments/A-1.pdf', text: '%PDF-2.0 copy', rows: 0 },
    ...extra,
  ].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** A file of the layout. */
export function csv(name: TransferFileName, rows: readonly object[]): TextFile {
  const columns = TRANSFER_LAYOUT[name];
  return { name, text: heading(columns) + rowsText(name, columns, rows as never, 1), rows: rows.length };
}

/** A file as its owner announces it. */
export function dataFile({ name, text, rows }: TextFile, announced: Partial<DataFile> = {}): DataFile {
  const bytes = Buffer.from(text);
  return {
    name,
    bytes: bytes.length,
    rows,
    sha256: sha256Hex(bytes),
    open: async function* () {
      // In two pieces, as a stream comes.
      yield bytes.subarray(0, bytes.length >> 1);
      yield bytes.subarray(bytes.length >> 1);
    },
    ...announced,
  };
}

/** The manifest of files, approved, for the recipient's keys. */
export function manifestFor(
  files: readonly DataFile[],
  texts: readonly TextFile[],
  recipients: readonly { readonly recipient: string }[],
  change: Partial<TransferManifest> = {},
): TransferManifest {
  const keyFingerprints = recipients.map(({ recipient }) => recipientFingerprint(recipient));
  const plain = manifestOf({
    recipient: { ...manifestOf().recipient, keyFingerprints },
    files: files.map(({ name, bytes, rows, sha256 }) => ({ name, bytes, rows, sha256 })),
    ...(totalsOf(texts) as Partial<TransferManifest>),
    ...change,
  });
  const approvals = plain.approvals.map((one) => ({ ...one, draftDigest: draftDigest(draftOf(plain)) }));
  return { ...plain, approvals: change.approvals ?? approvals };
}

function totalsOf(texts: readonly TextFile[]) {
  const check = new ContentCheck('TRANSFER');
  for (const { name, text } of texts) {
    const passing = check.begin(name);
    passing.push(Buffer.from(text));
    passing.end();
  }
  return check.end();
}

/** An order for a small package. */
export function orderOf(
  into: string,
  recipients: readonly ReceiverIdentity[],
  change: Partial<TransferManifest> = {},
  texts = smallFiles(),
): PackageOrder {
  const files = texts.map((one) => dataFile(one));
  return {
    manifest: manifestFor(files, texts, recipients, change),
    files,
    recipients,
    signer: signerOf(SENDER_KEYS.privateKey),
    sealer: 'vault',
    mediumPolicy: ['DVD_R', 'HTTPS'],
    contact: '架空市 収納推進課 000-0000-0000',
    into,
  };
}

/** A receiver that knows the sender. */
export function receiverOf(
  identities: readonly ReceiverIdentity[],
  series: SeriesState = { seen: false, last: undefined },
): Receiver {
  return {
    bodyCode: '249203',
    identities,
    senderKeys: (bodyCode) => (bodyCode === '999994' ? [OTHER_KEYS.publicKey, SENDER_KEYS.publicKey] : []),
    series: () => series,
    content: 'TRANSFER',
  };
}

/** Opens a package into a folder beside it. */
export async function opened(folder: string, receiver: Receiver, target = `${folder}-opened`) {
  const result = await openPackage(folder, receiver, await folderArea(target));
  return { ...result, target };
}

/** The step at which a package is rejected, `undefined` when it is not; and what is left beside it. */
export async function rejection(
  folder: string,
  receiver: Receiver,
  beside: string,
): Promise<string | undefined> {
  const before = readdirSync(beside);
  try {
    await opened(folder, receiver);
  } catch (error) {
    const left = readdirSync(beside).filter((name) => !before.includes(name));
    if (left.length > 0) throw new Error('Something was left after a rejection.', { cause: error });
    const { code, step } = error as { code?: string; step?: string };
    if (code !== 'PACKAGE_REJECTED') throw error;
    return step;
  }
  return undefined;
}

export interface Forgery {
  readonly manifest: TransferManifest;
  readonly entries: readonly (readonly [name: string, content: string | Uint8Array])[];
  readonly recipients: readonly string[];
  readonly outer?: Partial<OuterRecord>;
  readonly signKey?: typeof SENDER_KEYS;
  /** Bytes of the tar instead of those that the entries make. */
  readonly tar?: (tar: Buffer) => Buffer;
  readonly ciphertext?: (ciphertext: Buffer) => Buffer;
  /** Bytes of the manifest's signature. */
  readonly manifestSignature?: Uint8Array;
}

/** A package that our `buildPackage` would not make: what a broken or stolen sender could send. */
export async function forged(into: string, forgery: Forgery): Promise<string> {
  const { manifest, entries, recipients, signKey = SENDER_KEYS } = forgery;
  const bytes = manifestBytes(manifest);
  const signature = forgery.manifestSignature ?? sign(null, bytes, SENDER_KEYS.privateKey);
  const all = [...entries, ['manifest.json', bytes], ['manifest.sig', signature]] as const;
  const plain = tarOf(all);
  const tar = forgery.tar?.(plain) ?? plain;
  const sealed = await collected(ageSealed(recipients, streamOf(tar)));
  const ciphertext = forgery.ciphertext?.(sealed) ?? sealed;
  const outer: OuterRecord = {
    ...outerRecord(),
    packageId: manifest.packageId,
    seriesNo: manifest.seriesNo,
    createdAt: manifest.createdAt,
    recipientKeys: recipients.map(recipientFingerprint),
    ciphertext: { bytes: ciphertext.length, sha256: sha256Hex(ciphertext) },
    sealer: { name: 'vault', keyFingerprint: keyFingerprint(signKey.publicKey) },
    ...forgery.outer,
  };
  const folder = join(into, packageFolderName(manifest.packageId));
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.age'), ciphertext);
  writeFileSync(join(folder, 'package.json'), outerRecordBytes(outer));
  writeFileSync(join(folder, 'package.json.sig'), sign(null, outerRecordBytes(outer), signKey.privateKey));
  return folder;
}

/** A tar of entries, in the order given. */
export function tarOf(entries: readonly (readonly [string, string | Uint8Array])[]): Buffer {
  const blocks = entries.flatMap(([name, content]) => {
    const bytes = Buffer.from(content as string);
    return [tarHeader(name, bytes.length), bytes, tarPadding(bytes.length)];
  });
  return Buffer.concat([...blocks, TAR_END]);
}

export async function* streamOf(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
