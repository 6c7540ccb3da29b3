import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TRANSFER_PART_BYTES_MAX } from '../../../../src/kernel/limits.js';
import { temporaryFolder } from '../../keys/support/vault.js';
import { entriesOf } from '../support/log.js';
import { houseOf, transferClient } from '../support/line.js';
import { draftOf, newPackageId, transferScene } from '../support/scene.js';

const certificates = await houseOf(temporaryFolder());
const scene = await transferScene();
const { client, address } = await transferClient(scene.transfers, certificates);

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body?: Buffer | string;
  readonly type?: string;
  readonly as?: 'worker' | 'gateway';
}

/** One request with a certificate of the house. */
function send({ method, path, body, type = 'application/json', as = 'worker' }: Sent) {
  const { keyFile, certificateFile } = certificates[as];
  return new Promise<{ status: number; code?: string }>((resolve, reject) => {
    const sent = request(new URL(path, address), {
      agent: false,
      method,
      ca: readFileSync(certificates.caFile),
      key: readFileSync(keyFile),
      cert: readFileSync(certificateFile),
      headers: body === undefined ? {} : { 'content-type': type },
    });
    sent.once('error', reject);
    sent.once('response', (response) => void told(response).then(resolve, reject));
    sent.end(body);
  });
}

async function told(response: IncomingMessage) {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  const { error } = (text.startsWith('{') ? JSON.parse(text) : {}) as { error?: { code: string } };
  return { status: Number(response.statusCode), ...(error && { code: error.code }) };
}

const draft = draftOf();
const path = `/v1/transfers/drafts/${draft.draftId}`;
await client.openDraft(draft);

test.each<[string, Sent, string]>([
  ['a service that may not', { method: 'GET', path, as: 'gateway' }, 'UNAUTHENTICATED'],
  [
    'another id in the body',
    { method: 'PUT', path: `/v1/transfers/drafts/${newPackageId()}`, body: JSON.stringify(draft) },
    'BAD_INPUT',
  ],
  ['one member more', { method: 'PUT', path, body: JSON.stringify({ ...draft, also: 1 }) }, 'BAD_INPUT'],
  ['no id', { method: 'GET', path: '/v1/transfers/drafts/..%2f..%2fetc' }, 'NOT_FOUND'],
  [
    'a part that is JSON',
    { method: 'PUT', path: `${path}/files/01_taxpayer.csv/parts/0`, body: '{}' },
    'BAD_INPUT',
  ],
  [
    'a draft that is bytes',
    { method: 'PUT', path, body: Buffer.from('x'), type: 'application/octet-stream' },
    'BAD_INPUT',
  ],
  [
    'a part over its limit',
    {
      method: 'PUT',
      path: `${path}/files/01_taxpayer.csv/parts/0`,
      body: Buffer.alloc(TRANSFER_PART_BYTES_MAX + 1),
      type: 'application/octet-stream',
    },
    'PAYLOAD_TOO_LARGE',
  ],
  [
    'a part that is no number',
    {
      method: 'PUT',
      path: `${path}/files/01_taxpayer.csv/parts/-1`,
      body: Buffer.from('x'),
      type: 'application/octet-stream',
    },
    'BAD_INPUT',
  ],
  [
    'a file of numbers',
    {
      method: 'PUT',
      path: `${path}/files/11_individual_number.csv/parts/0`,
      body: Buffer.from('x'),
      type: 'application/octet-stream',
    },
    'NOT_FOUND',
  ],
  [
    'the file of a draft as a result',
    { method: 'GET', path: `/v1/transfers/results/${draft.draftId}/files/01_taxpayer.csv/parts/0` },
    'NOT_FOUND',
  ],
  [
    'a reconciliation of nothing',
    {
      method: 'POST',
      path: `/v1/transfers/packages/${draft.draftId}/reconciled`,
      body: JSON.stringify({ digest: 'a'.repeat(64) }),
    },
    'CONFLICT',
  ],
])('%s is refused', async (_, sent, code) => {
  expect((await send(sent)).code).toBe(code);
});

test('a refusal is an entry of the log, by service and rule', async () => {
  await expect(client.completeDraft(draft.draftId)).rejects.toMatchObject({ code: 'FILE_REJECTED' });
  const entry = (await entriesOf(scene.vault, 'Transfer.complete')).at(-1);
  expect(entry).toMatchObject({ decision: 'refuse', reason: 'FILE_REJECTED', raised: false });
});

test('what is asked for under a number of the records stands in the log under it, refused or done', async () => {
  const requestId = '0198c1e0-7c1f-4f6e-8a55-1f0e6a9d4c01';
  const { client: numbered } = await transferClient(scene.transfers, certificates, requestId);
  const own = draftOf();
  await numbered.openDraft(own);
  await expect(numbered.openDraft({ ...own, roundNo: 99 })).rejects.toMatchObject({ code: 'CONFLICT' });
  await client.openDraft(draftOf());
  const entries = await scene.vault.databases.owner.vault.run(
    'test.requests',
    ({ raw }) => raw<{ id: string; coordinate: string; decision: string }[]>`
    select context ->> 'requestId' as id, coordinate, decision from audit.entry
    where coordinate = 'Transfer.open' order by sequence desc limit 3`,
  );
  expect(entries.toReversed().map(({ id, decision }) => [id === requestId, decision])).toEqual([
    [true, 'allow'],
    [true, 'refuse'],
    [false, 'allow'],
  ]);
});
