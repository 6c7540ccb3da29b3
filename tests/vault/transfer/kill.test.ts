import { existsSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { freezeRound } from '../../../src/collection/transfer/freeze.js';
import { chooseCandidates, issueNotices, proposeRound } from '../../../src/collection/transfer/prepare.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { openOrganization } from '../../../src/reference/organization/organization.js';
import { produceResult } from '../../../src/reference/organization/results.js';
import { StandingClock } from '../../access/support/clock.js';
import { house as registerHouse } from '../../access/support/house.js';
import { approve, debtor, Jobs, remit, ROUND } from '../../collection/transfer/world.js';
import { testDatabase } from '../../support/database.js';
import { Records } from '../../support/records.js';
import type { Moment } from './support/databaseLine.js';
import { EVERY_MONTH, transferHouse, type Typed } from './support/house.js';
import { ORGANIZATION, round } from './support/scene.js';

const house = await transferHouse();
const db = await testDatabase();
const records = new Records(db.owner);
const ROUND_NO = '2026-01';
house.withRecords(db.urls.owner);

/** A frozen round of three people; from here on the command line works. */
const jobs = new Jobs(db);
afterAll(() => jobs.close());
const register = await registerHouse(db, new StandingClock('2026-11-02T03:00:00Z'));
await register.staff('S0001', ['delinquencyOfficer']);
const first = await debtor(records, [120_000n, 45_600n]);
for (const tax of [80_000n, 70_000n]) await debtor(records, [tax]);
await proposeRound(jobs.job, { ...ROUND, recipient: ORGANIZATION, basis: ['plain'] });
await approve(db, records, ROUND_NO);
await chooseCandidates(jobs.job, ROUND_NO);
await issueNotices(jobs.job, ROUND_NO);
jobs.day = '2026-11-17';
await freezeRound(jobs.job, ROUND_NO);

const cron = (step: string) => house.kuramori('transfer', step, ROUND_NO, '--as', 'S0001');
const operator = (...args: readonly string[]) => house.kuramori('vault', 'transfer', ...args);
const around = (statement: string, value?: string): Moment[] =>
  (['before', 'after'] as const).map((when) => ({ statement, when, ...(value !== undefined && { value }) }));
const reaching = (state: string) => around('insert into vault.transfer_state', state);

/** What a package is called by. */
let packageId = '';
let draftDigest = '';

/** Nothing lies about that nobody knows. */
async function assertTidy(): Promise<void> {
  const known = await house.rows<{ id: string }>('select spool_id as id from vault.transfer_spool');
  expect(house.spool().toSorted()).toEqual(known.map(({ id }) => id).toSorted());
  expect(house.packages().filter((name) => name !== `TRANSFER-${packageId}`)).toEqual([]);
}

/** A command whose vault is killed at each moment of it, and which is typed again each time. */
async function survives(
  moments: readonly (Moment | (() => Promise<void>))[],
  command: () => Promise<Typed>,
): Promise<string> {
  for (const moment of moments) {
    const died = await house.killedAt(typeof moment === 'function' ? moment() : moment, command);
    expect(died).toMatchObject({ status: 'fulfilled' });
    expect(died.status === 'fulfilled' && died.value.code).not.toBe(0);
    await assertTidy();
  }
  const done = await command();
  expect(done).toMatchObject({ code: 0 });
  return done.said;
}

const states = () =>
  house
    .rows<{ state: string }>('select state from vault.transfer_state order by step')
    .then((rows) => rows.map(({ state }) => state));

/** Entries of what was done in the vault's log, each so often. */
async function timesLogged(...coordinates: string[]): Promise<Record<string, number>> {
  const entries = await house.rows<{ coordinate: string; times: number }>(
    `select coordinate, count(*)::integer as times from audit.entry where decision = 'allow' group by 1`,
  );
  const times = new Map(entries.map(({ coordinate, times: counted }) => [coordinate, counted]));
  return Object.fromEntries(coordinates.map((coordinate) => [coordinate, times.get(coordinate) ?? 0]));
}

/** The package is on its way up: more than any small part has, less than the ciphertext. */
const UPLOADED_BYTES = 8 * 1024;
const FETCHED_BYTES = 5 * 1024;

async function eventually(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !isSo(); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isSo()).toBe(true);
}

describe('a vault that is killed by SIGKILL', { timeout: 120_000 }, () => {
  test('while rows come in takes each file once when they are sent again', async () => {
    const said = await survives(
      [
        ...reaching('FROZEN'),
        ...around('insert into vault.transfer_spool', '03_ledger.csv'),
        ...around('insert into vault.transfer_completion'),
      ],
      () => cron('submit'),
    );
    expect(said).toContain('事案 cases 3');
    const [draft, ...others] = await house.rows<{ id: string; digest: string }>(
      'select package_id as id, draft_digest as digest from vault.transfer_completion',
    );
    expect(others).toEqual([]);
    [packageId, draftDigest] = [draft!.id, draft!.digest];
    expect(house.spool()).toHaveLength(10);
  });

  test('while a package is assembled uses its approval up once', async () => {
    const sign = await house.people.assembly({ packageId, draftDigest });
    const [before, after] = reaching('ASSEMBLED');
    const unheard = await sign();
    expect(await house.killedAt(before!, () => house.people.operate(unheard))).toMatchObject({
      status: 'rejected',
    });
    await expect(house.people.operate(unheard)).rejects.toMatchObject({ code: 'REPLAY_DETECTED' });
    const signed = await sign();
    expect(await house.killedAt(after!, () => house.people.operate(signed))).toMatchObject({
      status: 'rejected',
    });
    await expect(house.people.operate(signed)).rejects.toMatchObject({ code: 'REPLAY_DETECTED' });
    expect(JSON.parse((await operator('state', packageId)).said)).toMatchObject({
      state: 'ASSEMBLED',
      seriesNo: 1,
    });
    await expect(house.people.operate(await sign())).rejects.toMatchObject({ code: 'DUAL_CONTROL_REQUIRED' });
  });

  test('while it seals makes one package, and the spool is gone', async () => {
    const building = () =>
      new Promise<void>((resolve) => {
        const watching = watch(join(house.folder, 'packages'), (_, name) => {
          if (name?.startsWith('.TRANSFER-') !== true) return;
          watching.close();
          resolve();
        });
      });
    await survives([building, ...reaching('SEALED')], () => operator('seal', packageId));
    expect(house.packages()).toEqual([`TRANSFER-${packageId}`]);
    expect(house.spool()).toEqual([]);
  });

  test('while a package is released lets the one that was approved leave', async () => {
    const [sealed] = await house.rows<{ sha256: string }>('select sha256 from vault.transfer_sealed');
    const ciphertextSha256 = sealed!.sha256;
    const sign = await house.people.release({ packageId, draftDigest, ciphertextSha256, way: 'HTTPS' });
    const [before, after] = reaching('RELEASED');
    expect(await house.killedAt(before!, async () => house.people.operate(await sign()))).toMatchObject({
      status: 'rejected',
    });
    const signed = await sign();
    expect(await house.killedAt(after!, () => house.people.operate(signed))).toMatchObject({
      status: 'rejected',
    });
    await expect(house.people.operate(signed)).rejects.toMatchObject({ code: 'REPLAY_DETECTED' });
    expect(await states()).toContain('RELEASED');
    await expect(house.people.operate(await sign())).rejects.toMatchObject({ code: 'DUAL_CONTROL_REQUIRED' });
  });

  test('asks as whom its files say, told by SIGHUP', async () => {
    house.showsOrganization('gateway');
    const refused = JSON.parse((await operator('round')).said) as unknown;
    expect(refused).toEqual({ faults: [{ what: 'deliver', code: 'CONFLICT' }] });
    house.showsOrganization('vaultClient');
    const coordinate = 'Vault.organizationCertificate';
    await expect.poll(() => timesLogged(coordinate)).toEqual({ [coordinate]: 2 });
    expect(house.held()).toEqual([]);
  });

  test('while it hands a package over has one there, and each receipt once', async () => {
    const inTheMiddle = () => house.line.standsAt(() => ({ there: UPLOADED_BYTES }));
    const answered = async () => {
      await house.line.standsAt(({ there }) => (there > UPLOADED_BYTES ? { back: 0 } : {}));
      await eventually(() => house.held().includes(packageId));
    };
    const said = await survives(
      [inTheMiddle, answered, ...reaching('DELIVERED'), ...reaching('ACTIVE')],
      () => operator('round'),
    );
    expect(JSON.parse(said)).toEqual({ faults: [] });
    expect(house.held()).toEqual([packageId]);
    const receipts = await house.rows('select kind from vault.transfer_receipt order by kind');
    expect(receipts).toEqual([{ kind: 'ACCEPTANCE' }, { kind: 'DELIVERY' }]);
    expect((await cron('status')).said).toContain(`パッケージ package ACTIVE ${packageId}`);
    expect((await cron('acceptance')).said).toContain('引受 accepted 3');
  });

  test('while it tells of a payment tells of it once', async () => {
    await records.receipt({ levyId: first.levies[0]!, applied: 30_000n }, { paidOn: '2026-11-20' });
    const said = await survives(
      [...around('insert into vault.transfer_delta ('), ...around('insert into vault.transfer_delta_sent')],
      () => cron('deltas').then(({ code, said: text }) => ({ code: code === 3 ? 0 : code, said: text })),
    );
    expect(said).toContain('明細 lines 1');
    const folder = join(house.home, 'organization', 'packages', packageId, 'deltas');
    expect(readdirSync(folder)).toEqual(['000001.jws']);
  });

  test('while a result comes back takes it once, and closes once it is reconciled', async () => {
    const data = join(house.home, 'organization');
    const body = { data, bodyCode: ORGANIZATION, name: '架空滞納整理機構' };
    const period = { from: '2026-11-01', until: '2026-11-21', final: true };
    await produceResult(await openOrganization(body, systemClock), packageId, period);
    const fetching = () => house.line.standsAt(() => ({ back: FETCHED_BYTES }));
    await survives([fetching, ...reaching('RESULT_RECEIVED')], () => operator('round'));
    const [, resultId = '', yen = ''] =
      /result (\S+) \d+件 ([\d,]+)円 最終/.exec((await cron('results')).said) ?? [];
    await remit(db, records, resultId, BigInt(yen.replaceAll(',', '')));
    expect(await survives(reaching('CLOSED'), () => cron('reconcile'))).toContain('差異なし no difference');
    expect(await cron('close')).toMatchObject({ code: 0 });
  });

  test('while it asks for an erasure asks for it once, and keeps one report', async () => {
    await house.people.enter(round({ windows: EVERY_MONTH, erasesOnRequest: true }));
    const opened = join(house.home, 'organization', 'opened', packageId);
    expect(existsSync(opened)).toBe(true);
    await survives(
      [
        ...around('insert into vault.transfer_erasure_request'),
        ...around('insert into vault.transfer_receipt', 'ERASURE'),
      ],
      () => operator('round'),
    );
    expect(existsSync(opened)).toBe(false);
    const kept = await house.rows('select signed from vault.transfer_erasure_request');
    expect(kept).toHaveLength(1);
    const receipts = await house.rows(`select kind from vault.transfer_receipt where kind = 'ERASURE'`);
    expect(receipts).toHaveLength(1);
  });

  test('has gone through every state once, and logged each step once', async () => {
    expect(await states()).toEqual([
      'FROZEN',
      'APPROVED',
      'ASSEMBLED',
      'SEALED',
      'RELEASED',
      'DELIVERED',
      'ACCEPTED',
      'ACTIVE',
      'RESULT_RECEIVED',
      'RECONCILED',
      'CLOSED',
    ]);
    const outside = ['delivery', 'acceptance', 'delta', 'result', 'erasureRequest', 'erasure'];
    const coordinates = ['open', 'complete', 'seal', ...outside, 'reconciled'].map(
      (step) => `Transfer.${step}`,
    );
    expect(await timesLogged(...coordinates)).toEqual(
      Object.fromEntries(coordinates.map((coordinate) => [coordinate, 1])),
    );
  });
});
