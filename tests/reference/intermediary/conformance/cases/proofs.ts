import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'vitest';
import type { Envelope } from '../../../../../src/protocol/intermediary/message.js';
import { signSigningKeys } from '../../../../../src/protocol/intermediary/signingKeys.js';
import { accountLine, newMessageId } from '../../support/linkage.js';
import { NOON } from '../../support/stand.js';
import { one, type Case } from '../case.js';

const refused = (reason: string) => ({ status: 'REFUSED', reason, body: {} });
/** 12 digits with their check digit, of the pattern of the handbook. */
const NUMBER = '123456789018';

const withPurpose = (no: number, title: string, purpose: string, expected: object): Case =>
  one(no, title, async ({ municipality }) => {
    expect(await municipality.ask('inquiry', accountLine(), { purpose })).toMatchObject(expected);
  });

const sent = (no: number, title: string, seconds: number, expected: object): Case =>
  one(no, title, async ({ municipality }) => {
    const sentAt = NOON.add({ seconds }).toString();
    expect(await municipality.ask('inquiry', accountLine(), { sentAt })).toMatchObject(expected);
  });

/** セキュリティ管理機能. */
export const PROOFS: readonly Case[] = [
  one(201, 'an altered body is refused', async ({ municipality }) => {
    const envelope = municipality.envelope('inquiry', accountLine());
    const altered = { ...envelope, body: { ...envelope.body, unifiedAddresseeNo: '000000000000106' } };
    expect(await municipality.send(altered)).toMatchObject(refused('DIGEST_MISMATCH'));
  }),
  one(202, 'an altered head is refused', async ({ municipality }) => {
    const altered = { ...municipality.envelope('inquiry', accountLine()), basis: 'BASIS-25' };
    expect(await municipality.send(altered)).toMatchObject(refused('SIGNATURE_INVALID'));
  }),
  one(203, 'a message signed by another body’s key is refused', async ({ municipality, neighbour }) => {
    const sender = { bodyCode: '0220000000992011', systemId: 'LINKAGE-992011' };
    const forged = neighbour.envelope('inquiry', accountLine(), { sender });
    expect(await municipality.send(forged)).toMatchObject(refused('SIGNATURE_INVALID'));
  }),
  one(204, 'a message in the name of another body is refused', async ({ municipality }) => {
    const sender = { bodyCode: '0220000000992020', systemId: 'LINKAGE-992020' };
    const answer = await municipality.ask('inquiry', accountLine(), { sender });
    expect(answer).toMatchObject(refused('SENDER_NOT_ACCEPTED'));
  }),
  one(205, 'a message of another system of the body is refused', async ({ municipality }) => {
    const sender = { bodyCode: '0220000000992011', systemId: 'LEDGER-1' };
    const answer = await municipality.ask('inquiry', accountLine(), { sender });
    expect(answer).toMatchObject(refused('SENDER_NOT_ACCEPTED'));
  }),
  sent(206, 'a message 300 s old is taken', -300, { status: 'DONE' }),
  sent(207, 'a message 301 s old is refused', -301, refused('SENT_AT_OUT_OF_WINDOW')),
  sent(208, 'a message 301 s ahead is refused', 301, refused('SENT_AT_OUT_OF_WINDOW')),
  one(209, 'the same message again has the same answer', async ({ municipality }) => {
    const envelope = municipality.envelope('inquiry', accountLine());
    const first = await municipality.send(envelope);
    expect(await municipality.send(envelope)).toEqual(first);
  }),
  one(
    210,
    'the same message later has the same answer, also outside its window',
    async ({ municipality, stand }) => {
      const envelope = municipality.envelope('inquiry', accountLine());
      const first = await municipality.send(envelope);
      await stand.setClock(NOON.add({ hours: 2 }));
      expect(await municipality.send(envelope)).toEqual(first);
    },
  ),
  one(211, 'the same number with another body is a replay', async ({ municipality }) => {
    const messageId = newMessageId();
    await municipality.ask('inquiry', accountLine(), { messageId });
    const other = await municipality.ask('inquiry', accountLine(), { messageId });
    expect(other).toMatchObject(refused('REPLAY_DETECTED'));
  }),
  one(212, 'the same number and body of another kind is a replay', async ({ municipality }) => {
    const messageId = newMessageId();
    const body = { unifiedAddresseeNo: '000000000000101' };
    await municipality.ask('code.acquire', body, { messageId });
    const other = await municipality.ask('query', { ask: 'codeStatus', ...body }, { messageId });
    expect(other).toMatchObject(refused('REPLAY_DETECTED'));
  }),
  one(213, 'a message that is dated anew is the same message', async ({ municipality, stand }) => {
    const messageId = newMessageId();
    const line = accountLine();
    const first = await municipality.ask('inquiry', line, { messageId });
    await stand.setClock(NOON.add({ minutes: 20 }));
    expect(await municipality.ask('inquiry', line, { messageId })).toEqual(first);
  }),
  one(214, 'a query’s number with another question is a replay', async ({ municipality }) => {
    const messageId = newMessageId();
    await municipality.ask('query', { ask: 'keyStatus' }, { messageId });
    const other = await municipality.ask('query', { ask: 'message', messageId }, { messageId });
    expect(other).toMatchObject(refused('REPLAY_DETECTED'));
  }),
  one(215, 'the number of a refused message stays free', async ({ municipality }) => {
    const messageId = newMessageId();
    const line = accountLine();
    await municipality.ask('inquiry', line, { messageId, layoutVersion: '2031-01' });
    expect(await municipality.ask('inquiry', line, { messageId })).toMatchObject({ status: 'DONE' });
  }),
  withPurpose(
    216,
    'a message with an individual number is refused',
    `REFUND ${NUMBER}`,
    refused('INDIVIDUAL_NUMBER_PRESENT'),
  ),
  withPurpose(217, '… also in groups of four', '1234-5678-9018', refused('INDIVIDUAL_NUMBER_PRESENT')),
  withPurpose(
    218,
    '… also in full-width digits',
    '１２３４５６７８９０１８',
    refused('INDIVIDUAL_NUMBER_PRESENT'),
  ),
  withPurpose(219, 'twelve digits without their check digit are none', '123456789017', { status: 'DONE' }),
  one(220, 'a number as the name of a member is found as well', async ({ municipality, stand }) => {
    const message = {
      ...municipality.envelope('inquiry', accountLine()),
      [NUMBER]: 1,
    } as unknown as Envelope;
    expect(await municipality.send(message)).toMatchObject(refused('INDIVIDUAL_NUMBER_PRESENT'));
    expect(stand.heard.filter((text) => text.includes(NUMBER))).toEqual([]);
  }),
  one(221, 'a member nobody knows is a defect of form', async ({ municipality }) => {
    const message = { ...municipality.envelope('inquiry', accountLine()), extra: 1 } as unknown as Envelope;
    expect(await municipality.send(message)).toMatchObject(refused('FORMAT_ERROR'));
  }),
  one(222, 'a batch is not taken where single messages are', async ({ municipality }) => {
    const batch = municipality.envelope('inquiry.batch', { lines: [accountLine()] });
    const received = await municipality.wire('POST', '/v1/messages', batch);
    expect(await municipality.believed(received, batch.messageId)).toMatchObject(refused('FORMAT_ERROR'));
  }),
  one(223, 'the server’s key is told, and changed on command', async ({ municipality, stand }) => {
    const envelope = municipality.envelope('inquiry', accountLine());
    const before = await municipality.send(envelope);
    await stand.rotateKey();
    const status = await municipality.ask('query', { ask: 'keyStatus' });
    expect(status.keyId).not.toBe(before.keyId);
    expect(status.body).toMatchObject({ ask: 'keyStatus', keyId: status.keyId });
    const again = await municipality.send(envelope);
    expect(again).toMatchObject({ keyId: status.keyId, digest: before.digest });
  }),
  one(224, 'a list of keys that no known key has signed is refused', async ({ stand, municipality }) => {
    const other = generateKeyPairSync('ed25519');
    const list = {
      bodyCode: '0220000000992020',
      keys: [String(other.publicKey.export({ format: 'jwk' }).x)],
    };
    const put = stand.as('neighbour');
    expect(await put('PUT', '/v1/signing-keys', list)).toMatchObject({ status: 401 });
    const own = signSigningKeys(list, other.privateKey);
    expect(await put('PUT', '/v1/signing-keys', own)).toMatchObject({ status: 401 });
    const anothers = signSigningKeys(list, municipality.keys.privateKey);
    expect(await put('PUT', '/v1/signing-keys', anothers)).toMatchObject({ status: 401 });
  }),
  one(
    225,
    'a list of keys that a known key has signed takes the place of the former',
    async ({ neighbour }) => {
      const former = neighbour.keyList;
      const next = generateKeyPairSync('ed25519');
      const list = { bodyCode: former.bodyCode, keys: [String(next.publicKey.export({ format: 'jwk' }).x)] };
      const put = (request: object) => neighbour.wire('PUT', '/v1/signing-keys', request);
      expect(await put(signSigningKeys(list, neighbour.keys.privateKey))).toMatchObject({ status: 200 });
      expect(await neighbour.ask('query', { ask: 'keyStatus' })).toMatchObject(refused('SIGNATURE_INVALID'));
      expect(await put(signSigningKeys(former, next.privateKey))).toMatchObject({ status: 200 });
      expect(await neighbour.ask('query', { ask: 'keyStatus' })).toMatchObject({ status: 'DONE' });
    },
  ),
];
