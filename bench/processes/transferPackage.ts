import { createCipheriv, createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { folderArea } from '../../src/protocol/transfer/container/area.js';
import { buildPackage, type DataFile } from '../../src/protocol/transfer/container/build.js';
import { readPieces, writeDurably } from '../../src/protocol/transfer/container/disk.js';
import { openPackage } from '../../src/protocol/transfer/container/open.js';
import { ContentCheck } from '../../src/protocol/transfer/content.js';
import { recipientFingerprint } from '../../src/protocol/transfer/keys.js';
import { MANIFEST_FORMAT, type TransferManifest } from '../../src/protocol/transfer/manifest.js';
import { takeOrders } from '../support/orders.js';
import { timed } from '../support/rounds.js';
import { transferFiles } from '../support/transferRows.js';

export type TransferOrder =
  /** Makes the files of so many cases, in a folder. */
  | { readonly kind: 'make'; readonly folder: string; readonly cases: number }
  /** Builds a package of them. */
  | { readonly kind: 'build'; readonly packageId: string }
  /** Opens one that was built, through every check. */
  | { readonly kind: 'open'; readonly packageId: string }
  /** SHA-256 and ChaCha20-Poly1305 of the same bytes, read from the same files. */
  | { readonly kind: 'floor' };

export interface TransferReport {
  readonly ms: number;
  readonly rows: number;
  readonly bytes: number;
  /** The most memory that the process has had so far, in bytes. */
  readonly peakRss: number;
}

const SENDER = { bodyCode: '999994', name: '架空市' };
const RECIPIENT = { bodyCode: '249203', name: '架空滞納整理機構' };
const VALID_UNTIL = '2028-10-01T00:00:00Z';
const BYTES_PER_KIBIBYTE = 1_024;

const keys = generateKeyPairSync('ed25519');
const signer = { publicKey: keys.publicKey, sign: (bytes: Uint8Array) => sign(null, bytes, keys.privateKey) };
const identity = await generateX25519Identity();
const recipient = await identityToRecipient(identity);
let home = '';
let files: DataFile[] = [];
let totals: ReturnType<ContentCheck['end']>;

async function make(folder: string, cases: number): Promise<TransferReport> {
  home = folder;
  files = [];
  const check = new ContentCheck('TRANSFER');
  const ms = await timed(async () => {
    await mkdir(join(folder, 'files'));
    for (const [name, bytes] of transferFiles(cases)) {
      const path = join(folder, 'files', name);
      await writeDurably(path, bytes);
      const passing = check.begin(name);
      for await (const piece of readPieces(path)) passing.push(piece);
      files.push({ ...passing.end(), open: () => readPieces(path) });
    }
  });
  totals = check.end();
  return report(ms);
}

function manifestOf(packageId: string): TransferManifest {
  return {
    format: MANIFEST_FORMAT,
    packageId,
    sender: SENDER,
    recipient: { ...RECIPIENT, keyFingerprints: [recipientFingerprint(recipient)] },
    basis: ['bench'],
    purpose: 'bench',
    profile: { name: 'standard', version: '1', includesIndividualNumber: false },
    asOf: '2026-10-01T00:00:00Z',
    files: files.map(({ name, bytes, rows, sha256 }) => ({ name, bytes, rows, sha256 })),
    unmappable: [],
    retention: { returnBy: null, eraseBy: '2027-03-31' },
    seriesNo: 1,
    previousPackageDigest: null,
    createdAt: '2026-10-05T00:00:00Z',
    approvals: [],
    auditCheckpoint: null,
    ...(totals as Pick<TransferManifest, 'content' | 'cases' | 'totals'>),
  };
}

async function build(packageId: string): Promise<TransferReport> {
  const manifest = manifestOf(packageId);
  const recipients = [{ recipient, validUntil: VALID_UNTIL }];
  const order = { manifest, files, recipients, signer, sealer: 'bench', contact: 'bench', into: home };
  return report(await timed(async () => void (await buildPackage({ ...order, mediumPolicy: ['HTTPS'] }))));
}

async function open(packageId: string): Promise<TransferReport> {
  const receiver = {
    bodyCode: RECIPIENT.bodyCode,
    identities: [{ identity, recipient, validUntil: VALID_UNTIL }],
    senderKeys: () => [keys.publicKey],
    series: () => ({ seen: false, last: undefined }),
    content: 'TRANSFER' as const,
  };
  const target = join(home, `opened-${packageId}`);
  const folder = join(home, `TRANSFER-${packageId}`);
  const ms = await timed(async () => void (await openPackage(folder, receiver, await folderArea(target))));
  await rm(target, { recursive: true });
  await rm(folder, { recursive: true });
  return report(ms);
}

async function floor(): Promise<TransferReport> {
  const ms = await timed(async () => {
    const hash = createHash('sha256');
    const cipher = createCipheriv('chacha20-poly1305', randomBytes(32), randomBytes(12), {
      authTagLength: 16,
    });
    for (const file of files)
      for await (const piece of file.open()) {
        hash.update(piece);
        cipher.update(piece);
      }
    cipher.final();
    hash.digest();
  });
  return report(ms);
}

function report(ms: number): TransferReport {
  return {
    ms,
    rows: files.reduce((sum, { rows }) => sum + rows, 0),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    peakRss: process.resourceUsage().maxRSS * BYTES_PER_KIBIBYTE,
  };
}

takeOrders(async (order) => {
  const what = order as TransferOrder;
  switch (what.kind) {
    case 'make':
      return await make(what.folder, what.cases);
    case 'build':
      return await build(what.packageId);
    case 'open':
      return await open(what.packageId);
    case 'floor':
      return await floor();
  }
});
process.send?.({});
