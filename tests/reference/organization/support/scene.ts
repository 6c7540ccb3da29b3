import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOrganizationConfiguration } from '../../../../src/config/organization.js';
import { buildPackage, type BuiltPackage } from '../../../../src/protocol/transfer/container/build.js';
import type { ReceiverIdentity } from '../../../../src/protocol/transfer/container/open.js';
import type { TransferManifest } from '../../../../src/protocol/transfer/manifest.js';
import type { PublishedKeys } from '../../../../src/reference/organization/keys.js';
import {
  newIdentity,
  orderOf,
  SENDER_KEYS,
  type TextFile,
} from '../../../protocol/transfer/container/support.js';
import { certificatesIn, type Answer, type Line } from './line.js';

/** Settings of an organization in a folder of the test. */
export async function settingsIn(home: string) {
  const certificates = await certificatesIn(home);
  const environment = {
    KURAMORI_ORGANIZATION_DATA: join(home, 'organization'),
    KURAMORI_ORGANIZATION_PORT: '0',
    KURAMORI_ORGANIZATION_TLS_KEY_FILE: certificates.organization.keyFile,
    KURAMORI_ORGANIZATION_TLS_CERTIFICATE_FILE: certificates.organization.certificateFile,
    KURAMORI_ORGANIZATION_TLS_CA_FILE: certificates.caFile,
    KURAMORI_ORGANIZATION_LOG_LEVEL: 'silent',
  };
  return { certificates, environment, configuration: readOrganizationConfiguration(environment) };
}

/** The municipality's own key for results. */
export const OUR_IDENTITY = await newIdentity();

/** The municipality as an organization registers it. */
export function senders(recipients: readonly ReceiverIdentity[] = [OUR_IDENTITY]) {
  return [
    {
      bodyCode: '999994',
      name: '架空市',
      transferKeys: [SENDER_KEYS.publicKey.export({ type: 'spki', format: 'pem' }).toString()],
      recipients: recipients.map(({ recipient, validUntil }) => ({ recipient, validUntil })),
    },
  ];
}

let made = 0;

/** A package for an organization: the n-th of its series. */
export async function packageFor(
  home: string,
  { recipient, validUntil }: PublishedKeys,
  seriesNo: number,
  before?: BuiltPackage,
  texts?: readonly TextFile[],
): Promise<BuiltPackage> {
  const into = join(home, `out-${(made += 1)}`);
  mkdirSync(into);
  const change: Partial<TransferManifest> = {
    packageId: packageId(made),
    seriesNo,
    previousPackageDigest: before?.outer.ciphertext.sha256 ?? null,
  };
  return await buildPackage(orderOf(into, [{ identity: '', recipient, validUntil }], change, texts));
}

/** Numbers of packages, as a test makes them. */
export function packageId(no: number): string {
  return `0193b1d0-0000-7000-8000-${String(no).padStart(12, '0')}`;
}

/** Sends a package: the two small parts, then the ciphertext from an offset on. */
export async function send(
  line: Line,
  { folder, outer }: BuiltPackage,
  { from = 0, until = outer.ciphertext.bytes } = {},
): Promise<Answer> {
  const path = `/packages/${outer.packageId}`;
  for (const part of ['package.json', 'package.json.sig']) {
    const answer = await line({
      method: 'PUT',
      path: `${path}/${part}`,
      body: readFileSync(join(folder, part)),
    });
    if (answer.status !== 204) return answer;
  }
  const body = readFileSync(join(folder, 'package.age')).subarray(from, until);
  return await line({
    method: 'PUT',
    path: `${path}/package.age`,
    body,
    headers: { 'upload-offset': String(from) },
  });
}

/** What a refusal says: its code, and the step of a package that was rejected. */
export function refusal({ text }: Answer): {
  readonly code: string;
  readonly facts: { readonly step?: string };
} {
  return (JSON.parse(text) as { error: { code: string; facts: { step?: string } } }).error;
}
