import { expect } from 'vitest';
import type { Envelope } from '../../../../../src/protocol/intermediary/message.js';
import type { ProvisionRecord } from '../../../../../src/reference/intermediary/body.js';
import { BODIES } from '../../../../../src/reference/intermediary/seed.js';
import { accountLine, bodyOf, taxLine, type Linkage } from '../../support/linkage.js';
import { NOON } from '../../support/stand.js';
import { one, type Case } from '../case.js';

const REGISTRY = BODIES.registry.bodyCode;

const stateOf = async (linkage: Linkage, messageId: string) =>
  bodyOf(await linkage.ask('query', { ask: 'message', messageId }), 'query');

async function recordsOf(linkage: Linkage, { messageId }: Envelope): Promise<ProvisionRecord[]> {
  const answer = await linkage.get(`/v1/messages/${messageId}`, messageId);
  const list = await linkage.list('/v1/provision-records?from=2026-11-01&to=2026-11-30');
  const { records } = (list as { json: { records: ProvisionRecord[] } }).json;
  return records.filter((record) => record.permissionId === bodyOf(answer, 'inquiry').permissionId);
}

/** A fault in which no answer arrives; what the sender asks next, and that it happened once all the same. */
const broken = (no: number, title: string, fault: string, status: 'broken' | number, state: string): Case =>
  one(no, title, async ({ municipality, stand }) => {
    const envelope = municipality.envelope('inquiry', accountLine());
    await stand.setFaults([{ fault }]);
    expect(await municipality.post(envelope)).toMatchObject({ status });
    expect(await stateOf(municipality, envelope.messageId)).toMatchObject({ state });
    expect((await municipality.send(envelope)).body).toMatchObject({ outcome: 'OK' });
    expect(await recordsOf(municipality, envelope)).toHaveLength(1);
  });

/** データ送受信機能, and what happens on the way to the server. */
export const NETWORK: readonly Case[] = [
  one(
    901,
    'an outage of the provider is told as such; after it the same message goes through once',
    async ({ municipality, stand }) => {
      const envelope = municipality.envelope('inquiry', accountLine());
      await stand.setFaults([], [REGISTRY]);
      expect(await municipality.send(envelope)).toMatchObject({
        status: 'RETRYABLE',
        reason: 'OUTAGE',
        body: {},
      });
      expect(await municipality.send(envelope)).toMatchObject({ status: 'RETRYABLE' });
      expect(await stateOf(municipality, envelope.messageId)).toMatchObject({ state: 'ACCEPTED' });
      await stand.setFaults([]);
      expect((await municipality.send(envelope)).body).toMatchObject({ outcome: 'OK' });
      expect(await recordsOf(municipality, envelope)).toHaveLength(1);
    },
  ),
  one(
    902,
    'a permission that ended during an outage is followed by another',
    async ({ municipality, stand }) => {
      const envelope = municipality.envelope('inquiry', accountLine());
      await stand.setFaults([], [REGISTRY]);
      await municipality.send(envelope);
      await stand.setFaults([]);
      await stand.setClock(NOON.add({ minutes: 10 }));
      expect((await municipality.send(envelope)).body).toMatchObject({ outcome: 'OK' });
      expect(await recordsOf(municipality, envelope)).toHaveLength(1);
    },
  ),
  one(
    903,
    'an outage of one provider holds up the batch, and asks the others once',
    async ({ municipality, stand }) => {
      await stand.setFaults([], [REGISTRY]);
      const { messageId } = await municipality.ask('inquiry.batch', {
        lines: [taxLine(), accountLine({ lineNo: 2 })],
      });
      const fetch = () => municipality.get(`/v1/batches/${messageId}/result`, messageId);
      expect(await fetch()).toMatchObject({ status: 'RETRYABLE', reason: 'OUTAGE' });
      await stand.setFaults([]);
      const answer = await fetch();
      expect(bodyOf(answer, 'inquiry.batch').lines?.map(({ outcome }) => outcome)).toEqual(['OK', 'OK']);
      expect(await fetch()).toEqual(answer);
    },
  ),
  one(904, 'an outage of others holds up nobody', async ({ municipality, stand }) => {
    await stand.setFaults([], [BODIES.city.bodyCode]);
    expect((await municipality.ask('inquiry', accountLine())).body).toMatchObject({ outcome: 'OK' });
  }),
  broken(905, 'a message lost on the way there has had no effect', 'dropBefore', 'broken', 'UNKNOWN'),
  broken(
    906,
    'an answer lost on the way back: the message has had its effect, once',
    'dropAfter',
    'broken',
    'DONE',
  ),
  broken(907, 'half an answer is none', 'halfWritten', 'broken', 'DONE'),
  broken(908, 'out of service: no effect', 'unavailable', 503, 'UNKNOWN'),
  one(909, 'a message that arrives twice has its effect once', async ({ municipality, stand }) => {
    const envelope = municipality.envelope('inquiry', accountLine());
    await stand.setFaults([{ fault: 'duplicate' }]);
    expect((await municipality.send(envelope)).body).toMatchObject({ outcome: 'OK' });
    expect(await recordsOf(municipality, envelope)).toHaveLength(1);
  }),
  one(910, 'a message that is overtaken arrives all the same', async ({ municipality, stand }) => {
    await stand.setFaults([{ fault: 'reorder' }]);
    const first = municipality.envelope('inquiry', accountLine());
    const waiting = municipality.post(first);
    // The first has met its fault once another request finds none waiting.
    const second = municipality.envelope('inquiry', accountLine());
    let answered: unknown;
    while (answered === undefined) {
      const { state } = (await stateOf(municipality, second.messageId)) as { state?: string };
      if (state === 'UNKNOWN') answered = await municipality.send(second);
    }
    expect(await municipality.believed(await waiting, first.messageId)).toMatchObject({ status: 'DONE' });
  }),
  one(
    911,
    'an answer that was altered on the way is not believed; it can be fetched',
    async ({ municipality, stand }) => {
      const envelope = municipality.envelope('inquiry', accountLine());
      await stand.setFaults([{ fault: 'corrupt' }]);
      await expect(municipality.send(envelope)).rejects.toThrow('SIGNATURE_INVALID');
      expect(await municipality.get(`/v1/messages/${envelope.messageId}`, envelope.messageId)).toMatchObject({
        status: 'DONE',
      });
    },
  ),
  one(912, 'an answer that comes late is the answer', async ({ municipality, stand }) => {
    await stand.setFaults([{ fault: 'delay', ms: 50 }]);
    expect((await municipality.ask('inquiry', accountLine())).body).toMatchObject({ outcome: 'OK' });
  }),
  one(
    913,
    'a server that is killed has forgotten nothing it has answered',
    async ({ municipality, stand }) => {
      const envelope = municipality.envelope('inquiry', accountLine());
      const answer = await municipality.send(envelope);
      await stand.killAndRestart();
      expect(await municipality.send(envelope)).toEqual(answer);
      expect(await recordsOf(municipality, envelope)).toHaveLength(1);
      const again = await municipality.ask('inquiry', accountLine({ recordId: envelope.body.recordId }));
      expect(again.body).toMatchObject({ outcome: 'DUPLICATE_RECORD' });
    },
  ),
  one(914, 'what was received before it was killed is gone on with', async ({ municipality, stand }) => {
    const envelope = municipality.envelope('inquiry', accountLine());
    await stand.setFaults([], [REGISTRY]);
    await municipality.send(envelope);
    await stand.killAndRestart();
    expect(await stateOf(municipality, envelope.messageId)).toMatchObject({ state: 'DONE' });
    expect(await recordsOf(municipality, envelope)).toHaveLength(1);
  }),
];
