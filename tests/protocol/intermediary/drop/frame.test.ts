import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { newUuidV7 } from '../../../../src/kernel/uuid.js';
import {
  fileBytesMax,
  openAnswer,
  openRequest,
  sealAnswer,
  sealRequest,
  type DropRequest,
} from '../../../../src/protocol/intermediary/drop/frame.js';
import { provedBy, signerOf } from '../../../../src/protocol/intermediary/drop/proof.js';
import { networkAuthority } from '../../../vault/push/support/certificates.js';

const network = await networkAuthority();
const foreign = await networkAuthority();
const client = await network.issue('vault', 'clientAuth');
const signer = signerOf(client);
const server = signerOf(await network.issue('intermediary', 'serverAuth'));
const box = generateKeyPairSync('x25519');
const NOW = Date.now();
const HOUR = 3_600_000;
const said = () => ({ exchange: newUuidV7(NOW), at: new Date(NOW).toISOString() });
const POST: DropRequest = { method: 'POST', path: '/v1/messages', body: Buffer.from('{"a":1}') };

const sent = (request = POST, by = signer) => sealRequest(request, said(), by, box.publicKey);
const received = (file: Uint8Array, key = box.privateKey, ca = network.ca, now = NOW) =>
  openRequest(file, key, ca, now);

describe('the file of a request', () => {
  test('is opened by the server it was sealed to, to the byte', async () => {
    const { file, expected } = await sent();
    const opened = await received(file);
    expect(opened).toMatchObject({
      method: 'POST',
      path: '/v1/messages',
      service: 'vault',
      exchange: expected.exchange,
      digest: expected.digest,
      atMs: NOW,
    });
    expect(Buffer.from(opened!.body!).toString()).toBe('{"a":1}');
    const asked = await received((await sent({ method: 'GET', path: '/v1/keys' })).file);
    expect(asked).not.toHaveProperty('body');
    expect(asked).not.toHaveProperty('headers');
  });

  test('is opened by nobody else', async () => {
    const { file } = await sent();
    expect(await received(file, generateKeyPairSync('x25519').privateKey)).toBeUndefined();
  });

  test('with one byte changed is nobody’s', async () => {
    const { file } = await sent();
    for (const place of [10, Math.floor(file.length / 2), file.length - 3]) {
      const altered = Uint8Array.from(file);
      altered[place] = altered[place] === 65 ? 66 : 65;
      expect(await received(altered)).toBeUndefined();
    }
  });

  test('is believed for a certificate of the authority, in its time, of one who asks', async () => {
    expect(await received((await sent()).file, box.privateKey, foreign.ca)).toBeUndefined();
    for (const hours of [-2, 2])
      expect(
        await received((await sent()).file, box.privateKey, network.ca, NOW + hours * HOUR),
      ).toBeUndefined();
    expect(await received((await sent(POST, server)).file)).toBeUndefined();
  });

  test('with the certificate of somebody else is not believed', async () => {
    const other = signerOf(await network.issue('vault', 'clientAuth'));
    const stolen = { ...other, certificate: signer.certificate };
    expect(await received((await sent(POST, stolen)).file)).toBeUndefined();
    expect(await received((await sent(POST, { ...signer, certificate: 'AAAA' })).file)).toBeUndefined();
  });

  test.each([
    ['the path of the clock', { path: '/control/clock' }],
    ['a path with a line end', { path: '/v1/a\nb' }],
    ['a method that is none', { method: 'DELETE' as 'GET' }],
    ['a head of its own', { headers: { host: 'elsewhere' } }],
  ])('asks for no more than the protocol has: not for %s', async (_what, change) => {
    expect(await received((await sent({ ...POST, ...change })).file)).toBeUndefined();
  });

  test('has room for what it carries', async () => {
    const body = Buffer.alloc(1_000_000, 120);
    expect((await sent({ ...POST, body })).file.length).toBeLessThan(fileBytesMax(body.length));
  });
});

describe('the file of an answer', () => {
  const OK = { status: 404, bytes: Buffer.from('{}') };

  test('is opened by who asked, and says no other thing', async () => {
    const { file, expected } = await sent();
    const answer = await sealAnswer(OK, (await received(file))!, server);
    expect(await openAnswer(answer, expected, network.ca, NOW)).toEqual({
      status: 404,
      bytes: new Uint8Array(OK.bytes),
    });
    const another = (await sent()).expected;
    expect(await openAnswer(answer, another, network.ca, NOW)).toBeUndefined();
    const mixed = { ...another, replyKey: expected.replyKey };
    expect(await openAnswer(answer, mixed, network.ca, NOW)).toBeUndefined();
    expect(await openAnswer(file, expected, network.ca, NOW)).toBeUndefined();
  });
});

describe('a certificate', () => {
  test.each([
    ['that signs no files', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['that is not its own', generateKeyPairSync('ed25519')],
    ['of another kind that is not its own', generateKeyPairSync('rsa', { modulusLength: 2_048 })],
  ])('with a key %s is of no use', (_what, { privateKey }) => {
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(() => signerOf({ ...client, key })).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID' }),
    );
  });

  test('names one service', async () => {
    expect(provedBy(signer.certificate, network.ca, 'client', NOW)?.service).toBe('vault');
    const nobody = signerOf(await network.issue('No Service', 'clientAuth'));
    expect(provedBy(nobody.certificate, network.ca, 'client', NOW)).toBeUndefined();
  });
});
