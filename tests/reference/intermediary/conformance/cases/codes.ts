import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { NEIGHBOUR_PEOPLE, PEOPLE } from '../../../../../src/reference/intermediary/seedPeople.js';
import { accountLine, bodyOf } from '../../support/linkage.js';
import { NOON } from '../../support/stand.js';
import { one, type Case } from '../case.js';

/** 符号管理機能. */
export const CODES: readonly Case[] = [
  one(401, 'an inquiry before the acquisition of the 符号 brings none', async ({ municipality }) => {
    const line = accountLine({ unifiedAddresseeNo: PEOPLE.codeNotAcquired });
    expect(await municipality.ask('inquiry', line)).toMatchObject({
      status: 'DONE',
      body: { outcome: 'CODE_NOT_ACQUIRED', lineStatus: '21', names: [] },
    });
  }),
  one(
    402,
    'the acquisition takes a while; then the inquiry goes through',
    async ({ municipality, stand }) => {
      const { codeNotAcquired: unifiedAddresseeNo } = PEOPLE;
      const status = async () =>
        bodyOf(await municipality.ask('query', { ask: 'codeStatus', unifiedAddresseeNo }), 'query');
      expect(await status()).toMatchObject({ state: 'NOT_REQUESTED' });
      const first = await municipality.ask('code.acquire', { unifiedAddresseeNo });
      expect(first).toMatchObject({ status: 'DONE', body: { state: 'REQUESTED' } });
      await stand.setClock(NOON.add({ seconds: 59 }));
      expect(await status()).toMatchObject({ state: 'REQUESTED' });
      const early = await municipality.ask('inquiry', accountLine({ unifiedAddresseeNo }));
      expect(early.body).toMatchObject({ outcome: 'CODE_NOT_ACQUIRED' });
      await stand.setClock(NOON.add({ seconds: 60 }));
      expect(await status()).toMatchObject({ state: 'ACQUIRED' });
      const late = await municipality.ask('inquiry', accountLine({ unifiedAddresseeNo }));
      expect(late.body).toMatchObject({ outcome: 'OK' });
    },
  ),
  one(
    403,
    'a 符号 is acquired once: the second time has the number of the first',
    async ({ municipality }) => {
      const body = { unifiedAddresseeNo: PEOPLE.accountRegistered };
      const [first, second] = [
        await municipality.ask('code.acquire', body),
        await municipality.ask('code.acquire', body),
      ];
      expect(second.body).toEqual(first.body);
      expect(first.body).toMatchObject({ state: 'ACQUIRED' });
    },
  ),
  one(404, 'the 符号 of a superseded number has ended', async ({ municipality }) => {
    const { numberSuperseded: unifiedAddresseeNo } = PEOPLE;
    const answer = await municipality.ask('inquiry', accountLine({ unifiedAddresseeNo }));
    expect(answer.body).toMatchObject({ outcome: 'CODE_NOT_ACQUIRED', lineStatus: '22' });
    const status = await municipality.ask('query', { ask: 'codeStatus', unifiedAddresseeNo });
    expect(status.body).toMatchObject({ state: 'ENDED' });
  }),
  one(405, 'the number that has taken its place goes through', async ({ municipality }) => {
    const line = accountLine({ unifiedAddresseeNo: PEOPLE.supersedes });
    expect((await municipality.ask('inquiry', line)).body).toMatchObject({ outcome: 'OK' });
  }),
  one(
    406,
    'a person whom only the residents’ register knows can have a 符号 too',
    async ({ municipality, stand }) => {
      const unifiedAddresseeNo = '000000000009406';
      await municipality.ask('code.acquire', { unifiedAddresseeNo });
      await stand.setClock(NOON.add({ minutes: 1 }));
      const answer = await municipality.ask('inquiry', accountLine({ unifiedAddresseeNo }));
      expect(answer.body).toMatchObject({ outcome: 'NO_DATA' });
    },
  ),
  one(
    407,
    'a person has another 符号 at each body, and no answer ever held one',
    async ({ stand, municipality, neighbour }) => {
      await municipality.ask('code.acquire', { unifiedAddresseeNo: PEOPLE.accountRegistered });
      await neighbour.ask('code.acquire', { unifiedAddresseeNo: NEIGHBOUR_PEOPLE.shared });
      const journal = readFileSync(join(stand.home, 'data', 'network', 'journal.jsonl'), 'utf8');
      const codes = [...journal.matchAll(/"code":"(FG[0-9A-F]{24})"/g)].map(([, code = '']) => code);
      expect(codes.length).toBeGreaterThan(10);
      const said = stand.heard.join('\n');
      expect(codes.filter((code) => said.includes(code))).toEqual([]);
      const persons = Object.keys(PEOPLE).length - 1;
      expect(new Set(codes).size).toBeGreaterThanOrEqual(persons);
    },
  ),
];
