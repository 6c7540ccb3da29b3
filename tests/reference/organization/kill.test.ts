import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { startProcess, temporaryHome, type Running } from '../../vault/processes/process.js';
import type { BuiltPackage } from '../../../src/protocol/transfer/container/build.js';
import type { PublishedKeys } from '../../../src/reference/organization/keys.js';
import { smallFiles } from '../../protocol/transfer/container/support.js';
import { lineTo, type Line } from './support/line.js';
import { packageFor, send, senders, settingsIn } from './support/scene.js';

const home = temporaryHome();
const data = join(home, 'organization');
let environment: Readonly<Record<string, string>>;
let certificates: Awaited<ReturnType<typeof settingsIn>>['certificates'];
let running: Running;
let first: BuiltPackage;
let line: Line;

const start = async () => {
  running = await startProcess({ argument: 'organization', environment });
};

beforeAll(async () => {
  ({ environment, certificates } = await settingsIn(home));
  mkdirSync(data);
  writeFileSync(join(data, 'senders.json'), JSON.stringify(senders()));
  await start();
  line = lineTo(() => running.address, certificates);
});

describe('an organization that is killed', () => {
  test('in the middle of a package goes on where it was, and takes the package once', async () => {
    const keys = JSON.parse((await line({ method: 'GET', path: '/keys' })).text) as PublishedKeys;
    const big = { name: 'attachments/big.pdf', text: 'x'.repeat(400_000), rows: 0 };
    const built = await packageFor(home, keys, 1, undefined, smallFiles(big));
    first = built;
    const { packageId, ciphertext } = built.outer;
    expect((await send(line, built, { until: 1_000 })).status).toBe(409);
    await brokenOff(built.folder, packageId);
    await running.kill();
    await start();
    const { headers } = await line({ method: 'HEAD', path: `/packages/${packageId}/package.age` });
    const from = Number(headers['upload-offset']);
    expect(from).toBeGreaterThan(1_000);
    expect(from).toBeLessThan(ciphertext.bytes);
    const receipt = await send(line, built, { from });
    expect(receipt.status).toBe(200);
    await running.kill();
    await start();
    expect((await send(line, built)).text).toBe(receipt.text);
    expect(readdirSync(join(data, 'packages'))).toEqual([packageId]);
    expect(readdirSync(join(data, 'inbox'))).toEqual([]);
    expect(JSON.parse((await line({ method: 'GET', path: '/keys' })).text) as PublishedKeys).toEqual(keys);
  });

  test('between opening and taking opens the package anew', async () => {
    await running.kill();
    const [taken] = readdirSync(join(data, 'packages'));
    const stray = join(data, 'opened', taken!.replace(/.$/, '9'));
    mkdirSync(stray);
    await start();
    expect(existsSync(stray)).toBe(false);
    expect(existsSync(join(data, 'opened', taken!))).toBe(true);
  });

  test('when the last byte had come takes the package at the next word of its sender', async () => {
    const keys = JSON.parse((await line({ method: 'GET', path: '/keys' })).text) as PublishedKeys;
    const built = await packageFor(home, keys, 2, first);
    await running.kill();
    cpSync(built.folder, join(data, 'inbox', built.outer.packageId), { recursive: true });
    await start();
    const receipt = await send(line, built, { from: built.outer.ciphertext.bytes });
    expect(receipt.status).toBe(200);
    expect(readdirSync(join(data, 'packages'))).toEqual([first.outer.packageId, built.outer.packageId]);
  });

  test('has no path that steers it', async () => {
    const body = JSON.stringify({ withhold: true });
    expect(
      (await line({ method: 'PUT', path: '/control/plan', type: 'application/json', body })).status,
    ).toBe(404);
  });
});

/** Sends half of what is left, waits until it is on the disk of the other side, and keeps the line open. */
async function brokenOff(folder: string, packageId: string): Promise<void> {
  const bytes = readFileSync(join(folder, 'package.age'));
  const { caFile, vaultClient } = certificates;
  const request = httpsRequest(new URL(`/packages/${packageId}/package.age`, running.address), {
    method: 'PUT',
    ca: readFileSync(caFile),
    key: readFileSync(vaultClient.keyFile),
    cert: readFileSync(vaultClient.certificateFile),
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(bytes.length - 1_000),
      'upload-offset': '1000',
    },
  });
  // It is the other side that goes.
  request.on('error', () => undefined);
  request.write(bytes.subarray(1_000, 200_000));
  const size = async () =>
    Number(
      (await line({ method: 'HEAD', path: `/packages/${packageId}/package.age` })).headers['upload-offset'],
    );
  while ((await size()) < 200_000) await new Promise((resolve) => setTimeout(resolve, 10));
}
