import { afterEach, describe, expect, test } from 'vitest';
import { generateKeyPairSync } from 'node:crypto';
import type { IntermediaryHttpSettings } from '../../../src/config/intermediaryLink.js';
import { Temporal } from '../../../src/kernel/dates.js';
import { INTERMEDIARY_ANSWER_BYTES_MAX } from '../../../src/kernel/limits.js';
import { newUuidV7 } from '../../../src/kernel/uuid.js';
import { composeEnvelope } from '../../../src/vault/intermediary/compose.js';
import type { Intermediary } from '../../../src/vault/intermediary/intermediary.js';
import { openIntermediaryLink } from '../../../src/vault/intermediary/link.js';
import { networkAuthority } from '../push/support/certificates.js';
import { newDrop } from '../push/support/drop.js';
import { startPeer } from '../push/support/peerServer.js';

const network = await networkAuthority();
const server = await startPeer(await network.issue('intermediary', 'serverAuth'), network.ca);
const linkage = await network.issue('vault', 'clientAuth');
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const ownKeys = () => ({ published: [publicKey.export({ format: 'jwk' }).x as string], oldest: privateKey });
const SETTINGS: IntermediaryHttpSettings = {
  url: server.url,
  ...linkage,
  ca: network.ca,
  bodyCode: '0220000000992011',
  bodyName: '見本市',
  systemId: 'kuramori',
  layoutVersion: '2026-07',
};

let link: Intermediary;
const open = (change: Partial<IntermediaryHttpSettings> = {}, deadlineMs = 5_000) =>
  (link = openIntermediaryLink({ ...SETTINGS, ...change }, ownKeys, deadlineMs));
afterEach(() => {
  link.close();
  server.hold = undefined;
  server.keys = undefined;
  server.spoiled.length = 0;
});

function message() {
  const at = Temporal.Instant.fromEpochMilliseconds(Date.now());
  const messageId = newUuidV7(at.epochMilliseconds);
  const by = { messageId, personId: 'P-1', unit: 'nozei', assertedAt: at, purpose: 'REFUND', basis: 'B-1' };
  const body = {
    procedure: 'acquireCode',
    pushRequestId: messageId,
    unifiedAddresseeNo: '000000000012345',
  } as const;
  const envelope = composeEnvelope(link, by, body, at, privateKey);
  return { messageId, bytes: Buffer.from(JSON.stringify(envelope)) };
}
const sent = async () => {
  const { messageId, bytes } = message();
  return { messageId, exchange: await link.send(messageId, bytes) };
};

describe('the link', () => {
  test('sends no batch before its keys are known, and tells batches it does not know', async () => {
    open({ url: 'https://127.0.0.1:1' });
    const { messageId, bytes } = message();
    expect(await link.submitBatch(messageId, bytes)).toEqual({ kind: 'notReached' });
    link.close();
    open();
    expect(await link.pollBatch(messageId)).toEqual({ kind: 'notKnown' });
    expect(await link.fetchBatch(messageId)).toEqual({ kind: 'notKnown' });
  });

  test('makes its keys known once, sends, and asks again about what it sent', async () => {
    open();
    const { messageId, exchange } = await sent();
    expect(exchange).toMatchObject({ kind: 'answer', answer: { messageId, status: 'DONE' } });
    expect(await link.ask(messageId)).toMatchObject({ kind: 'answer', answer: { messageId } });
    await sent();
    expect(server.requests.filter((request) => request === 'PUT /v1/signing-keys')).toHaveLength(1);
    expect(server.requests.filter((request) => request === 'GET /v1/keys')).toHaveLength(1);
  });

  test('does the same by files', async () => {
    const { url: _, ...identity } = SETTINGS;
    const { folder: dropFolder, publicKey: dropKey, privateKey: ownKey } = newDrop();
    const door = server.byFiles(dropFolder, ownKey);
    link = openIntermediaryLink({ ...identity, dropFolder, dropKey }, ownKeys, 5_000);
    const { messageId, exchange } = await sent();
    expect(exchange).toMatchObject({ kind: 'answer', answer: { messageId, status: 'DONE' } });
    expect(await link.ask(messageId)).toMatchObject({ kind: 'answer', answer: { messageId } });
    expect(await link.ask(newUuidV7(Date.now()))).toEqual({ kind: 'notKnown' });
    await door.stop();
  });

  test('is told of a message that never came', async () => {
    open();
    expect(await link.ask(newUuidV7(Date.now()))).toEqual({ kind: 'notKnown' });
  });

  test('reaches nobody where nobody listens', async () => {
    open({ url: 'https://127.0.0.1:1' });
    expect((await sent()).exchange).toEqual({ kind: 'notReached' });
  });

  test('sends nothing to another service with a certificate of the same authority', async () => {
    const other = await startPeer(await network.issue('gateway', 'serverAuth'), network.ca);
    open({ url: other.url });
    expect((await sent()).exchange).toEqual({ kind: 'notReached' });
    expect(other.requests).toEqual([]);
  });

  test('sends nothing to a server of another authority', async () => {
    const foreign = await networkAuthority();
    const other = await startPeer(await foreign.issue('intermediary', 'serverAuth'), network.ca);
    open({ url: other.url });
    expect((await sent()).exchange).toEqual({ kind: 'notReached' });
    expect(other.requests).toEqual([]);
  });

  test('sends nothing to a server whose certificate is for another host', async () => {
    open({ url: server.url.replace('127.0.0.1', 'localhost') });
    const before = server.requests.length;
    expect((await sent()).exchange).toEqual({ kind: 'notReached' });
    expect(server.requests).toHaveLength(before);
  });

  test('does not wait for ever', async () => {
    open({}, 300);
    await sent();
    server.hold = 'afterEffect';
    expect((await sent()).exchange).toEqual({ kind: 'noAnswer' });
  });
});

describe('an answer', () => {
  const changed = (change: (answer: Record<string, unknown>) => void) => (body: string) => {
    const answer = JSON.parse(body) as Record<string, unknown>;
    change(answer);
    return { status: 200, body: JSON.stringify(answer) };
  };

  test.each([
    ['altered', changed((answer) => (answer['status'] = 'REFUSED'))],
    ['altered in its body', changed((answer) => (answer['body'] = { state: 'ACQUIRED' }))],
    ['of another message', changed((answer) => (answer['messageId'] = newUuidV7(1)))],
    ['by an unknown key', changed((answer) => (answer['keyId'] = 'peer-2'))],
    ['with one member more', changed((answer) => (answer['also'] = 'this'))],
    ['half written', (body: string) => ({ status: 200, body: body.slice(0, 40) })],
    ['of a status alone', () => ({ status: 503, body: '{}' })],
    ['of a 404 to what was sent', () => ({ status: 404, body: '{}' })],
    ['without an end', () => ({ status: 200, body: ' '.repeat(INTERMEDIARY_ANSWER_BYTES_MAX + 1) })],
  ])('%s is none', async (_what, spoil) => {
    open();
    server.spoiled.push(spoil);
    expect((await sent()).exchange).toEqual({ kind: 'noAnswer' });
  });

  const x = server.peer.keys.publicKey.export({ format: 'jwk' }).x as string;
  const told = (...keys: unknown[]) => ({ status: 200, body: JSON.stringify({ keys }) });
  test.each([
    ['does not tell its keys', { status: 503, body: '{}' }],
    ['tells of none', told()],
    ['tells of them in another form', told('peer-1')],
    ['tells of what is no key', told({ keyId: 'peer-1', x: '!'.repeat(43) })],
  ])('of a server that %s is believed once it does', async (_what, keys) => {
    open();
    server.keys = () => keys;
    const { messageId, exchange } = await sent();
    expect(exchange).toEqual({ kind: 'noAnswer' });
    server.keys = () => told({ keyId: 'spoiled', x: '!'.repeat(43) }, { keyId: 'peer-1', x });
    expect(await link.ask(messageId)).toMatchObject({ kind: 'answer', answer: { messageId } });
  });

  test('by a server that tells of another’s key under the name is none', async () => {
    open();
    const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x;
    server.keys = () => told({ keyId: 'peer-1', x: other });
    expect((await sent()).exchange).toEqual({ kind: 'noAnswer' });
  });
});
