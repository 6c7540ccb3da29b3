import { expect } from 'vitest';
import type { CopyBody } from '../../../../../src/protocol/intermediary/message.js';
import { BODIES, TAX_INFORMATION } from '../../../../../src/reference/intermediary/seed.js';
import { NEIGHBOUR_PEOPLE, PEOPLE } from '../../../../../src/reference/intermediary/seedPeople.js';
import { bodyOf, newRecordId, taxLine, type Linkage } from '../../support/linkage.js';
import { NOON } from '../../support/stand.js';
import { one, type Case, type Scene } from '../case.js';

const { items, informationNameCode, procedures } = TAX_INFORMATION;

/** A copy of the municipality, of the person whom the neighbour knows as well. */
function copy(change: Partial<CopyBody> = {}): CopyBody {
  return {
    recordId: newRecordId(),
    unifiedAddresseeNo: PEOPLE.accountRegistered,
    informationNameCode,
    version: 1,
    publishedFrom: '2026-04-01',
    publishedTo: '2027-03-31',
    autoAnswerForbidden: false,
    nonDisclosure: false,
    items: { [items.income]: '4000000', [items.taxAmount]: '160000' },
    ...change,
  };
}

const register = (linkage: Linkage, ...copies: CopyBody[]) => linkage.ask('copy.register', { copies });
const remove = (linkage: Linkage, ...recordIds: string[]) => linkage.ask('copy.delete', { recordIds });
const question = () =>
  taxLine({ unifiedAddresseeNo: NEIGHBOUR_PEOPLE.shared, providerBodyCode: BODIES.municipality.bodyCode });

/** Registers copies for the length of a case. */
async function withCopies(
  { municipality }: Scene,
  copies: CopyBody[],
  work: () => Promise<void>,
): Promise<void> {
  await register(municipality, ...copies);
  try {
    await work();
  } finally {
    await remove(municipality, ...copies.map(({ recordId }) => recordId));
  }
}

interface Waiting {
  readonly provisionId: string;
  readonly permissionId: string;
}

/** The neighbour asks for what a person of the municipality must decide. */
async function askManually(
  scene: Scene,
  work: (messageId: string, provisionId: string) => Promise<void>,
): Promise<void> {
  const { neighbour, municipality } = scene;
  await withCopies(scene, [copy({ autoAnswerForbidden: true })], async () => {
    const asked = await neighbour.ask('inquiry', question());
    expect(asked).toMatchObject({
      status: 'PENDING',
      body: { outcome: 'MANUAL_PENDING', names: [{ status: '04', items: {} }] },
    });
    const { permissionId } = bodyOf(asked, 'inquiry');
    const list = await municipality.list('/v1/pending-provisions');
    const { provisions } = (list as { json: { provisions: Waiting[] } }).json;
    const waiting = provisions.find((each) => each.permissionId === permissionId);
    await work(asked.messageId, waiting?.provisionId ?? 'none');
  });
}

function decide(linkage: Linkage, provisionId: string, decision: 'PROVIDE' | 'REFUSE') {
  return linkage.ask('provision.decide', { provisionId, decision, reason: 'looked at' });
}

const registered = (no: number, title: string, second: (first: CopyBody) => CopyBody, result: string): Case =>
  one(no, title, async (scene) => {
    const first = copy({ version: 2 });
    await withCopies(scene, [first], async () => {
      const answer = await register(scene.municipality, second(first));
      expect(answer.body).toEqual({ copies: [{ recordId: first.recordId, result }] });
      expect(answer.status).toBe(result === 'REGISTERED' ? 'DONE' : 'PARTIAL');
    });
  });

/** 情報提供DB管理機能, 情報提供機能. */
export const PROVISIONS: readonly Case[] = [
  one(701, 'a copy is registered, and answers by itself', async (scene) => {
    await withCopies(scene, [copy()], async () => {
      const answer = await scene.neighbour.ask('inquiry', question());
      expect(answer.body).toMatchObject({ outcome: 'OK', names: [{ items: { [items.income]: '4000000' } }] });
    });
  }),
  one(702, 'a copy that is deleted answers no more', async ({ municipality, neighbour }) => {
    const { recordId } = copy();
    await register(municipality, copy({ recordId }));
    expect((await remove(municipality, recordId, recordId)).body).toEqual({
      copies: [
        { recordId, result: 'DELETED' },
        { recordId, result: 'NOT_FOUND' },
      ],
    });
    expect((await neighbour.ask('inquiry', question())).body).toMatchObject({ outcome: 'NO_DATA' });
  }),
  registered(
    703,
    'the same record number and version again is a duplicate',
    (first) => first,
    'DUPLICATE_RECORD',
  ),
  registered(
    704,
    'the record number of another person’s copy is a duplicate',
    (first) => ({ ...first, version: 3, unifiedAddresseeNo: PEOPLE.moved }),
    'DUPLICATE_RECORD',
  ),
  registered(
    705,
    'an older version does not take the place of a newer',
    (first) => ({ ...first, version: 1 }),
    'VERSION_NOT_NEWER',
  ),
  registered(706, 'a newer version does', (first) => ({ ...first, version: 3 }), 'REGISTERED'),
  one(707, 'of two copies in force the newer version answers', async (scene) => {
    const newer = copy({ version: 2, items: { [items.income]: '5000000' } });
    await withCopies(scene, [newer, copy()], async () => {
      const answer = await scene.neighbour.ask('inquiry', question());
      expect(answer.body).toMatchObject({ names: [{ items: { [items.income]: '5000000' } }] });
    });
  }),
  one(708, 'a copy answers in its window of publication alone', async (scene) => {
    const outside = [
      copy({ publishedFrom: '2026-11-03' }),
      copy({ publishedFrom: '2026-01-01', publishedTo: '2026-11-01' }),
    ];
    await withCopies(scene, outside, async () => {
      expect((await scene.neighbour.ask('inquiry', question())).body).toMatchObject({ outcome: 'NO_DATA' });
    });
  }),
  one(709, 'a window that ends before it begins is a defect of form', async ({ municipality }) => {
    const answer = await register(municipality, copy({ publishedFrom: '2027-04-01' }));
    expect(answer).toMatchObject({ status: 'REFUSED', reason: 'FORMAT_ERROR' });
  }),
  one(710, 'what may not be answered by itself waits for a person, who provides it', async (scene) => {
    await askManually(scene, async (messageId, provisionId) => {
      const { municipality, neighbour } = scene;
      expect(await decide(municipality, provisionId, 'PROVIDE')).toMatchObject({ status: 'DONE' });
      const answer = await neighbour.get(`/v1/messages/${messageId}`, messageId);
      expect(answer).toMatchObject({
        status: 'DONE',
        body: {
          outcome: 'OK',
          names: [{ status: '01', providedAt: NOON.toString(), items: { [items.income]: '4000000' } }],
        },
      });
      expect(await decide(municipality, provisionId, 'REFUSE')).toMatchObject({
        status: 'REFUSED',
        reason: 'PROVISION_DECIDED',
      });
    });
  }),
  one(711, '… or refuses it', async (scene) => {
    await askManually(scene, async (messageId, provisionId) => {
      await decide(scene.municipality, provisionId, 'REFUSE');
      const answer = await scene.neighbour.get(`/v1/messages/${messageId}`, messageId);
      expect(answer).toMatchObject({
        status: 'DONE',
        body: { outcome: 'PROVIDER_REFUSED', names: [{ items: {} }] },
      });
    });
  }),
  one(712, 'a decision goes to the path of its provision alone', async (scene) => {
    await askManually(scene, async (_, provisionId) => {
      const { municipality } = scene;
      const envelope = municipality.envelope('provision.decide', {
        provisionId,
        decision: 'PROVIDE',
        reason: 'looked at',
      });
      const post = async (id: string) =>
        municipality.believed(
          await municipality.wire('POST', `/v1/pending-provisions/${id}/decision`, envelope),
          envelope.messageId,
        );
      expect(await post('TK0')).toMatchObject({ status: 'REFUSED', reason: 'FORMAT_ERROR' });
      expect(await post(provisionId)).toMatchObject({ status: 'DONE' });
    });
  }),
  one(713, 'what nobody decides within seven days is refused', async (scene) => {
    await askManually(scene, async (messageId, provisionId) => {
      const { municipality, neighbour, stand } = scene;
      const fetch = () => neighbour.get(`/v1/messages/${messageId}`, messageId);
      await stand.setClock(NOON.add({ hours: 7 * 24 }).subtract({ seconds: 1 }));
      expect((await fetch()).status).toBe('PENDING');
      await stand.setClock(NOON.add({ hours: 7 * 24 }));
      expect((await fetch()).body).toMatchObject({ outcome: 'PROVIDER_REFUSED' });
      expect(await decide(municipality, provisionId, 'PROVIDE')).toMatchObject({
        reason: 'PROVISION_EXPIRED',
      });
      const list = (await municipality.list('/v1/pending-provisions')) as { text: string };
      expect(list.text).not.toContain(provisionId);
    });
  }),
  one(714, 'a provision that there is not cannot be decided', async ({ municipality }) => {
    expect(await decide(municipality, 'TK0', 'PROVIDE')).toMatchObject({ reason: 'PROVISION_UNKNOWN' });
  }),
  one(715, 'a row without automatic answers waits for a person as well', async ({ municipality }) => {
    const answer = await municipality.ask('inquiry', taxLine({ procedureCode: procedures.manual }));
    expect(answer).toMatchObject({ status: 'PENDING', body: { outcome: 'MANUAL_PENDING' } });
  }),
  one(716, 'a batch goes on when the person has decided, and what was told stays', async (scene) => {
    const { municipality, neighbour } = scene;
    await withCopies(scene, [copy({ autoAnswerForbidden: true })], async () => {
      const lines = [question(), { ...question(), lineNo: 2, procedureCode: procedures.unlisted }];
      const { messageId } = await neighbour.ask('inquiry.batch', { lines });
      const outcomes = async () => {
        const answer = await neighbour.get(`/v1/batches/${messageId}/result`, messageId);
        return bodyOf(answer, 'inquiry.batch').lines?.map(({ outcome }) => outcome);
      };
      expect(await outcomes()).toEqual(['MANUAL_PENDING', 'NOT_PERMITTED']);
      const list = (await municipality.list('/v1/pending-provisions')) as { json: { provisions: Waiting[] } };
      for (const { provisionId } of list.json.provisions) await decide(municipality, provisionId, 'PROVIDE');
      expect(await outcomes()).toEqual(['OK', 'NOT_PERMITTED']);
    });
  }),
];
