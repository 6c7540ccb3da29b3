import { createPublicKey, sign, type KeyObject } from 'node:crypto';
import type { TransferRow } from '../../../src/protocol/transfer/layout.js';
import type { TransferManifest } from '../../../src/protocol/transfer/manifest.js';
import type { Signer } from '../../../src/protocol/transfer/message.js';
import { OUTER_FORMAT, type OuterRecord } from '../../../src/protocol/transfer/outerRecord.js';

export const PACKAGE_ID = '0193b1d0-0000-7000-8000-000000000001';
const SENDER = { bodyCode: '999994', name: '架空市' };

/** Signs with a private Ed25519 key that the test holds. */
export function signerOf(privateKey: KeyObject): Signer {
  return { publicKey: createPublicKey(privateKey), sign: (bytes) => sign(null, bytes, privateKey) };
}

/** The manifest (目録) of the handbook's worked example: one case, 130,000 yen unpaid. */
export function manifestOf(change: Partial<TransferManifest> = {}): TransferManifest {
  return {
    format: 'spi-transfer/1',
    content: 'TRANSFER',
    packageId: PACKAGE_ID,
    sender: SENDER,
    recipient: { bodyCode: '249203', name: '架空滞納整理機構', keyFingerprints: ['a'.repeat(64)] },
    basis: ['番号法第19条第8号に基づく命令 第2条の表48の項'],
    purpose: '滞納事案の移管',
    profile: { name: 'standard', version: '1', includesIndividualNumber: false },
    asOf: '2026-10-01T15:00:00Z',
    cases: 1,
    files: [{ name: '01_taxpayer.csv', bytes: 10, rows: 1, sha256: 'b'.repeat(64) }],
    unmappable: ['U+2A6D6'],
    retention: { returnBy: null, eraseBy: '2027-03-31' },
    totals: {
      cases: 1,
      lines: 2,
      assessed: 165_600n,
      paid: 30_000n,
      reduced: 5_600n,
      unpaid: 130_000n,
      lateChargeFixed: 0n,
      fees: 200n,
      perCaseSha256: 'd'.repeat(64),
    },
    seriesNo: 1,
    previousPackageDigest: null,
    createdAt: '2026-10-05T01:00:00Z',
    approvals: [
      { id: 'AP-1', personRole: '保護責任者', at: '2026-10-05T00:30:00Z', draftDigest: 'e'.repeat(64) },
    ],
    auditCheckpoint: { origin: 'vault.example/999994', size: '1234', root: 'A'.repeat(43) },
    ...change,
  };
}

/** The outer record (外装記録) of a package. */
export function outerRecord(): OuterRecord {
  return {
    format: OUTER_FORMAT,
    packageId: PACKAGE_ID,
    seriesNo: 1,
    sender: SENDER,
    recipientKeys: ['a'.repeat(64)],
    ciphertext: { bytes: 1_000, sha256: 'b'.repeat(64) },
    createdAt: '2026-10-05T01:00:00Z',
    sealer: { name: 'vault', keyFingerprint: 'c'.repeat(64) },
    mediumPolicy: ['DVD_R'],
    auditCheckpoint: null,
  };
}

/** An invented taxpayer (滞納者). */
export function taxpayer(caseNo: string): TransferRow['01_taxpayer.csv'] {
  return {
    caseNo,
    addresseeNo: '0000000123',
    name: '蔵守 太郎',
    kana: null,
    birthDate: '1970-01-31',
    sex: 'M',
    address: '架空市中央1-2-3, "蔵"ビル\n2階',
    phones: null,
    mailingAddress: null,
    corporateNumber: null,
  };
}

/** A line of the ledger (滞納明細) whose unpaid amount follows. */
export function ledgerLine(
  caseNo: string,
  lineNo: number,
  assessed: bigint,
  paid = 0n,
  reduced = 0n,
): TransferRow['03_ledger.csv'] {
  return {
    caseNo,
    lineNo,
    taxItem: 'RESIDENT',
    levyFiscalYear: 2025,
    taxYear: 2025,
    instalmentNo: 1,
    dueOn: '2025-06-30',
    assessed,
    paid,
    reduced,
    unpaid: assessed - paid - reduced,
    lateChargeFixed: 0n,
    lateChargeFrom: '2025-07-01',
    reminderFee: 100n,
    dispositionCost: 0n,
    notes: null,
  };
}

/** What a promise or a function throws, as code and sentence. */
export function thrown(run: () => unknown): { code?: string; message?: string } {
  try {
    run();
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message };
  }
  return {};
}

/** All that comes. */
export async function allOf<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}

/** All bytes of a stream. */
export async function collected(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await allOf(stream));
}
