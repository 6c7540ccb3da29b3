import { expect } from 'vitest';
import { Temporal } from '../../../../../src/kernel/dates.js';
import type { ProvisionRecord } from '../../../../../src/reference/intermediary/body.js';
import { BODIES, TAX_INFORMATION } from '../../../../../src/reference/intermediary/seed.js';
import { NEIGHBOUR_PEOPLE, PEOPLE } from '../../../../../src/reference/intermediary/seedPeople.js';
import { accountLine, bodyOf, taxLine, type Linkage } from '../../support/linkage.js';
import { NOON } from '../../support/stand.js';
import { one, type Case } from '../case.js';

interface Page {
  readonly json: { readonly records: ProvisionRecord[]; readonly next?: string };
}

/** All records of a body, page by page. */
async function records(linkage: Linkage, from = '2026-11-02', to = from): Promise<ProvisionRecord[]> {
  const found: ProvisionRecord[] = [];
  for (let after = ''; ;) {
    const path = `/v1/provision-records?from=${from}&to=${to}&limit=500${after}`;
    const { json } = (await linkage.list(path)) as Page;
    found.push(...json.records);
    if (json.next === undefined) return found;
    after = `&after=${json.next}`;
  }
}

const recordOf = async (linkage: Linkage, permissionId: string | undefined) =>
  (await records(linkage)).filter((record) => record.permissionId === permissionId);

/** 情報提供等記録管理機能. */
export const RECORDS: readonly Case[] = [
  one(801, 'an inquiry has a record with the items of the law', async ({ municipality }) => {
    const line = taxLine();
    const answer = bodyOf(await municipality.ask('inquiry', line), 'inquiry');
    expect(await recordOf(municipality, answer.permissionId)).toEqual([
      {
        recordId: expect.stringMatching(/^KR[0-9A-F]{24}$/) as string,
        side: 'INQUIRER',
        inquirerBodyCode: BODIES.municipality.bodyCode,
        inquirerName: BODIES.municipality.name,
        providerBodyCode: BODIES.city.bodyCode,
        providerName: BODIES.city.name,
        requestedAt: NOON.toString(),
        providedAt: NOON.toString(),
        taskCode: line.taskCode,
        procedureCode: line.procedureCode,
        informationNameCodes: [line.informationNameCode],
        itemCodes: line.itemCodes,
        permissionId: answer.permissionId,
        processingNo: answer.processingNo,
        resultStatus: '01',
        nonDisclosure: false,
        unifiedAddresseeNo: line.unifiedAddresseeNo,
        keptThrough: '2033-11-02',
      },
    ]);
  }),
  one(
    802,
    'both sides keep one, each under its own number of the person',
    async ({ municipality, neighbour }) => {
      const line = taxLine({
        unifiedAddresseeNo: NEIGHBOUR_PEOPLE.shared,
        providerBodyCode: BODIES.municipality.bodyCode,
      });
      const { permissionId } = bodyOf(await neighbour.ask('inquiry', line), 'inquiry');
      const [asked] = await recordOf(neighbour, permissionId);
      const [provided] = await recordOf(municipality, permissionId);
      expect(asked).toMatchObject({ side: 'INQUIRER', unifiedAddresseeNo: NEIGHBOUR_PEOPLE.shared });
      expect(provided).toMatchObject({ side: 'PROVIDER', unifiedAddresseeNo: PEOPLE.accountRegistered });
      expect(provided?.recordId).not.toBe(asked?.recordId);
      expect(provided?.requestedAt).toBe(asked?.requestedAt);
    },
  ),
  one(803, 'there is one also when there are no data', async ({ municipality }) => {
    const line = accountLine({ unifiedAddresseeNo: PEOPLE.accountNotRegistered });
    const { permissionId } = bodyOf(await municipality.ask('inquiry', line), 'inquiry');
    const [record] = await recordOf(municipality, permissionId);
    expect(record).toMatchObject({ resultStatus: '02' });
    expect(record).not.toHaveProperty('providedAt');
  }),
  one(804, 'there is none of what was refused before anybody was asked', async ({ municipality }) => {
    const before = (await records(municipality)).length;
    const { consentId: _, ...line } = accountLine();
    await municipality.ask('inquiry', line);
    await municipality.ask('inquiry', taxLine({ procedureCode: TAX_INFORMATION.procedures.unlisted }));
    await municipality.ask('inquiry', accountLine({ unifiedAddresseeNo: PEOPLE.numberSuperseded }));
    expect(await records(municipality)).toHaveLength(before);
  }),
  one(
    805,
    'a record that is not to be disclosed says so, by the inquirer’s word',
    async ({ municipality }) => {
      const { permissionId } = bodyOf(
        await municipality.ask('inquiry', accountLine({ nonDisclosure: true })),
        'inquiry',
      );
      expect(await recordOf(municipality, permissionId)).toMatchObject([{ nonDisclosure: true }]);
    },
  ),
  one(806, '… or by the copy’s', async ({ municipality }) => {
    const line = taxLine({ unifiedAddresseeNo: PEOPLE.nonDisclosure });
    const { permissionId } = bodyOf(await municipality.ask('inquiry', line), 'inquiry');
    expect(await recordOf(municipality, permissionId)).toMatchObject([{ nonDisclosure: true }]);
  }),
  one(807, 'the same message again adds none', async ({ municipality }) => {
    const envelope = municipality.envelope('inquiry', accountLine());
    const { permissionId } = bodyOf(await municipality.send(envelope), 'inquiry');
    await municipality.send(envelope);
    expect(await recordOf(municipality, permissionId)).toHaveLength(1);
  }),
  one(808, 'a record that waits is told what came of it', async ({ municipality, stand }) => {
    const line = taxLine({ unifiedAddresseeNo: PEOPLE.autoAnswerForbidden });
    const asked = await municipality.ask('inquiry', line);
    const { permissionId } = bodyOf(asked, 'inquiry');
    expect(await recordOf(municipality, permissionId)).toMatchObject([{ resultStatus: '04' }]);
    await stand.setClock(NOON.add({ hours: 7 * 24 }));
    await municipality.get(`/v1/messages/${asked.messageId}`, asked.messageId);
    const [record] = await recordOf(municipality, permissionId);
    expect(record).toMatchObject({ resultStatus: '05', requestedAt: NOON.toString() });
  }),
  one(809, 'ranges are days in Japan, and pages follow one another', async ({ municipality, stand }) => {
    await stand.setClock(Temporal.Instant.from('2026-12-01T14:59:59Z'));
    await municipality.ask('inquiry', accountLine());
    await stand.setClock(Temporal.Instant.from('2026-12-01T15:00:00Z'));
    await municipality.ask('inquiry', accountLine());
    expect(await records(municipality, '2026-12-01')).toHaveLength(1);
    expect(await records(municipality, '2026-12-02')).toHaveLength(1);
    const path = '/v1/provision-records?from=2026-12-01&to=2026-12-02&limit=1';
    const first = (await municipality.list(path)) as Page;
    const second = (await municipality.list(`${path}&after=${first.json.next}`)) as Page;
    expect(first.json.records[0]?.recordId).not.toBe(second.json.records[0]?.recordId);
    expect(second.json).not.toHaveProperty('next');
    expect(await municipality.list('/v1/provision-records?from=2026-12-01')).toMatchObject({ status: 400 });
  }),
  one(
    810,
    'a record is kept through its seventh anniversary, and no longer',
    async ({ municipality, stand }) => {
      await stand.setClock(Temporal.Instant.from('2028-02-29T03:00:00Z'));
      await municipality.ask('inquiry', accountLine());
      const kept = async () => records(municipality, '2028-02-29');
      expect(await kept()).toMatchObject([{ keptThrough: '2035-02-28' }]);
      await stand.setClock(Temporal.Instant.from('2035-02-28T14:59:59Z'));
      expect(await kept()).toHaveLength(1);
      await stand.setClock(Temporal.Instant.from('2035-02-28T15:00:00Z'));
      expect(await kept()).toHaveLength(0);
    },
  ),
];
