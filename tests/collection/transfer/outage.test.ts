import { createPublicKey } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { openAuditLog } from '../../../src/audit/log.js';
import { verifySequence } from '../../../src/audit/verify.js';
import { verifyLedger } from '../../../src/collection/ledger/ledger.verify.js';
import { forwardDeltas } from '../../../src/collection/transfer/deltas.js';
import { learnAcceptance, learnStatus } from '../../../src/collection/transfer/follow.js';
import { freezeRound } from '../../../src/collection/transfer/freeze.js';
import { chooseCandidates, issueNotices, proposeRound } from '../../../src/collection/transfer/prepare.js';
import { closeRound, reconcileRound } from '../../../src/collection/transfer/reconcile.js';
import { receiveResults } from '../../../src/collection/transfer/results.js';
import { submitRound } from '../../../src/collection/transfer/submit.js';
import { openDatabase } from '../../../src/kernel/database/database.js';
import { isKuramoriError } from '../../../src/kernel/errors.js';
import { openOrganization } from '../../../src/reference/organization/organization.js';
import { produceResult } from '../../../src/reference/organization/results.js';
import { Transfers } from '../../../src/vault/transfer/transfers.js';
import { testDatabase } from '../../support/database.js';
import { Records } from '../../support/records.js';
import { MUNICIPALITY, temporaryFolder } from '../../vault/keys/support/vault.js';
import { byTwos, done } from '../../vault/operation/support/two.js';
import { BreakingLine } from '../../vault/transfer/support/breakingLine.js';
import {
  houseOf,
  organizationIn,
  registerSender,
  transferClient,
  vaultAsks,
} from '../../vault/transfer/support/line.js';
import { ORGANIZATION, organizationSide, transferScene } from '../../vault/transfer/support/scene.js';
import { approve, debtor, Jobs, remit, ROUND } from './world.js';

/** The whole way of a round, and at each commit of each step one of the two databases is away for a while. */
const APPEND_MS = 100;
const ROUND_NO = '2026-01';
const home = temporaryFolder();
const certificates = await houseOf(home);
const organization = await organizationIn(home, certificates);
const { recipient, signingKey } = organization.keys;
const side = { ...(await organizationSide()), recipient, signingKey: createPublicKey(signingKey) };
const settings = { organization: vaultAsks(certificates) };
const scene = await transferScene(settings, { url: organization.address }, side);
registerSender(home, MUNICIPALITY, (await scene.operate('keys', {})) as never);

const lines = {
  records: await BreakingLine.open(inject('adminUrl')),
  vault: await BreakingLine.open(inject('adminUrl')),
};
const open = (line: BreakingLine, url: string) =>
  openDatabase({ url: line.through(url), application: 'tests', connections: 3 });
const vaultDatabase = open(lines.vault, scene.vault.databases.urls.vault);
const vaultAudit = openAuditLog(vaultDatabase, { appendMs: APPEND_MS });
const lined = { ...scene.vault.context, database: vaultDatabase, audit: vaultAudit };
const transfers = new Transfers(lined, { ...settings, folder: scene.folder });
const { client } = await transferClient(transfers, certificates);

const db = await testDatabase();
const records = new Records(db.owner);
const loader = open(lines.records, db.urls.loader);
const jobs = new Jobs({ ...db, loader });
afterAll(async () => {
  client.close();
  await jobs.close();
  await vaultAudit.close();
  await Promise.all([loader.close(), vaultDatabase.close()]);
});

/** The life of the case, each state once. */
const STATES = [
  'candidate',
  'noticed',
  'frozen',
  'approved',
  'assembled',
  'sealed',
  'released',
  'delivered',
  'active',
  'resultReceived',
  'reconciled',
  'closed',
];
/** What a step may be called that met a database that is away. */
const AWAY = ['DATABASE_UNAVAILABLE', 'VAULT_UNAVAILABLE', 'AUDIT_UNAVAILABLE'];
const met = new Set<string>();
const SIDES = ['before', 'after'] as const;
/** In the transaction that a step writes itself down with. */
const CHANGE = 'insert into records.change';

async function codeOf(step: () => Promise<unknown>): Promise<string> {
  try {
    await step();
    return 'done';
  } catch (error) {
    return isKuramoriError(error) ? error.code : String(error);
  }
}

function expectAway(at: readonly unknown[], place: 'records' | 'vault', code: string): void {
  expect([...at, AWAY.includes(code) ? 'away' : code]).toEqual([...at, 'away']);
  met.add(`${place}: ${code}`);
}

/** The vault's database goes away; where it does not any more, the records' does before the step is written down. */
async function vaultAway(name: string, step: () => Promise<unknown>): Promise<void> {
  for (const on of SIDES)
    for (let commit = 0; ; commit = next(commit)) {
      lines.vault.breakAt(commit, on);
      lines.records.breakAt(1, 'before', CHANGE);
      const code = await codeOf(step);
      const wasAway = lines.vault.isBroken;
      lines.vault.mend();
      lines.records.mend();
      // A step that has done its work does not fail because of what comes after it.
      if (code !== 'done') expectAway([name, on, commit], 'vault', code);
      if (!wasAway) break;
    }
}

async function recordsAway(name: string, step: () => Promise<unknown>): Promise<void> {
  for (const on of SIDES)
    for (let commit = 0; ; commit = next(commit)) {
      lines.records.breakAt(commit, on);
      const code = await codeOf(step);
      const wasAway = lines.records.isBroken;
      lines.records.mend();
      if (code !== 'done') expectAway([name, on, commit], 'records', code);
      if (!wasAway) break;
    }
}

/** Of the first commits each one, of many the further apart: each rests on those before it. */
const next = (commit: number) => (commit < 3 ? commit + 1 : commit + Math.ceil(commit / 2));

async function goes<T>(name: string, step: () => Promise<T>): Promise<T> {
  await vaultAway(name, step);
  await recordsAway(name, step);
  return step();
}

const job = () => jobs.job;

async function released(packageId: string, draftDigest: string): Promise<void> {
  done(await scene.assembled({ packageId, draftDigest }));
  const { sha256 } = (await scene.operate('seal', { packageId })) as { sha256: string };
  const release = { packageId, draftDigest, ciphertextSha256: sha256, way: 'HTTPS' } as const;
  const { approvalId = '' } = done(await scene.asksRelease(release));
  done(await byTwos(scene.vault).decides(scene.officer, approvalId));
  done(await scene.releases(release, [approvalId]));
}

test('a round goes its whole way though at each commit of each step a database goes away', async () => {
  const { levies, caseNo } = await debtor(records, [120_000n, 45_600n]);
  const configuration = { ...ROUND, recipient: ORGANIZATION, basis: ['plain'], profile: 'whole' };
  await goes('round', () => proposeRound(job(), configuration));
  await approve(db, records, ROUND_NO);
  await goes('candidates', () => chooseCandidates(job(), ROUND_NO));
  await goes('notice', () => issueNotices(job(), ROUND_NO));
  jobs.day = '2026-11-17';
  const { draftId, cases, lines: frozen } = await goes('freeze', () => freezeRound(job(), ROUND_NO));
  expect([cases, frozen]).toEqual([1, 2]);
  const submitted = await goes('submit', () => submitRound(job(), client, ROUND_NO));
  expect(submitted).toMatchObject({ cases: 1, unpaid: 165_600n, repeated: true });
  await records.receipt({ levyId: levies[0]!, applied: 20_000n }, { paidOn: '2026-11-18' });
  await released(draftId, submitted.draftDigest);
  expect(await scene.transfers.round()).toEqual([]);
  const status = await goes('status', () => learnStatus(job(), client, ROUND_NO));
  expect(Object.fromEntries(status.cases)).toEqual({ delivered: 1 });
  const { waiting } = await goes('acceptance', () => learnAcceptance(job(), client, ROUND_NO));
  expect(waiting).toBe(0);
  await goes('deltas', () => forwardDeltas(job(), client, ROUND_NO));
  expect(await scene.transfers.round()).toEqual([]);
  await told(draftId);
  const { results } = await goes('results', () => receiveResults(job(), client, ROUND_NO));
  expect(results).toEqual([]);
  for (const { id, collected } of await resultsKept()) await remit(db, records, id, collected);
  const reconciled = await goes('reconcile', () => reconcileRound(job(), client, ROUND_NO));
  expect(reconciled).toMatchObject({ differences: [], paidHere: 20_000n });
  await goes('close', () => closeRound(job(), ROUND_NO));
  expect(await client.state(draftId)).toMatchObject({ state: 'CLOSED' });
  expect(await statesOf(caseNo)).toEqual(STATES);
}, 120_000);

test('nothing is there twice, both logs are whole, and each failure was one of a database', async () => {
  expect(await verifyLedger(db.owner)).toMatchObject({ sound: true });
  for (const owner of [db.owner, scene.vault.databases.owner.vault])
    expect((await verifySequence(owner)).faults).toEqual([]);
  const deltas = await scene.vault.databases.owner.vault.run(
    'test.deltas',
    ({ raw }) => raw`select from vault.transfer_delta`,
  );
  expect(deltas).toHaveLength(1);
  expect([...met]).toEqual(
    expect.arrayContaining(['records: DATABASE_UNAVAILABLE', 'vault: AUDIT_UNAVAILABLE']),
  );
});

/** The organization collects everything, and reports it by a final result. */
async function told(packageId: string): Promise<void> {
  const data = { data: join(home, 'organization'), bodyCode: ORGANIZATION, name: '架空滞納整理機構' };
  const host = await openOrganization(data, scene.vault.context.clock);
  await produceResult(host, packageId, { from: '2026-11-01', until: '2026-11-30', final: true });
  expect(await scene.transfers.round()).toEqual([]);
  jobs.day = '2026-12-08';
}

function resultsKept() {
  return db.owner.run(
    'test.results',
    ({ raw }) => raw<{ id: string; collected: bigint }[]>`
    select result_id::text as id, collected from records.transfer_result where collected > 0`,
  );
}

async function statesOf(caseNo: string): Promise<readonly string[]> {
  const rows = await db.owner.run(
    'test.states',
    ({ raw }) => raw<{ state: string }[]>`
    select s.state from records.transfer_state s join records.transfer_case t on t.id = s.transfer_id
    join records.delinquency_case c on c.id = t.case_id where c.case_no = ${caseNo} order by s.step`,
  );
  return rows.map(({ state }) => state);
}
