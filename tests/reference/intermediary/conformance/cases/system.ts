import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Temporal } from '../../../../../src/kernel/dates.js';
import { BODIES } from '../../../../../src/reference/intermediary/seed.js';
import { NEIGHBOUR_PEOPLE, PEOPLE } from '../../../../../src/reference/intermediary/seedPeople.js';
import { accountLine, bodyOf, newMessageId, taxLine } from '../../support/linkage.js';
import { one, type Case } from '../case.js';

const notices = (no: number, instant: string, noticeIds: string[]): Case =>
  one(
    no,
    `on ${instant} the notices in force are ${noticeIds.join(', ')}`,
    async ({ municipality, stand }) => {
      await stand.setClock(Temporal.Instant.from(instant));
      const list = (await municipality.wire('GET', '/v1/notices')) as {
        json: { notices: { noticeId: string }[] };
      };
      expect(list.json.notices.map(({ noticeId }) => noticeId)).toEqual(noticeIds);
    },
  );

/** システム管理機能, and the wall between bodies. */
export const SYSTEM: readonly Case[] = [
  one(1001, 'the counts are those of the log', async ({ municipality, stand }) => {
    await municipality.ask('inquiry', accountLine());
    await municipality.ask('inquiry', accountLine(), { layoutVersion: '2031-01' });
    const { json } = (await municipality.wire('GET', '/v1/statistics')) as {
      json: { counts: Record<string, number> };
    };
    const log = readFileSync(join(stand.home, 'data', BODIES.municipality.bodyCode, 'log.jsonl'), 'utf8');
    const counted: Record<string, number> = {};
    for (const line of log.trim().split('\n')) {
      const { kind, status } = JSON.parse(line.slice(65)) as { kind: string; status: string };
      counted[`${kind}/${status}`] = (counted[`${kind}/${status}`] ?? 0) + 1;
    }
    expect(json.counts).toEqual(counted);
    expect(counted['inquiry/REFUSED']).toBeGreaterThan(0);
  }),
  notices(1002, '2026-06-15T03:00:00Z', ['OSR-0001']),
  notices(1003, '2026-11-02T03:00:00Z', ['OSR-0002']),
  one(1004, 'of the server’s keys the public part is told, and no more', async ({ municipality }) => {
    const { json } = (await municipality.wire('GET', '/v1/keys')) as { json: { keys: object[] } };
    expect(json.keys.length).toBeGreaterThan(0);
    for (const key of json.keys) expect(Object.keys(key).toSorted()).toEqual(['keyId', 'since', 'x']);
  }),
  one(1101, 'a body cannot fetch another body’s message', async ({ municipality, neighbour }) => {
    const { messageId } = await municipality.ask('inquiry', accountLine());
    for (const path of ['messages/{id}', 'batches/{id}', 'batches/{id}/result'])
      expect(await neighbour.wire('GET', `/v1/${path.replace('{id}', messageId)}`)).toMatchObject({
        status: 404,
      });
    const asked = await neighbour.ask('query', { ask: 'message', messageId });
    expect(asked.body).toMatchObject({ state: 'UNKNOWN' });
  }),
  one(1102, 'a body cannot fetch another body’s batch', async ({ municipality, neighbour }) => {
    const { messageId } = await municipality.ask('inquiry.batch', { lines: [accountLine()] });
    expect(await neighbour.wire('GET', `/v1/batches/${messageId}/result`)).toMatchObject({ status: 404 });
  }),
  one(
    1103,
    'two bodies may use the same message number: each has its own message',
    async ({ municipality, neighbour }) => {
      const messageId = newMessageId();
      await municipality.ask('inquiry', accountLine(), { messageId });
      const line = accountLine({ unifiedAddresseeNo: NEIGHBOUR_PEOPLE.other });
      const answer = await neighbour.ask('inquiry', line, { messageId });
      expect(answer.body).toMatchObject({ outcome: 'NO_DATA' });
    },
  ),
  one(1104, 'a body’s numbers say nothing to another body', async ({ neighbour }) => {
    const line = accountLine({ unifiedAddresseeNo: PEOPLE.accountRegistered });
    expect((await neighbour.ask('inquiry', line)).body).toMatchObject({ outcome: 'CODE_NOT_ACQUIRED' });
  }),
  one(
    1105,
    'a body’s records, counts and waiting provisions are its own',
    async ({ municipality, neighbour }) => {
      const { permissionId = '' } = bodyOf(await municipality.ask('inquiry', taxLine()), 'inquiry');
      const range = 'from=2026-01-01&to=2039-12-31';
      const own = (await municipality.list(`/v1/provision-records?${range}`)) as { text: string };
      const others = (await neighbour.list(`/v1/provision-records?${range}`)) as { text: string };
      expect(own.text).toContain(permissionId);
      expect(others.text).not.toContain(permissionId);
      const counts = async (linkage: typeof neighbour) =>
        ((await linkage.wire('GET', '/v1/statistics')) as { text: string }).text;
      expect(await counts(municipality)).not.toBe(await counts(neighbour));
    },
  ),
  one(1106, 'a body cannot delete another body’s copy', async ({ municipality, neighbour }) => {
    const copy = {
      recordId: 'KR-1106',
      unifiedAddresseeNo: PEOPLE.accountNotRegistered,
      informationNameCode: 'TM00000000000100',
      version: 1,
      publishedFrom: '2026-04-01',
      publishedTo: '2027-03-31',
      autoAnswerForbidden: false,
      nonDisclosure: false,
      items: { CZ01: '1' },
    };
    await municipality.ask('copy.register', { copies: [copy] });
    const tried = await neighbour.ask('copy.delete', { recordIds: ['KR-1106', 'KZ-1', 'CZ-1'] });
    expect(tried.body).toMatchObject({
      copies: [{ result: 'NOT_FOUND' }, { result: 'NOT_FOUND' }, { result: 'NOT_FOUND' }],
    });
    const own = await municipality.ask('copy.delete', { recordIds: ['KR-1106'] });
    expect(own.body).toMatchObject({ copies: [{ result: 'DELETED' }] });
  }),
  one(1107, 'a body cannot decide another body’s provision', async ({ municipality, neighbour }) => {
    const copy = {
      recordId: 'KR-1107',
      unifiedAddresseeNo: PEOPLE.accountRegistered,
      informationNameCode: 'TM00000000000100',
      version: 1,
      publishedFrom: '2026-04-01',
      publishedTo: '2027-03-31',
      autoAnswerForbidden: true,
      nonDisclosure: false,
      items: { CZ01: '1' },
    };
    await municipality.ask('copy.register', { copies: [copy] });
    const line = taxLine({
      unifiedAddresseeNo: NEIGHBOUR_PEOPLE.shared,
      providerBodyCode: BODIES.municipality.bodyCode,
    });
    const { permissionId } = bodyOf(await neighbour.ask('inquiry', line), 'inquiry');
    const list = (await municipality.list('/v1/pending-provisions')) as {
      json: { provisions: { provisionId: string; permissionId: string }[] };
    };
    const provisionId =
      list.json.provisions.find((each) => each.permissionId === permissionId)?.provisionId ?? 'none';
    const decision = { provisionId, decision: 'PROVIDE' as const, reason: 'mine' };
    expect(await neighbour.ask('provision.decide', decision)).toMatchObject({ reason: 'PROVISION_UNKNOWN' });
    expect(await municipality.ask('provision.decide', decision)).toMatchObject({ status: 'DONE' });
    await municipality.ask('copy.delete', { recordIds: ['KR-1107'] });
  }),
];
