import { createPublicKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ERASURE_REQUEST } from '../../../../src/protocol/transfer/deltas.js';
import { openMessage, signMessage } from '../../../../src/protocol/transfer/message.js';
import { ERASURE, type ErasureReport } from '../../../../src/protocol/transfer/receipts.js';
import { askErasure } from '../../../../src/vault/transfer/delivery/deliver.js';
import { transferState } from '../../../../src/vault/transfer/transferState.js';
import { MUNICIPALITY, temporaryFolder } from '../../keys/support/vault.js';
import { houseOf, organizationIn, registerSender, steer, vaultAsks } from '../support/line.js';
import { entriesOf, raisedEntries } from '../support/log.js';
import { acceptanceOf, deliveryOf } from '../support/organization.js';
import { caseNo, ORGANIZATION, organizationSide, round, transferScene } from '../support/scene.js';

const DAY_MS = 24 * 60 * 60_000;
/** How an organization answers that takes no case on. */
const REJECTING = { reject: { [caseNo(1)]: 'OTHER', [caseNo(2)]: 'OTHER' } };
const AGREED = round({ erasesOnRequest: true });

/** A vault and an organization that takes no case on, and a line between them: transfers close with the acceptance. */
async function overTheLine() {
  const home = temporaryFolder();
  const certificates = await houseOf(home);
  const organization = await organizationIn(home, certificates);
  const { recipient, signingKey } = organization.keys;
  const side = { ...(await organizationSide()), recipient, signingKey: createPublicKey(signingKey) };
  const tls = vaultAsks(certificates);
  const scene = await transferScene({ organization: tls }, { url: organization.address }, side);
  registerSender(home, MUNICIPALITY, (await scene.operate('keys', {})) as never);
  steer(home, REJECTING);
  return { home, certificates, organization, side, scene };
}

describe('a transfer that has closed', async () => {
  const { home, side, scene } = await overTheLine();
  const { vault, transfers } = scene;
  const { packageId } = await scene.released('HTTPS');
  const opened = join(home, 'organization', 'opened', packageId);
  const receipts = async () => (await transferState(vault.context, packageId)).receipts;

  test('is not asked for where the agreement provides for no erasure on request', async () => {
    expect(await transfers.round()).toEqual([]);
    expect((await transferState(vault.context, packageId)).state).toBe('CLOSED');
    expect(await transfers.round()).toEqual([]);
    expect(existsSync(opened)).toBe(true);
    await expect(scene.operate('erasureRequest', { packageId })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await entriesOf(vault, 'Transfer.erasureRequest')).toMatchObject([{ decision: 'refuse' }]);
  });

  test('is erased at the organization when it is asked to, once, and its report is kept', async () => {
    await scene.enter(AGREED);
    vault.clock.move(DAY_MS);
    steer(home, { withhold: true });
    expect(await transfers.round()).toEqual([]);
    expect(await receipts()).toHaveLength(2);
    steer(home, REJECTING);
    vault.clock.move(DAY_MS - 1);
    expect(await transfers.round()).toEqual([]);
    expect(await receipts()).toHaveLength(2);
    vault.clock.move(1);
    expect(await transfers.round()).toEqual([]);
    expect(existsSync(opened)).toBe(false);
    expect((await receipts()).map(({ kind }) => kind)).toEqual(['DELIVERY', 'ACCEPTANCE', 'ERASURE']);
    const [row] = await vault.databases.owner.vault.run(
      'test.report',
      ({ raw }) => raw<{ signed: string }[]>`
      select signed from vault.transfer_receipt where kind = 'ERASURE'`,
    );
    expect(openMessage(ERASURE, row!.signed, [side.signingKey])).toMatchObject({ packageId, cases: 2 });
    expect(await transfers.round()).toEqual([]);
    const entries = await entriesOf(vault, 'Transfer.erasureRequest');
    expect(entries.filter(({ decision }) => decision === 'allow')).toHaveLength(1);
    expect(await entriesOf(vault, 'Transfer.erasure')).toHaveLength(1);
  });
});

describe('transfers that have closed', async () => {
  const { home, certificates, organization, scene } = await overTheLine();
  const { vault, transfers } = scene;

  test('whose organization is away are asked for again, and cost a round one step', async () => {
    const { packageId: other } = await scene.released('HTTPS');
    const { packageId: third } = await scene.released('HTTPS');
    const port = Number(new URL(organization.address).port);
    const kinds = async (id: string) =>
      (await transferState(vault.context, id)).receipts.map(({ kind }) => kind);
    await scene.enter(round());
    expect(await transfers.round()).toEqual([]);
    await scene.enter(AGREED);
    vault.clock.move(DAY_MS);
    await organization.stop();
    // Two packages wait for it: the second is not tried after the first.
    expect((await transferState(vault.context, third)).state).toBe('CLOSED');
    expect(await transfers.round()).toEqual([{ what: 'erasure', code: 'TIMEOUT' }]);
    expect(await kinds(other)).toEqual(['DELIVERY', 'ACCEPTANCE']);
    await organizationIn(home, certificates, port);
    expect(await transfers.round()).toEqual([]);
    for (const id of [other, third]) expect(await kinds(id)).toEqual(['DELIVERY', 'ACCEPTANCE', 'ERASURE']);
  });
});

describe('by letter', async () => {
  const scene = await transferScene();
  const { vault, side } = scene;
  await scene.enter(AGREED);
  const { packageId, ciphertextSha256 } = await scene.released('MEDIUM');
  const take = (kind: string, signed: string) => scene.operate('receipt', { packageId, kind, signed });
  const report = (own: Partial<ErasureReport> = {}) =>
    signMessage(
      ERASURE,
      {
        packageId,
        ciphertextSha256,
        organization: { bodyCode: ORGANIZATION, name: '架空滞納整理機構' },
        cases: 2,
        erasedAt: '2027-04-01T00:00:00Z',
        method: '溶解',
        ...own,
      },
      side.signer,
    );

  test('nothing is asked for, or believed, before the package was delivered and has closed', async () => {
    await expect(scene.operate('erasureRequest', { packageId })).rejects.toMatchObject({
      code: 'CONFLICT',
      facts: { state: 'RELEASED' },
    });
    await expect(take('ERASURE', await report())).rejects.toMatchObject({ code: 'BAD_INPUT' });
    expect(await raisedEntries(vault, 'Transfer.erasure')).toEqual(['refused']);
  });

  test('the request is printed, the same each time, and the report is taken from its file', async () => {
    const carried = {
      packageId,
      mediumType: 'DVD_R',
      serialNo: 'DVD-1',
      label: '移管',
      sealNo: 'S-1',
      caseLockNo: 'L-1',
      writtenAt: '2026-11-22T04:00:00Z',
      writtenBy: 'P-1029',
      readBackDigest: ciphertextSha256,
      firstCarrier: 'P-1029',
      secondCarrier: 'OFFICER-1',
      purpose: '搬送',
      fromPlace: '市役所',
      toPlace: '機構',
      transport: '公用車',
      leftAt: '2026-11-22T05:00:00Z',
      expectedAt: '2026-11-22T07:00:00Z',
    };
    await scene.operate('carry', carried);
    const arrived = { medium: 'DVD_R', mediumSerialNo: 'DVD-1', seal: 'INTACT' } as const;
    await take('DELIVERY', await deliveryOf(side, packageId, ciphertextSha256, arrived));
    const rejected = [1, 2].map((at) => ({
      caseNo: caseNo(at),
      outcome: 'REJECTED' as const,
      reason: 'OTHER' as const,
    }));
    await take('ACCEPTANCE', await acceptanceOf(side, packageId, ciphertextSha256, rejected));
    const line = { ca: '', key: '', certificate: '' };
    expect(await askErasure(scene.transfers.context, line, packageId)).toBe(false);
    const { signed } = (await scene.operate('erasureRequest', { packageId })) as { signed: string };
    expect(await scene.operate('erasureRequest', { packageId })).toEqual({ signed });
    const { transferKey } = (await scene.operate('keys', {})) as { transferKey: string };
    expect(openMessage(ERASURE_REQUEST, signed, [createPublicKey(transferKey)])).toMatchObject({
      packageId,
      reason: '移管の終結',
    });
    await expect(take('ERASURE', await report({ cases: 1 }))).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await take('ERASURE', await report());
    await take('ERASURE', await report());
    expect((await transferState(vault.context, packageId)).receipts).toHaveLength(3);
  });
});
