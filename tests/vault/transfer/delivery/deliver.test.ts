import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TRANSFER_PART_BYTES_MAX } from '../../../../src/kernel/limits.js';
import { readCsv } from '../../../../src/protocol/transfer/csv.js';
import { LEDGER_FILE, TAXPAYER_FILE } from '../../../../src/protocol/transfer/layout.js';
import { RESULT_LAYOUT } from '../../../../src/protocol/transfer/result.js';
import { MUNICIPALITY, temporaryFolder } from '../../keys/support/vault.js';
import { byTwos, done } from '../../operation/support/two.js';
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
import { createPublicKey } from 'node:crypto';

const home = temporaryFolder();
const certificates = await houseOf(home);
const organization = await organizationIn(home, certificates);
const published = organization.keys;
const side = {
  ...(await organizationSide()),
  recipient: published.recipient,
  signingKey: createPublicKey(published.signingKey),
};
const own = { url: organization.address };
const scene = await transferScene({ organization: vaultAsks(certificates) }, own, side);
const { transfers, vault, officer } = scene;
registerSender(home, MUNICIPALITY, (await scene.operate('keys', {})) as never);
const { client } = await transferClient(transfers, certificates);
const CASES = 2_500;

/** From a draft over the network to a released package. */
async function released(cases: number): Promise<string> {
  const draft = draftOf();
  const packageId = draft.draftId;
  expect(await client.openDraft(draft)).toMatchObject({ state: 'FROZEN', complete: false });
  const ledger = await client.putFile(packageId, LEDGER_FILE, ledgerCsv(cases));
  expect(ledger.rows).toBe(cases * 2);
  if (cases === CASES) expect(ledger.bytes).toBeGreaterThan(TRANSFER_PART_BYTES_MAX);
  await client.putFile(packageId, TAXPAYER_FILE, taxpayerCsv(cases));
  const { draftDigest, totals } = await client.completeDraft(packageId, ['U+2A6D6']);
  expect(totals).toMatchObject({ cases, lines: cases * 2, unpaid: 130_000n * BigInt(cases) });
  expect(await client.completeDraft(packageId)).toMatchObject({ draftDigest });
  done(await scene.assembled({ packageId, draftDigest }, cases > 500));
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

test('an organization that is away holds nothing up; the package goes once it is back', async () => {
  const port = Number(new URL(organization.address).port);
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
  expect(taken()).toHaveLength(2);
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
