import { createPublicKey } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as tables from '../../../schema/records/index.js';
import { forwardDeltas } from '../../../src/collection/transfer/deltas.js';
import { learnAcceptance, learnStatus } from '../../../src/collection/transfer/follow.js';
import { freezeRound } from '../../../src/collection/transfer/freeze.js';
import { chooseCandidates, issueNotices, proposeRound } from '../../../src/collection/transfer/prepare.js';
import { closeRound, reconcileRound } from '../../../src/collection/transfer/reconcile.js';
import { receiveResults } from '../../../src/collection/transfer/results.js';
import { submitRound } from '../../../src/collection/transfer/submit.js';
import { readLimitations } from '../../../src/collection/limitation/limitation.store.js';
import { verifyLedger } from '../../../src/collection/ledger/ledger.verify.js';
import { openOrganization } from '../../../src/reference/organization/organization.js';
import { takenRows } from '../../../src/reference/organization/taken.js';
import { produceResult } from '../../../src/reference/organization/results.js';
import { testDatabase } from '../../support/database.js';
import { Records } from '../../support/records.js';
import { MUNICIPALITY, temporaryFolder } from '../../vault/keys/support/vault.js';
import { byTwos, done } from '../../vault/operation/support/two.js';
import {
  houseOf,
  organizationIn,
  registerSender,
  steer,
  transferClient,
  vaultAsks,
} from '../../vault/transfer/support/line.js';
import { ORGANIZATION, organizationSide, transferScene } from '../../vault/transfer/support/scene.js';
import { approve, debtor, Jobs, remit, ROUND } from './world.js';

/** The whole way: records, the real vault over its network, the reference organization over its own. */
const home = temporaryFolder();
const certificates = await houseOf(home);
const organization = await organizationIn(home, certificates);
const { recipient, signingKey } = organization.keys;
const side = { ...(await organizationSide()), recipient, signingKey: createPublicKey(signingKey) };
const scene = await transferScene(
  { organization: vaultAsks(certificates) },
  { url: organization.address },
  side,
);
registerSender(home, MUNICIPALITY, (await scene.operate('keys', {})) as never);
const { client } = await transferClient(scene.transfers, certificates);

const db = await testDatabase();
const records = new Records(db.owner);
const jobs = new Jobs(db);
const ROUND_NO = '2026-01';
let accepted: Awaited<ReturnType<typeof debtor>>;
let rejected: Awaited<ReturnType<typeof debtor>>;

beforeAll(async () => {
  accepted = await debtor(records, [120_000n, 45_600n], { name: '髙橋　一郎' });
  rejected = await debtor(records, [80_000n]);
  await promiseAndWriteOff();
  await proposeRound(jobs.job, { ...ROUND, recipient: ORGANIZATION, basis: ['plain'], profile: 'whole' });
  await approve(db, records, ROUND_NO);
  await chooseCandidates(jobs.job, ROUND_NO);
  await issueNotices(jobs.job, ROUND_NO);
  jobs.day = '2026-11-17';
  await freezeRound(jobs.job, ROUND_NO);
});

afterAll(() => jobs.close());

/** What files 08 and 09 tell of: a promise of a line that is handed over, and another line that was written off. */
async function promiseAndWriteOff(): Promise<void> {
  const { addresseeNo } = accepted;
  const plan = [
    { dueOn: '2026-09-30', amount: 45_000n },
    { dueOn: '2026-12-25', amount: 600n },
  ];
  await records.promise(accepted, [accepted.levies[1]!], plan);
  const levyId = await records.levy(addresseeNo, { dueOn: '2019-06-30' });
  const claim = { levyId, component: 'tax', amount: 10_000n, extinguishedOn: '2024-07-01' } as const;
  const proposalId = await records.writeOffProposal({ addresseeNo, cause: 'limitation' }, [claim]);
  await records.bare(tables.writeOffDecisions, {
    proposalId,
    outcome: 'approved',
    decidedBy: 'seed-chief',
    decidedOn: '2026-10-28',
    reason: '決定',
    changeId: await records.changeId(),
  });
}

/** The rows of a file as the organization has them, once the package passed every check of its receiver. */
async function taken(...of: Parameters<typeof takenRows>): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const row of takenRows(...of)) rows.push(row);
  return rows;
}

/** Two people approve the draft in the vault, which seals it and sends it. */
async function released(packageId: string, draftDigest: string): Promise<void> {
  done(await scene.assembled({ packageId, draftDigest }));
  const { sha256 } = (await scene.operate('seal', { packageId })) as { sha256: string };
  const release = { packageId, draftDigest, ciphertextSha256: sha256, way: 'HTTPS' } as const;
  const { approvalId = '' } = done(await scene.asksRelease(release));
  done(await byTwos(scene.vault).decides(scene.officer, approvalId));
  done(await scene.releases(release, [approvalId]));
}

test('a round goes out through the vault and comes back locked, case by case', async () => {
  const submitted = await submitRound(jobs.job, client, ROUND_NO);
  expect(submitted).toMatchObject({ cases: 2, unpaid: 245_600n, unmappable: ['U+9AD9'] });
  await records.receipt({ levyId: accepted.levies[0]!, applied: 20_000n }, { paidOn: '2026-11-18' });
  expect(await learnStatus(jobs.job, client, ROUND_NO)).toMatchObject({ packageState: 'FROZEN' });
  const { draftId } = await freezeRound(jobs.job, ROUND_NO);
  await released(draftId, submitted.draftDigest);
  steer(home, { reject: { [rejected.caseNo]: 'INCOMPLETE' } });
  expect(await scene.transfers.round()).toEqual([]);
  const { cases } = await learnStatus(jobs.job, client, ROUND_NO);
  expect(Object.fromEntries(cases)).toEqual({ delivered: 2 });
  expect(await learnAcceptance(jobs.job, client, ROUND_NO)).toEqual({ accepted: 1, rejected: 1, waiting: 0 });
  expect(await forwardDeltas(jobs.job, client, ROUND_NO)).toMatchObject({ messages: 1, lines: 1 });
});

test('its result is taken, posted, reconciled to the yen, and the round is closed on both sides', async () => {
  const { draftId: packageId } = await freezeRound(jobs.job, ROUND_NO);
  const settings = { data: join(home, 'organization'), bodyCode: ORGANIZATION, name: '架空滞納整理機構' };
  const host = await openOrganization(settings, scene.vault.context.clock);
  const { caseNo } = accepted;
  const promise = { caseNo, promiseNo: 1, legalGround: '民法第152条（承認）' };
  expect(await taken(host, packageId, '08_promises.csv')).toEqual([
    { ...promise, dueOn: '2026-09-30', amount: 45_000n, state: 'BROKEN' },
    { ...promise, dueOn: '2026-12-25', amount: 600n, state: 'RUNNING' },
  ]);
  const writeOff = { caseNo, kind: 'WRITE_OFF', ground: 'LIMITATION', from: '2024-07-01', until: null };
  expect(await taken(host, packageId, '09_suspension.csv')).toEqual([{ ...writeOff, amount: 10_000n }]);
  await produceResult(host, packageId, { from: '2026-11-01', until: '2026-11-25', final: false });
  expect(await scene.transfers.round()).toEqual([]);
  jobs.day = '2026-12-08';
  const taking = { contacts: 1, areTold: true };
  const monthly = await receiveResults(jobs.job, client, ROUND_NO);
  expect(monthly.results).toMatchObject([{ final: false, acts: { ...taking, dispositions: 1, ended: 0 } }]);
  expect([...(await readLimitations(db.gateway, accepted.levies)).values()]).toMatchObject([
    { isHeld: true },
    { isHeld: true },
  ]);
  await produceResult(host, packageId, { from: '2026-11-26', until: '2026-11-30', final: true });
  expect(await scene.transfers.round()).toEqual([]);
  const last = await receiveResults(jobs.job, client, ROUND_NO);
  const ended = { ...taking, dispositions: 0, ended: 1, renewals: 2 };
  expect(last.results).toMatchObject([{ final: true, acts: ended }]);
  for (const levyId of accepted.levies)
    expect((await readLimitations(db.gateway, [levyId])).get(levyId)).toMatchObject({
      isHeld: false,
      completesOn: '2031-11-30',
    });
  for (const { resultId, collected } of [...monthly.results, ...last.results])
    if (collected > 0n) await remit(db, records, resultId, collected);
  expect(await reconcileRound(jobs.job, client, ROUND_NO)).toMatchObject({
    differences: [],
    lasting: 0,
    untold: 0,
  });
  expect(await client.state(packageId)).toMatchObject({ state: 'CLOSED' });
  expect(await closeRound(jobs.job, ROUND_NO)).toMatchObject({ closed: 1 });
  expect(await verifyLedger(db.owner)).toMatchObject({ sound: true });
});
