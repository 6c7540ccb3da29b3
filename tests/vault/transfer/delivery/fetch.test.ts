import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fetchResults } from '../../../../src/vault/transfer/delivery/deliver.js';
import { temporaryFolder } from '../../keys/support/vault.js';
import { houseOf, vaultAsks } from '../support/line.js';
import { raisedEntries } from '../support/log.js';
import { newPackageId, ORGANIZATION, recipientSetting, transferScene } from '../support/scene.js';

const certificates = await houseOf(temporaryFolder());
const { organization, caFile } = certificates;
const pem = (file: string) => readFileSync(file);
const asked: string[] = [];
const server = createServer(
  { key: pem(organization.keyFile), cert: pem(organization.certificateFile), ca: pem(caFile) },
  (request, response) => {
    asked.push(String(request.url).split('/').at(-1)!);
    const offers = JSON.stringify({ results: [{ packageId: newPackageId(), seriesNo: 1 }] });
    response.end(request.url?.includes('?after=') === true ? offers : 'no outer record');
  },
);
await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
afterAll(() => server.close());
const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
const tls = vaultAsks(certificates);
const scene = await transferScene({ organization: tls });
const { context } = scene.transfers;

test('an organization without an address is asked for nothing', async () => {
  expect(await fetchResults(context, tls, ORGANIZATION)).toBe(0);
  expect(asked).toEqual([]);
});

test('of a result whose outer record says nothing no more is fetched; it is refused and raised', async () => {
  await scene.enter(recipientSetting(scene.side, { url }));
  await expect(fetchResults(context, tls, ORGANIZATION)).rejects.toMatchObject({
    code: 'PACKAGE_REJECTED',
    facts: { step: 'OUTER_SIGNATURE' },
  });
  expect(asked).toEqual(['results?after=0', 'package.json', 'package.json.sig']);
  expect(await raisedEntries(scene.vault, 'Transfer.result')).toEqual(['OUTER_SIGNATURE']);
  expect(readdirSync(join(scene.folder, 'packages'))).toEqual([]);
});
