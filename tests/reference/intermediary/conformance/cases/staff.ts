import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { BODIES } from '../../../../../src/reference/intermediary/seed.js';
import { PEOPLE } from '../../../../../src/reference/intermediary/seedPeople.js';
import { accountLine, taxLine } from '../../support/linkage.js';
import { NOON } from '../../support/stand.js';
import { one, type Case } from '../case.js';

const person = (personId: string, unitCode = 'U-24', stepUpAt = NOON.toString()) => ({
  actAs: { personId, unitCode, stepUpAt },
});
const stepUp = (offset: object) => person('P-1029', 'U-24', NOON.add(offset).toString());

const asks = (no: number, title: string, change: object, expected: object): Case =>
  one(no, title, async ({ municipality }) => {
    expect(await municipality.ask('inquiry', accountLine(), change)).toMatchObject(expected);
  });
const refused = (reason: string) => ({ status: 'REFUSED', reason });

/** 職員認証・権限管理機能. */
export const STAFF_CASES: readonly Case[] = [
  asks(301, 'nobody acts whom the staff table does not know', person('P-9999'), refused('STAFF_UNKNOWN')),
  asks(
    302,
    'nobody acts for a unit that is not the person’s',
    person('P-1029', 'U-25'),
    refused('STAFF_UNKNOWN'),
  ),
  asks(303, 'nobody of another body acts', person('P-2001'), refused('STAFF_UNKNOWN')),
  asks(304, 'nobody acts who has left', person('P-1032'), refused('STAFF_ENDED')),
  asks(
    305,
    'nobody inquires with the right to questions alone',
    person('P-1030'),
    refused('STAFF_WITHOUT_RIGHT'),
  ),
  asks(
    306,
    'nobody inquires in a procedure without the right to it',
    person('P-1031'),
    refused('STAFF_WITHOUT_RIGHT'),
  ),
  one(307, 'the same person inquires in the procedure of the right', async ({ municipality }) => {
    expect(await municipality.ask('inquiry', taxLine(), person('P-1031'))).toMatchObject({ status: 'DONE' });
  }),
  one(308, 'a batch is refused for one line without the right', async ({ municipality }) => {
    const lines = [taxLine(), accountLine({ lineNo: 2 })];
    expect(await municipality.ask('inquiry.batch', { lines }, person('P-1031'))).toMatchObject(
      refused('STAFF_WITHOUT_RIGHT'),
    );
  }),
  asks(
    309,
    'a second factor of the future is not believed',
    stepUp({ minutes: 6 }),
    refused('STEP_UP_REQUIRED'),
  ),
  asks(
    310,
    'a second factor of yesterday is not believed',
    stepUp({ hours: -24 }),
    refused('STEP_UP_REQUIRED'),
  ),
  asks(311, 'a second factor within a day is believed', stepUp({ hours: -23 }), { status: 'DONE' }),
  one(312, 'lists with people in them are for people with the right to them', async ({ municipality }) => {
    const range = 'from=2026-11-01&to=2026-11-30';
    expect(await municipality.wire('GET', `/v1/provision-records?${range}`)).toMatchObject({ status: 401 });
    expect(await municipality.list(`/v1/provision-records?${range}`, 'P-1032')).toMatchObject({
      status: 401,
    });
    expect(await municipality.list('/v1/pending-provisions', 'P-1030')).toMatchObject({ status: 401 });
    expect(await municipality.list(`/v1/provision-records?${range}`, 'P-1030')).toMatchObject({
      status: 200,
    });
  }),
  one(313, 'the log says who did what, and nothing of whom it was about', async ({ municipality, stand }) => {
    const asked = municipality.envelope('inquiry', accountLine(), person('P-9999'));
    await municipality.send(asked);
    const done = municipality.envelope('inquiry', accountLine());
    await municipality.send(done);
    const log = readFileSync(join(stand.home, 'data', BODIES.municipality.bodyCode, 'log.jsonl'), 'utf8');
    const entries = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line.slice(65)) as { no: number; messageId?: string });
    expect(entries.map(({ no }) => no)).toEqual(entries.map((_, at) => at + 1));
    expect(entries.find(({ messageId }) => messageId === asked.messageId)).toMatchObject({
      personId: 'P-9999',
      unitCode: 'U-24',
      kind: 'inquiry',
      status: 'REFUSED',
      reason: 'STAFF_UNKNOWN',
    });
    expect(entries.find(({ messageId }) => messageId === done.messageId)).toMatchObject({ status: 'DONE' });
    expect(Object.values(PEOPLE).filter((number) => log.includes(number))).toEqual([]);
    expect(log).not.toContain('0012345');
  }),
];
