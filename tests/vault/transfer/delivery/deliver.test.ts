import { createPublicKey } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TRANSFER_PART_BYTES_MAX } from '../../../../src/kernel/limits.js';
import { PACKAGE_FILES } from '../../../../src/protocol/transfer/container/packageFiles.js';
import { readCsv } from '../../../../src/protocol/transfer/csv.js';
import {
  INDIVIDUAL_NUMBER_FILE,
  LEDGER_FILE,
  TAXPAYER_FILE,
} from '../../../../src/protocol/transfer/layout.js';
import { RESULT_LAYOUT } from '../../../../src/protocol/transfer/result.js';
import type { PackageAssembly } from '../../../../src/client/index.js';
import type { TransferDraft } from '../../../../src/vault/client/transferWire.js';
import { transferState } from '../../../../src/vault/transfer/transferState.js';
import { MUNICIPALITY, temporaryFolder } from '../../keys/support/vault.js';
import { REGISTERED } from '../../leak/numbers.js';
import { Search } from '../../leak/search.js';
import { spellingsOf } from '../../leak/spellings.js';
import { byTwos, done } from '../../operation/support/two.js';
import { ownKeyLog } from '../../wire/ownKeyLog.js';
import { bytesOf, tapped } from '../../wire/recording.js';
import { openSession } from '../../wire/tls13.js';
import {
  houseOf,
  organizationIn,
  registerSender,
  steer,
  transferClient,
  vaultAsks,
} from '../support/line.js';
import {
  caseNo,
  draftOf,
  ledgerCsv,
  round,
  organizationSide,
  taxpayerCsv,
  transferScene,
} from '../support/scene.js';

const home = temporaryFolder();
const certificates = await houseOf(home);
const organization = await organizationIn(home, certificates);
const published = organization.keys;
const side = {
  ...(await organizationSide()),
  recipient: published.recipient,
  signingKey: createPublicKey(published.signingKey),
};
const keyLog = ownKeyLog();
const line = await tapped(organization.address);
const own = { url: line.through(organization.address) };
const scene = await transferScene({ organization: vaultAsks(certificates) }, own, side);
const { transfers, vault, officer } = scene;
registerSender(home, MUNICIPALITY, (await scene.operate('keys', {})) as never);
const { client } = await transferClient(transfers, certificates);
const CASES = 2_500;
const DAY_MS = 24 * 60 * 60_000;
const TLS_1_3 = 0x0304;
/** Messages of a client's half of a handshake with a certificate: Certificate, CertificateVerify, Finished. */
const CERTIFIED = [11, 15, 20];

/** From a draft over the network to a released package. */
async function released(
  cases: number,
  named: Partial<TransferDraft> = {},
  subjects?: PackageAssembly['subjects'],
): Promise<string> {
  const draft = draftOf(named);
  const packageId = draft.draftId;
  expect(await client.openDraft(draft)).toMatchObject({ state: 'FROZEN', complete: false });
  const ledger = await client.putFile(packageId, LEDGER_FILE, ledgerCsv(cases));
  expect(ledger.rows).toBe(cases * 2);
  if (cases === CASES) expect(ledger.bytes).toBeGreaterThan(TRANSFER_PART_BYTES_MAX);
  await client.putFile(packageId, TAXPAYER_FILE, taxpayerCsv(cases));
  const { draftDigest, totals } = await client.completeDraft(packageId, ['U+2A6D6']);
  expect(totals).toMatchObject({ cases, lines: cases * 2, unpaid: 130_000n * BigInt(cases) });
  expect(await client.completeDraft(packageId)).toMatchObject({ draftDigest });
  const assembly = { packageId, draftDigest, ...(subjects !== undefined && { subjects }) };
  done(await scene.assembled(assembly, cases > 500 || subjects !== undefined));
  const { sha256 } = (await scene.operate('seal', { packageId })) as { sha256: string };
  const release = { packageId, draftDigest, ciphertextSha256: sha256, way: 'HTTPS' } as const;
  const { approvalId = '' } = done(await scene.asksRelease(release));
  done(await byTwos(vault).decides(officer, approvalId));
  done(await scene.releases(release, [approvalId]));
  return packageId;
}

const taken = () => readdirSync(join(home, 'organization', 'packages'));

test('a package goes out in parts, the acceptance comes back, then deltas and results', async () => {
  await scene.enter(round({ quota: 10_000 }));
  steer(home, { reject: { [caseNo(2)]: 'INCOMPLETE' } });
  const packageId = await released(CASES);
  expect(await transfers.round()).toEqual([]);
  expect(await client.state(packageId)).toMatchObject({ state: 'ACTIVE', packageId });
  const outcomes = await client.acceptance(packageId);
  expect(outcomes).toHaveLength(CASES);
  expect(outcomes[1]).toEqual({ caseNo: caseNo(2), outcome: 'REJECTED', reason: 'INCOMPLETE' });

  const delta = {
    packageId,
    deltaNo: 1,
    sentAt: '2026-11-24T00:00:00Z',
    lines: [
      {
        caseNo: caseNo(1),
        lineNo: 1,
        receivedOn: '2026-11-22',
        tax: 10_000n,
        lateCharge: 0n,
        fees: 0n,
        unpaid: 80_000n,
        kind: 'PAID' as const,
      },
    ],
  };
  expect(await client.sendDelta(packageId, delta)).toMatchObject({ deltaNo: 1, state: 'SENT' });
  expect(await client.sendDelta(packageId, delta)).toMatchObject({ state: 'SENT' });
  expect(await client.sendDelta(packageId, { ...delta, deltaNo: 2 })).toMatchObject({ state: 'SENT' });
  const other = { ...delta, sentAt: '2026-11-25T00:00:00Z' };
  await expect(client.sendDelta(packageId, other)).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(client.sendDelta(packageId, { ...delta, deltaNo: 4 })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
});

test('a delta of a package that is not delivered is signed, and waits', async () => {
  const { packageId } = await scene.draft();
  const line = {
    caseNo: caseNo(1),
    lineNo: 1,
    receivedOn: '2026-11-22',
    tax: 1n,
    lateCharge: 0n,
    fees: 0n,
    unpaid: 1n,
    kind: 'PAID' as const,
  };
  const delta = { packageId, deltaNo: 1, sentAt: '2026-11-24T00:00:00Z', lines: [line] };
  expect(await client.sendDelta(packageId, delta)).toMatchObject({ state: 'SIGNED' });
  expect(await transfers.round()).toEqual([]);
  expect(await client.sendDelta(packageId, delta)).toMatchObject({ state: 'SIGNED' });
});

test('a result comes back, is read by the records side, and reconciled to the end', async () => {
  const [packageId = ''] = taken();
  const { openOrganization } = await import('../../../../src/reference/organization/organization.js');
  const { produceResult } = await import('../../../../src/reference/organization/results.js');
  const data = join(home, 'organization');
  const settings = { data, bodyCode: '249203', name: '架空滞納整理機構' };
  const host = await openOrganization(settings, vault.context.clock);
  const period = { from: '2026-11-01', until: '2026-11-30', final: true };
  await produceResult(host, packageId, period);
  expect(await transfers.round()).toEqual([]);
  const [result] = await client.results('');
  expect(result).toMatchObject({ packageId, final: true });
  const name = '21_states.csv';
  let rows = 0;
  for await (const row of readCsv(name, RESULT_LAYOUT[name], client.resultFile(result!.resultId, name)))
    rows += row.caseNo === '' ? 0 : 1;
  expect(rows).toBe(result!.files[0]!.rows);
  expect(await client.reconciled(packageId, 'a'.repeat(64))).toMatchObject({ state: 'CLOSED' });
  expect(await client.reconciled(packageId, 'a'.repeat(64))).toMatchObject({ state: 'CLOSED' });
});

describe('what has passed between the vault and the organization', async () => {
  const numbers = REGISTERED.slice(0, 2);
  const search = new Search(
    numbers.flatMap((digits) => spellingsOf(digits).map(({ name, bytes }) => ({ label: name, bytes }))),
  );
  afterAll(() => vault.clock.move(-DAY_MS));

  const sessions = () =>
    line.connections
      .filter(({ toServer, toClient }) => toServer.length > 0 && toClient.length > 0)
      .map((recorded) => openSession(recorded, keyLog()));
  let packageId = '';

  beforeAll(async () => {
    const { register } = byTwos(vault);
    const subjects = [];
    for (const [at, digits] of numbers.entries())
      subjects.push({ caseNo: caseNo(at + 1), ref: await register(scene.handler, digits) });
    const withNumbers = { profile: 'withNumbers', basis: ['numbers'] };
    packageId = await released(numbers.length, withNumbers, subjects);
    await scene.enter(round({ quota: 10_000, erasesOnRequest: true }));
    vault.clock.move(DAY_MS);
    expect(await transfers.round()).toEqual([]);
  });

  test('is a package with numbers, receipts, a result and an erasure', async () => {
    const states = [];
    for (const id of taken()) states.push(await transferState(vault.context, id));
    const kinds = states.flatMap(({ receipts }) => receipts.map(({ kind }) => kind));
    expect(kinds.toSorted()).toEqual(['ACCEPTANCE', 'ACCEPTANCE', 'DELIVERY', 'DELIVERY', 'ERASURE']);
    expect(states.flatMap(({ history }) => history.map(({ state }) => state))).toContain('RESULT_RECEIVED');
    const opened = join(home, 'organization', 'opened', packageId, INDIVIDUAL_NUMBER_FILE);
    const found = await search.in([readFileSync(opened)]);
    expect([...found]).toContain('digits');
    for (const digits of numbers) expect(readFileSync(opened, 'ascii')).toContain(digits);
  });

  test('is TLS 1.3 and nothing else, with a certificate of either side', () => {
    expect(sessions().length).toBeGreaterThan(0);
    for (const { offered, chosen, clientMessages } of sessions()) {
      expect([offered, chosen]).toEqual([[TLS_1_3], TLS_1_3]);
      expect(clientMessages).toEqual(CERTIFIED);
    }
  });

  test('holds no number that a tap could read, nor one that somebody with the session’s secrets could', async () => {
    expect([...(await search.in(bytesOf(line)))]).toEqual([]);
    const opened = sessions().flatMap(({ toServer, toClient }) => [toServer, toClient]);
    expect([...(await search.in(opened))]).toEqual([]);
    const { outer, outerSignature, ciphertext } = PACKAGE_FILES;
    // They were really opened: the way of the package and its ciphertext lie in them as they are.
    const [passed, sent] = [Buffer.concat(opened), join(scene.folder, 'packages', `TRANSFER-${packageId}`)];
    for (const name of [outer, outerSignature, ciphertext]) {
      expect(passed.includes(`PUT /packages/${packageId}/${name}`)).toBe(true);
      expect(passed.includes(readFileSync(join(sent, name)))).toBe(true);
    }
  });
});

test('an organization that is away holds nothing up; the package goes once it is back', async () => {
  const port = Number(new URL(organization.address).port);
  const before = taken();
  await organization.stop();
  const packageId = await released(2);
  expect(await transfers.round()).toContainEqual({ what: 'deliver', code: 'TIMEOUT' });
  expect(await client.state(packageId)).toMatchObject({ state: 'RELEASED' });
  steer(home, { withhold: true });
  await organizationIn(home, certificates, port);
  expect(await transfers.round()).toEqual([]);
  expect(await client.state(packageId)).toMatchObject({ state: 'DELIVERED' });
  steer(home, {});
  expect(await transfers.round()).toEqual([]);
  expect(await client.state(packageId)).toMatchObject({ state: 'ACTIVE' });
  expect(taken().toSorted()).toEqual([...before, packageId].toSorted());
});

test.each([
  ['of another ciphertext', { wrongDigest: true }],
  ['with a case that was never sent', { unknownCase: 'D-999999' }],
  ['without a case', { leaveOut: caseNo(1) }],
])('an acceptance %s is not taken', async (_, plan) => {
  steer(home, plan);
  const packageId = await released(2);
  const faults = await transfers.round();
  expect(faults.map(({ what }) => what)).toContain('acceptance');
  expect(await client.state(packageId)).toMatchObject({ state: 'DELIVERED' });
});

test('what fails by a defect is told of as one, by nothing that came with it', async () => {
  steer(home, {});
  const assembled = await scene.draft();
  await transfers.round();
  done(await scene.assembled(assembled));
  const packages = join(scene.folder, 'packages');
  rmSync(packages, { recursive: true });
  writeFileSync(packages, '');
  expect(await transfers.round()).toContainEqual({ what: 'seal', code: 'INTERNAL' });
});
