import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KuramoriError } from '../../../kernel/errors.js';
import { TRANSFER_OUTER_BYTES_MAX, TRANSFER_PACKAGE_BYTES_MAX } from '../../../kernel/limits.js';
import { PACKAGE_FILES } from '../../../protocol/transfer/container/packageFiles.js';
import { readOuterRecord } from '../../../protocol/transfer/outerRecord.js';
import { findSetting, requireSetting } from '../setting/setting.store.js';
import type { TransferContext } from '../context.js';
import { deltasOf, insertDeltaSent } from '../delta/delta.store.js';
import { requireDraft } from '../draft/draft.store.js';
import { requestErasure } from '../erasure/request.js';
import { currentState } from '../journal.js';
import { packageFolder } from '../package/seal.js';
import { organizationOf } from '../receipt/organization.js';
import { takeReceipt } from '../receipt/take.js';
import { resultSeries } from '../result/result.store.js';
import { takeResult } from '../result/take.js';
import { OrganizationClient, type OrganizationTls } from './organizationClient.js';

/** By whom the vault notes what it does by itself. */
const BY = 'vault';

/**
 * Hands a released package over by HTTPS and takes the receipt. It goes on where it stopped: the organization says how
 * much it has, and what it has already it takes as it is.
 * @throws KuramoriError TIMEOUT when the organization does not answer: it is tried again; CONFLICT; INTEGRITY_FAILURE
 */
export async function deliverPackage(
  context: TransferContext,
  tls: OrganizationTls,
  packageId: string,
): Promise<void> {
  const { state } = await currentState(context.database, packageId);
  if (state !== 'RELEASED') throw new KuramoriError('CONFLICT', 'The package is not released.', { state });
  await withOrganization(context, tls, packageId, async (organization) => {
    const folder = packageFolder(context, packageId);
    for (const name of [PACKAGE_FILES.outer, PACKAGE_FILES.outerSignature])
      await organization.putPart(packageId, name, await readFile(join(folder, name)));
    const { ciphertext } = PACKAGE_FILES;
    const from = await organization.offset(packageId, ciphertext);
    const signed = await organization.putCiphertext(packageId, ciphertext, join(folder, ciphertext), from);
    await takeReceipt(context, { packageId, kind: 'DELIVERY', signed, by: BY });
  });
}

/** Asks for the acceptance of a delivered package. @returns whether it is there */
export async function askAcceptance(
  context: TransferContext,
  tls: OrganizationTls,
  packageId: string,
): Promise<boolean> {
  return withOrganization(context, tls, packageId, async (organization) => {
    const signed = await organization.acceptance(packageId);
    if (signed === undefined) return false;
    await takeReceipt(context, { packageId, kind: 'ACCEPTANCE', signed, by: BY });
    return true;
  });
}

/** Sends the deltas of a delivered package that wait, in their order. */
export async function sendDeltas(
  context: TransferContext,
  tls: OrganizationTls,
  packageId: string,
): Promise<void> {
  const { database, clock } = context;
  await withOrganization(context, tls, packageId, async (organization) => {
    for (const delta of await deltasOf(database, packageId)) {
      if (delta.sent) continue;
      await organization.sendDelta(packageId, delta.signed);
      await insertDeltaSent(database, clock, delta);
    }
  });
}

/**
 * Asks the organization to erase its copy of a transfer that has closed, where the agreement provides for it and it has
 * an address. @returns whether its report is there
 */
export async function askErasure(
  context: TransferContext,
  tls: OrganizationTls,
  packageId: string,
): Promise<boolean> {
  const { database } = context;
  const { recipient } = await requireDraft(database, packageId);
  const round = await findSetting(database, context, 'round', recipient);
  if (round?.erasesOnRequest !== true) return false;
  const { url } = await requireSetting(database, context, 'recipient', recipient);
  if (url === undefined) return false;
  const request = await requestErasure(context, packageId, BY);
  return withOrganization(context, tls, packageId, async (organization) => {
    const signed = await organization.erasure(packageId, request);
    if (signed === undefined) return false;
    await takeReceipt(context, { packageId, kind: 'ERASURE', signed, by: BY });
    return true;
  });
}

/**
 * Fetches result packages that an organization offers, in the order of its series, and takes them.
 * @returns how many
 */
export async function fetchResults(
  context: TransferContext,
  tls: OrganizationTls,
  bodyCode: string,
): Promise<number> {
  const { database, municipality } = context;
  const { url } = await requireSetting(database, context, 'recipient', bodyCode);
  if (url === undefined) return 0;
  const organization = new OrganizationClient(url, tls);
  let taken = 0;
  try {
    const { last } = await resultSeries(database, bodyCode, '');
    const offered = await organization.results(municipality, last?.seriesNo ?? 0);
    for (const { packageId: resultId } of offered) {
      await fetchOne(context, organization, bodyCode, resultId);
      taken += 1;
    }
    return taken;
  } finally {
    organization.close();
  }
}

async function fetchOne(
  context: TransferContext,
  organization: OrganizationClient,
  bodyCode: string,
  resultId: string,
): Promise<void> {
  const folder = await mkdtemp(join(context.packages, '.result-'));
  try {
    const { outer, outerSignature, ciphertext } = PACKAGE_FILES;
    const fetch = (name: string, bytes: number) =>
      organization.fetchResult(context.municipality, resultId, name, join(folder, name), bytes);
    for (const name of [outer, outerSignature]) await fetch(name, TRANSFER_OUTER_BYTES_MAX);
    const told = readOuterRecord(await readFile(join(folder, outer)));
    // One that says nothing is refused by its taker, and nothing more of it is fetched.
    if (told !== undefined)
      await fetch(ciphertext, Math.min(told.ciphertext.bytes, TRANSFER_PACKAGE_BYTES_MAX));
    await takeResult(context, folder, bodyCode, BY);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function withOrganization<T>(
  context: TransferContext,
  tls: OrganizationTls,
  packageId: string,
  work: (organization: OrganizationClient) => Promise<T>,
): Promise<T> {
  const { setting } = await organizationOf(context.database, context, packageId);
  if (setting.url === undefined)
    throw new KuramoriError('CONFLICT', 'The recipient has no address for HTTPS. Use a medium.');
  const organization = new OrganizationClient(setting.url, tls);
  try {
    return await work(organization);
  } finally {
    organization.close();
  }
}
