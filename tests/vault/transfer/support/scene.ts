import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { randomUUID } from 'node:crypto';
import {
  assemblyApprovalRequest,
  assemblyRequest,
  releaseApprovalRequest,
  releaseRequest,
  transferSettingRequest,
  type JsonObject,
  type PackageAssembly,
  type PackageRelease,
} from '../../../../src/client/index.js';
import { writeCsv } from '../../../../src/protocol/transfer/csv.js';
import {
  LEDGER_FILE,
  TAXPAYER_FILE,
  TRANSFER_FILE_NAMES,
  TRANSFER_LAYOUT,
} from '../../../../src/protocol/transfer/layout.js';
import { keyFingerprint, recipientFingerprint } from '../../../../src/protocol/transfer/keys.js';
import type { Signer } from '../../../../src/protocol/transfer/message.js';
import type { Answer } from '../../../../src/vault/client/wire.js';
import type { TransferDraft } from '../../../../src/vault/client/transferWire.js';
import { completeDraft, openDraft } from '../../../../src/vault/transfer/draft/draft.js';
import { transferAdministration } from '../../../../src/vault/transfer/administration.js';
import { Transfers, type TransferSettings } from '../../../../src/vault/transfer/transfers.js';
import { temporaryFolder } from '../../keys/support/vault.js';
import { byTwos, done } from '../../operation/support/two.js';
import { PURPOSE, testService, type TestPerson, type TestService } from '../../operation/support/vault.js';
import { ledgerLine, taxpayer } from '../../../protocol/transfer/support.js';

/** Body code of the organization. */
export const ORGANIZATION = '249203';

/** Keys of an organization, as its own host has them. */
export interface OrganizationSide {
  readonly identity: string;
  readonly recipient: string;
  readonly signer: Signer;
  readonly signingKey: KeyObject;
}

export async function organizationSide(): Promise<OrganizationSide> {
  const identity = await generateX25519Identity();
  const { privateKey } = generateKeyPairSync('ed25519');
  const publicKey = createPublicKey(privateKey);
  return {
    identity,
    recipient: await identityToRecipient(identity),
    signer: { publicKey, sign: (bytes) => sign(null, bytes, privateKey) },
    signingKey: publicKey,
  };
}

/** UUIDv7 of a test. */
export function newPackageId(): string {
  return randomUUID().replace(/^(.{14})./, '$17');
}

const CONFIRMED = ['P-1029', 'OFFICER-2'];

/** A setting of the recipient with the keys of an organization. */
export function recipientSetting(
  side: Pick<OrganizationSide, 'recipient' | 'signingKey'>,
  own: JsonObject = {},
): JsonObject {
  return {
    kind: 'recipient',
    validFrom: '2026-04-01',
    value: {
      bodyCode: ORGANIZATION,
      name: '架空滞納整理機構',
      keys: [
        {
          recipient: side.recipient,
          fingerprint: recipientFingerprint(side.recipient),
          validFrom: '2026-04-01',
          validTo: '2028-03-31',
          confirmedBy: CONFIRMED,
        },
      ],
      signingKeys: [
        {
          publicKey: side.signingKey.export({ type: 'spki', format: 'pem' }).toString(),
          fingerprint: keyFingerprint(side.signingKey),
          confirmedBy: CONFIRMED,
        },
      ],
      ...own,
    },
  };
}

export const profile = (
  name: string,
  includesIndividualNumber: boolean,
  files: readonly string[] = [TAXPAYER_FILE, LEDGER_FILE],
): JsonObject => ({
  kind: 'profile',
  validFrom: '2026-04-01',
  value: { name, version: '1', includesIndividualNumber, files: [...files] },
});

export const basis = (name: string, coversIndividualNumber: boolean): JsonObject => ({
  kind: 'basis',
  validFrom: '2026-04-01',
  value: { basis: name, recipient: ORGANIZATION, provision: `根拠 ${name}`, coversIndividualNumber },
});

export const round = (own: JsonObject = {}): JsonObject => ({
  kind: 'round',
  validFrom: '2026-04-01',
  value: {
    recipient: ORGANIZATION,
    senderName: '架空市',
    windows: [4, 6, 10, 11],
    quota: 1_000,
    eraseDays: 90,
    holidays: ['2026-11-23'],
    returnBy: null,
    eraseBy: '2027-03-31',
    ...own,
  },
});

/** A vault with transfers, people and settings, without its network. */
export interface TransferScene {
  readonly vault: TestService;
  readonly transfers: Transfers;
  readonly folder: string;
  readonly side: OrganizationSide;
  readonly handler: TestPerson;
  readonly officer: TestPerson;
  readonly auditor: TestPerson;
  /** Asks as an operator at the socket does. */
  operate(command: string, input: object): Promise<unknown>;
  /** Two people decide a setting, and it is entered. */
  enter(setting: JsonObject): Promise<void>;
  /** A complete draft of so many cases. */
  draft(own?: Partial<TransferDraft>, cases?: number): Promise<{ packageId: string; draftDigest: string }>;
  asksAssembly(assembly: PackageAssembly, approver?: 'unit' | 'audit'): Promise<Answer>;
  assembles(assembly: PackageAssembly, approvals: readonly string[]): Promise<Answer>;
  /** Asks, has it approved by the unit's officer (and the audit officer), assembles. */
  assembled(assembly: PackageAssembly, audited?: boolean): Promise<Answer>;
  asksRelease(release: PackageRelease): Promise<Answer>;
  releases(release: PackageRelease, approvals: readonly string[]): Promise<Answer>;
  /** From a new draft to a released package. */
  released(way: 'HTTPS' | 'MEDIUM', own?: Partial<TransferDraft>): Promise<PackageRelease>;
}

export async function transferScene(
  settings: Partial<TransferSettings> = {},
  recipient: JsonObject = {},
  organization?: OrganizationSide,
): Promise<TransferScene> {
  const vault = await testService();
  const side = organization ?? (await organizationSide());
  const folder = settings.folder ?? join(temporaryFolder(), 'transfer');
  const transfers = new Transfers(vault.context, { ...settings, folder });
  await transfers.begin();
  const handler = await vault.person('P-1029', ['packageAssemble', 'packageRelease', 'register']);
  const officer = await vault.officer('OFFICER-9', { role: 'unitOfficer' });
  const asking = await vault.officer('OFFICER-8', { role: 'unitOfficer' });
  const auditor = await vault.officer('AUDITOR-9', { role: 'auditOfficer', unit: 'kansa' });
  const { decides } = byTwos(vault);
  const handlers = transferAdministration(vault.context, transfers, () => undefined);
  const operate: TransferScene['operate'] = (command, input) =>
    handlers[`transfer.${command}`]!(input as JsonObject, 'hanako');
  const enter: TransferScene['enter'] = async (setting) => {
    const reason = '機構の鍵を二人で確認した。';
    const request = { ...asking.context, setting, reason };
    const asked = await vault.run(await transferSettingRequest(asking.key, request));
    const { approvalId = '' } = done(asked);
    done(await decides(officer, approvalId));
    await operate('setting', { setting, personId: asking.personId, approvalId });
  };
  for (const setting of [
    recipientSetting(side, recipient),
    profile('standard', false),
    profile('withNumbers', true),
    profile('whole', false, TRANSFER_FILE_NAMES),
    basis('plain', false),
    basis('numbers', true),
    round(),
  ])
    await enter(setting);
  const asksAssembly: TransferScene['asksAssembly'] = async (assembly, approver = 'unit') => {
    const reason = '11月分の移管';
    const details = { ...handler.context, assembly, approver, reason };
    return vault.run(await assemblyApprovalRequest(handler.key, details));
  };
  const assembles: TransferScene['assembles'] = async (assembly, approvals) => {
    const stepUp = await vault.stepUp(handler);
    return vault.run(await assemblyRequest(handler.key, { ...handler.context, stepUp, approvals, assembly }));
  };
  const assembled: TransferScene['assembled'] = async (assembly, audited = false) => {
    const { approvalId: first = '' } = done(await asksAssembly(assembly));
    done(await decides(officer, first));
    if (!audited) return assembles(assembly, [first]);
    const { approvalId: second = '' } = done(await asksAssembly(assembly, 'audit'));
    done(await decides(auditor, second));
    return assembles(assembly, [first, second]);
  };
  const asksRelease: TransferScene['asksRelease'] = async (release) =>
    vault.run(await releaseApprovalRequest(handler.key, { ...handler.context, release, reason: '搬出' }));
  const releases: TransferScene['releases'] = async (release, approvals) => {
    const stepUp = await vault.stepUp(handler);
    return vault.run(await releaseRequest(handler.key, { ...handler.context, stepUp, approvals, release }));
  };
  const draft: TransferScene['draft'] = (own = {}, cases = 2) => completedDraft(transfers, own, cases);
  const released: TransferScene['released'] = async (way, own = {}) => {
    const { packageId, draftDigest } = await draft(own);
    done(await assembled({ packageId, draftDigest }));
    const { sha256 } = (await operate('seal', { packageId })) as { sha256: string };
    const release = { packageId, draftDigest, ciphertextSha256: sha256, way } as const;
    const { approvalId = '' } = done(await asksRelease(release));
    done(await decides(officer, approvalId));
    done(await releases(release, [approvalId]));
    return release;
  };
  return {
    vault,
    transfers,
    folder,
    side,
    handler,
    officer,
    auditor,
    operate,
    enter,
    draft,
    asksAssembly,
    assembles,
    assembled,
    asksRelease,
    releases,
    released,
  };
}

/** Case numbers in their order. */
export const caseNo = (at: number): string => `D-${String(at).padStart(6, '0')}`;

/** Rows of a file as they come over the network. */
export const taxpayerCsv = (cases: number) =>
  writeCsv(
    TAXPAYER_FILE,
    TRANSFER_LAYOUT[TAXPAYER_FILE],
    Array.from({ length: cases }, (_, at) => taxpayer(caseNo(at + 1))),
  );

/** The worked example of handbook 13 §2 for each case: 130,000 yen unpaid. */
export const ledgerCsv = (cases: number) =>
  writeCsv(
    LEDGER_FILE,
    TRANSFER_LAYOUT[LEDGER_FILE],
    Array.from({ length: cases }, (_, at) => [
      ledgerLine(caseNo(at + 1), 1, 120_000n, 30_000n),
      ledgerLine(caseNo(at + 1), 2, 45_600n, 0n, 5_600n),
    ]).flat(),
  );

/** Sends a file as the client does, in two parts where it is large enough. */
export async function putFile(
  { uploads }: Transfers,
  packageId: string,
  name: string,
  pieces: AsyncIterable<Uint8Array>,
) {
  let part = 0;
  for await (const piece of pieces) {
    await uploads.part(packageId, name, part, piece);
    part += 1;
  }
  return uploads.end(packageId, name, part, 'service:worker');
}

export function draftOf(own: Partial<TransferDraft> = {}): TransferDraft {
  return {
    draftId: newPackageId(),
    roundNo: 3,
    asOf: '2026-11-01T15:00:00Z',
    recipient: ORGANIZATION,
    profile: 'standard',
    purpose: PURPOSE,
    basis: ['plain'],
    ...own,
  };
}

async function completedDraft(transfers: Transfers, own: Partial<TransferDraft>, cases: number) {
  const { context } = transfers;
  const draft = draftOf(own);
  const packageId = draft.draftId;
  await openDraft(context, draft, 'service:worker');
  await putFile(transfers, packageId, TAXPAYER_FILE, taxpayerCsv(cases));
  await putFile(transfers, packageId, LEDGER_FILE, ledgerCsv(cases));
  const { draftDigest } = await completeDraft(context, packageId, [], 'service:worker');
  return { packageId, draftDigest };
}
