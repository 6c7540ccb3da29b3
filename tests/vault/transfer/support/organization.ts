import { mkdirSync } from 'node:fs';
import { buildPackage, type DataFile } from '../../../../src/protocol/transfer/container/build.js';
import { ContentCheck } from '../../../../src/protocol/transfer/content.js';
import { heading, rowsText } from '../../../../src/protocol/transfer/csv.js';
import { sha256Hex } from '../../../../src/protocol/transfer/forms.js';
import { recipientFingerprint } from '../../../../src/protocol/transfer/keys.js';
import type { ResultManifest } from '../../../../src/protocol/transfer/manifest.js';
import { signMessage } from '../../../../src/protocol/transfer/message.js';
import {
  ACCEPTANCE,
  DELIVERY,
  type AcceptanceReceipt,
  type DeliveryReceipt,
} from '../../../../src/protocol/transfer/receipts.js';
import { RESULT_LAYOUT, type ResultFileName } from '../../../../src/protocol/transfer/result.js';
import { MUNICIPALITY, temporaryFolder } from '../../keys/support/vault.js';
import { caseNo, newPackageId, ORGANIZATION, type OrganizationSide } from './scene.js';

const BODY = { bodyCode: ORGANIZATION, name: '架空滞納整理機構' };

/** A receipt of an organization, signed. */
export function deliveryOf(
  side: OrganizationSide,
  packageId: string,
  ciphertextSha256: string,
  own: Partial<DeliveryReceipt> = {},
): Promise<string> {
  const receipt = {
    packageId,
    ciphertextSha256,
    organization: BODY,
    medium: 'HTTPS',
    mediumSerialNo: null,
    seal: null,
    receivedBy: '受付',
    receivedAt: '2026-11-22T05:00:00Z',
    ...own,
  } as const;
  return signMessage(DELIVERY, receipt, side.signer);
}

export function acceptanceOf(
  side: OrganizationSide,
  packageId: string,
  ciphertextSha256: string,
  cases: AcceptanceReceipt['cases'],
  own: Partial<AcceptanceReceipt> = {},
): Promise<string> {
  const receipt = {
    packageId,
    ciphertextSha256,
    organization: BODY,
    cases,
    decidedAt: '2026-11-25T05:00:00Z',
    ...own,
  };
  return signMessage(ACCEPTANCE, receipt, side.signer);
}

/** Every case of a package of so many is taken on. */
export const allAccepted = (cases: number): AcceptanceReceipt['cases'] =>
  Array.from({ length: cases }, (_, at) => ({ caseNo: caseNo(at + 1), outcome: 'ACCEPTED' as const }));

const COLLECTION = {
  caseNo: caseNo(1),
  lineNo: 1,
  collectedOn: '2026-12-10',
  amount: 20_000n,
  tax: 20_000n,
  lateCharge: 0n,
  fees: 0n,
  dispositionCost: 0n,
};

/** A result package as an organization makes it. @returns its folder, and its id */
export async function resultPackage(
  side: OrganizationSide,
  to: string,
  concerns: string,
  own: Partial<ResultManifest> = {},
  collections = 1,
): Promise<{ folder: string; resultId: string }> {
  const files = [
    resultFile('21_states.csv', [
      { caseNo: caseNo(1), state: 'CONTINUED', on: '2026-12-31', judgement: null },
    ]),
    resultFile(
      '22_collections.csv',
      Array.from({ length: collections }, () => COLLECTION),
    ),
  ];
  const check = new ContentCheck('RESULT');
  for (const file of files) {
    const passing = check.begin(file.name);
    for await (const bytes of file.open()) passing.push(bytes);
    passing.end();
  }
  const resultId = newPackageId();
  const manifest = {
    format: 'spi-transfer/1',
    packageId: resultId,
    sender: BODY,
    recipient: { bodyCode: MUNICIPALITY, name: '架空市', keyFingerprints: [recipientFingerprint(to)] },
    basis: ['条例第3条'],
    purpose: '滞納整理の結果の報告',
    profile: { name: 'result', version: '1', includesIndividualNumber: false },
    asOf: '2026-12-31T15:00:00Z',
    files: files.map(({ name, bytes, rows, sha256 }) => ({ name, bytes, rows, sha256 })),
    unmappable: [],
    retention: { returnBy: null, eraseBy: '2027-12-31' },
    concerns,
    period: { from: '2026-12-01', until: '2026-12-31', final: false },
    seriesNo: 1,
    previousPackageDigest: null,
    createdAt: '2027-01-05T00:00:00Z',
    approvals: [],
    auditCheckpoint: null,
    ...check.end(),
    ...own,
  } as ResultManifest;
  const into = temporaryFolder();
  mkdirSync(into, { recursive: true });
  const { folder } = await buildPackage({
    manifest,
    files,
    recipients: [{ recipient: to, validUntil: '2028-01-01T00:00:00Z' }],
    signer: side.signer,
    sealer: 'organization',
    mediumPolicy: ['HTTPS'],
    contact: BODY.name,
    into,
  });
  return { folder, resultId };
}

function resultFile(name: ResultFileName, rows: readonly object[]): DataFile {
  const columns = RESULT_LAYOUT[name];
  const bytes = Buffer.from(heading(columns) + rowsText(name, columns, rows as never, 1));
  return {
    name,
    rows: rows.length,
    bytes: bytes.length,
    sha256: sha256Hex(bytes),
    open: async function* () {
      yield bytes;
    },
  };
}
