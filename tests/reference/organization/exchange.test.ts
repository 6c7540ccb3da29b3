import { createPublicKey } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BuiltPackage } from '../../../src/protocol/transfer/container/build.js';
import { readCsv } from '../../../src/protocol/transfer/csv.js';
import { ERASURE_REQUEST, PAYMENT_DELTA, type PaymentDelta } from '../../../src/protocol/transfer/deltas.js';
import type { ResultManifest } from '../../../src/protocol/transfer/manifest.js';
import { openMessage, signMessage } from '../../../src/protocol/transfer/message.js';
import type { OuterRecord } from '../../../src/protocol/transfer/outerRecord.js';
import { ACCEPTANCE, DELIVERY, ERASURE } from '../../../src/protocol/transfer/receipts.js';
import { RESULT_LAYOUT } from '../../../src/protocol/transfer/result.js';
import { startOrganization, type RunningOrganization } from '../../../src/reference/organization/start.js';
import {
  csv,
  opened,
  OTHER_KEYS,
  receiverOf,
  SENDER_KEYS,
} from '../../protocol/transfer/container/support.js';
import { allOf, ledgerLine, signerOf, taxpayer } from '../../protocol/transfer/support.js';
import { readPieces } from '../../../src/protocol/transfer/container/disk.js';
import { lineTo, type Line } from './support/line.js';
import { OUR_IDENTITY, packageFor, packageId, refusal, send, senders, settingsIn } from './support/scene.js';

const home = mkdtempSync(join(tmpdir(), 'kuramori-organization-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const signer = signerOf(SENDER_KEYS.privateKey);
const JOSE = 'application/jose';
const CASES = ['A-1', 'A-2', 'A-3'] as const;
const TEXTS = [
  csv('01_taxpayer.csv', CASES.map(taxpayer)),
  csv(
    '03_ledger.csv',
    CASES.flatMap((caseNo) => [1, 2, 3, 4].map((no) => ledgerLine(caseNo, no, 10_000n * BigInt(no)))),
  ),
];

let organization: RunningOrganization;
let line: Line;
let stranger: Line;
let first: BuiltPackage;
let keys: ReturnType<typeof createPublicKey>[];
const json = (method: 'PUT' | 'POST', path: string, body: unknown) =>
  line({ method, path, type: 'application/json', body: JSON.stringify(body) });
const plan = (value: object) => json('PUT', '/control/plan', value);

beforeAll(async () => {
  const { certificates, configuration } = await settingsIn(home);
  organization = await startOrganization({ ...configuration, testControl: true });
  line = lineTo(() => organization.address, certificates);
  stranger = lineTo(() => organization.address, certificates, 'gateway');
  keys = [createPublicKey(organization.keys.signingKey)];
  first = await packageFor(home, organization.keys, 1, undefined, TEXTS);
});
afterAll(() => organization.stop());

describe('at the door', () => {
  test('a service that may not connect is refused', async () => {
    expect((await stranger({ method: 'GET', path: '/keys' })).status).toBe(401);
  });

  test('a package of a sender who is not registered is rejected before its ciphertext is taken', async () => {
    const answer = await send(line, first);
    expect(answer.status).toBe(422);
    expect(refusal(answer)).toMatchObject({ code: 'PACKAGE_REJECTED', facts: { step: 'OUTER_SIGNATURE' } });
    expect((await json('PUT', '/control/senders', { senders: senders() })).status).toBe(204);
  });

  test.each([
    ['a path of no package', 'PUT', '/packages/..%2f..%2fkeys/package.json', 400],
    ['a package that never came', 'GET', `/packages/${packageId(999)}/delivery`, 404],
    ['a result that is not there', 'GET', `/senders/999994/results/${packageId(999)}/package.age`, 404],
    ['an offset that is none', 'GET', '/senders/999994/results?after=x', 400],
    ['nothing', 'GET', '/', 404],
  ] as const)('%s', async (_, method, path, status) => {
    expect((await line({ method, path, ...(method === 'PUT' ? { body: 'x' } : {}) })).status).toBe(status);
  });

  test('an outer record that is too large', async () => {
    const path = `/packages/${packageId(999)}/package.json`;
    expect((await line({ method: 'PUT', path, body: Buffer.alloc(20_000) })).status).toBe(413);
  });

  test('more bytes than the outer record says', async () => {
    const path = `/packages/${first.outer.packageId}/package.age`;
    const body = Buffer.alloc(first.outer.ciphertext.bytes + 1);
    expect((await line({ method: 'PUT', path, body })).status).toBe(413);
    expect(await offset()).toBe(0);
  });
});

describe('a package', () => {
  test('goes on where its line broke off, and is received with its digest', async () => {
    const half = first.outer.ciphertext.bytes >> 1;
    expect((await send(line, first, { until: half })).status).toBe(409);
    expect(await offset()).toBe(half);
    expect((await send(line, first)).status).toBe(409);
    const answer = await send(line, first, { from: half });
    expect(answer.status).toBe(200);
    expect(openMessage(DELIVERY, answer.text, keys)).toMatchObject({
      packageId: first.outer.packageId,
      ciphertextSha256: first.outer.ciphertext.sha256,
      medium: 'HTTPS',
    });
  });

  test('that is sent again changes nothing and gives the same receipt', async () => {
    const before = await line({ method: 'GET', path: `/packages/${first.outer.packageId}/delivery` });
    const again = await send(line, first);
    expect([again.status, again.text]).toEqual([200, before.text]);
    expect(await offset()).toBe(first.outer.ciphertext.bytes);
    const other = await packageFor(home, organization.keys, 1);
    const path = `/packages/${first.outer.packageId}/package.json`;
    expect((await line({ method: 'PUT', path, body: JSON.stringify(other.outer) })).status).toBe(409);
  });

  test('out of its turn is rejected and leaves nothing', async () => {
    const third = await packageFor(home, organization.keys, 3, first);
    expect(refusal(await send(line, third))).toMatchObject({ facts: { step: 'SERIES_GAP' } });
    expect(readdirSync(join(home, 'organization', 'inbox'))).not.toContain(third.outer.packageId);
    expect(readdirSync(join(home, 'organization', 'opened'))).toEqual([first.outer.packageId]);
  });
});

describe('an acceptance', () => {
  const get = () => line({ method: 'GET', path: `/packages/${first.outer.packageId}/acceptance` });

  test('is withheld, and then decides each case for ever', async () => {
    await plan({ withhold: true });
    expect((await get()).status).toBe(204);
    await plan({ reject: { 'A-2': 'QUOTA' } });
    const { text } = await get();
    expect(openMessage(ACCEPTANCE, text, keys)).toMatchObject({
      ciphertextSha256: first.outer.ciphertext.sha256,
      cases: [
        { caseNo: 'A-1', outcome: 'ACCEPTED' },
        { caseNo: 'A-2', outcome: 'REJECTED', reason: 'QUOTA' },
        { caseNo: 'A-3', outcome: 'ACCEPTED' },
      ],
    });
    await plan({});
    expect((await get()).text).toBe(text);
  });

  test('may be made false, so that its reader can be tested', async () => {
    const second = await packageFor(home, organization.keys, 2, first);
    expect((await send(line, second)).status).toBe(200);
    await plan({ wrongDigest: true, unknownCase: 'Z-9', leaveOut: 'A-1' });
    const { text } = await line({ method: 'GET', path: `/packages/${second.outer.packageId}/acceptance` });
    expect(openMessage(ACCEPTANCE, text, keys)).toMatchObject({
      ciphertextSha256: '0'.repeat(64),
      cases: [{ caseNo: 'Z-9', outcome: 'ACCEPTED' }],
    });
    expect((await plan({ rejcet: {} })).status).toBe(400);
    await plan({});
  });
});

describe('a payment delta', () => {
  const delta = (deltaNo: number): PaymentDelta => ({
    packageId: first.outer.packageId,
    deltaNo,
    sentAt: '2026-11-01T00:00:00Z',
    lines: [
      {
        caseNo: 'A-1',
        lineNo: 4,
        receivedOn: '2026-10-31',
        tax: 39_999n,
        lateCharge: 0n,
        fees: 0n,
        unpaid: 1n,
        kind: 'PAID',
      },
    ],
  });
  const post = (body: string, id = first.outer.packageId) =>
    line({ method: 'POST', path: `/packages/${id}/deltas`, type: JOSE, body });

  test('is taken once, in its turn, from the sender alone', async () => {
    const one = await signMessage(PAYMENT_DELTA, delta(1), signer);
    expect((await post(await signMessage(PAYMENT_DELTA, delta(2), signer))).status).toBe(409);
    expect((await post(one)).status).toBe(200);
    expect((await post(one)).status).toBe(200);
    expect(
      (await post(await signMessage(PAYMENT_DELTA, delta(1), signerOf(OTHER_KEYS.privateKey)))).status,
    ).toBe(400);
    expect((await post(one, packageId(998))).status).toBe(404);
  });
});

describe('a result', () => {
  const results = async (after = 0) => {
    const { text } = await line({ method: 'GET', path: `/senders/999994/results?after=${after}` });
    return (JSON.parse(text) as { results: OuterRecord[] }).results;
  };
  const produce = (until: string, final = false) =>
    json('POST', '/control/results', { packageId: first.outer.packageId, from: '2026-11-01', until, final });

  async function download({ packageId: id }: OuterRecord): Promise<string> {
    const folder = join(home, `result-${id}`);
    mkdirSync(folder);
    for (const name of ['package.age', 'package.json', 'package.json.sig', 'README.txt']) {
      const { body } = await line({ method: 'GET', path: `/senders/999994/results/${id}/${name}` });
      writeFileSync(join(folder, name), body);
    }
    return folder;
  }

  test('opens with our key, in its series, and never collects more than was owed', async () => {
    for (const [until, final] of [
      ['2026-11-30', false],
      ['2026-12-31', true],
    ] as const)
      expect((await produce(until, final)).status).toBe(200);
    const collected = new Map<string, bigint>();
    let last: OuterRecord | undefined;
    for (const outer of await results()) {
      const state = {
        seen: false,
        last: last && { seriesNo: last.seriesNo, ciphertextSha256: last.ciphertext.sha256 },
      };
      const us = { ...receiverOf([OUR_IDENTITY], state), bodyCode: '999994', content: 'RESULT' as const };
      const { manifest, target } = await opened(await download(outer), { ...us, senderKeys: () => keys });
      const { concerns, totals } = manifest as ResultManifest;
      expect(concerns).toBe(first.outer.packageId);
      const rows = await allOf(
        readCsv(
          '22_collections.csv',
          RESULT_LAYOUT['22_collections.csv'],
          readPieces(join(target, '22_collections.csv')),
        ),
      );
      expect(rows.reduce((sum, { amount }) => sum + amount, 0n)).toBe(totals.amount);
      for (const { caseNo, lineNo, tax } of rows) {
        const key = `${caseNo}/${lineNo}`;
        collected.set(key, (collected.get(key) ?? 0n) + tax);
      }
      last = outer;
    }
    expect((await results(1)).map(({ seriesNo }) => seriesNo)).toEqual([2]);
    expect(collected.size).toBeGreaterThan(2);
    for (const [key, tax] of collected) {
      expect(key).not.toMatch(/^A-2/);
      expect(tax).toBeLessThanOrEqual(10_000n * BigInt(key.at(-1)!));
    }
    expect(collected.get('A-1/4') ?? 0n).toBeLessThanOrEqual(1n);
  });

  test('may be made false, so that its reader can be tested', async () => {
    await plan({ exceed: true, unknownLine: true });
    expect((await produce('2027-01-31')).status).toBe(200);
    await plan({});
    expect(await results()).toHaveLength(3);
  });

  test('needs an acceptance', async () => {
    const answer = await json('POST', '/control/results', {
      packageId: packageId(999),
      from: '2026-11-01',
      until: '2026-11-30',
    });
    expect(answer.status).toBe(404);
  });
});

describe('an erasure', () => {
  test('on request removes the data and keeps receipts and series', async () => {
    const id = first.outer.packageId;
    const request = { packageId: id, requestedAt: '2027-03-31T00:00:00Z', reason: '協定第9条' };
    const body = await signMessage(ERASURE_REQUEST, request, signer);
    const { text } = await line({ method: 'POST', path: `/packages/${id}/erasure`, type: JOSE, body });
    expect(openMessage(ERASURE, text, keys)).toMatchObject({ packageId: id, cases: 3 });
    expect(existsSync(join(home, 'organization', 'opened', id))).toBe(false);
    const left = readdirSync(join(home, 'organization', 'packages', id));
    const receipts = ['acceptance.jws', 'delivery.jws', 'erasure.jws', 'deltas'];
    expect(new Set(left)).toEqual(new Set([...receipts, 'package.json', 'package.json.sig']));
    const again = await line({ method: 'POST', path: `/packages/${id}/erasure`, type: JOSE, body });
    expect(again.text).toBe(text);
    expect((await send(line, first)).status).toBe(200);
    const late = await json('POST', '/control/results', {
      packageId: id,
      from: '2027-01-01',
      until: '2027-01-31',
    });
    expect(late.status).toBe(409);
  });
});

describe('a medium', () => {
  test('is received with its serial number and the state of its seal, once', async () => {
    const { text } = await line({ method: 'GET', path: `/packages/${first.outer.packageId}/delivery` });
    expect(openMessage(DELIVERY, text, keys).packageId).toBe(first.outer.packageId);
    const second = readdirSync(join(home, 'organization', 'packages')).at(-1)!;
    const outer = await line({ method: 'GET', path: `/packages/${second}/delivery` });
    const before = openMessage(DELIVERY, outer.text, keys);
    const built = await packageFor(home, organization.keys, 3, {
      folder: '',
      outer: { ...first.outer, ciphertext: { bytes: 1, sha256: before.ciphertextSha256 } },
    });
    const carriage = { medium: 'DVD_R', mediumSerialNo: 'D-17', seal: 'INTACT', receivedBy: '受付係' };
    const byTape = { folder: built.folder, ...carriage, medium: 'LTO' };
    expect((await json('POST', '/control/medium', byTape)).status).toBe(409);
    const receipt = await json('POST', '/control/medium', { folder: built.folder, ...carriage });
    expect(openMessage(DELIVERY, receipt.text, keys)).toMatchObject({
      ...carriage,
      packageId: built.outer.packageId,
    });
    expect((await json('POST', '/control/medium', { folder: built.folder, ...carriage })).status).toBe(409);
  });
});

async function offset(): Promise<number> {
  const { headers } = await line({ method: 'HEAD', path: `/packages/${first.outer.packageId}/package.age` });
  return Number(headers['upload-offset']);
}
