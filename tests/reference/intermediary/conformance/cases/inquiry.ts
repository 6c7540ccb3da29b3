import { expect } from 'vitest';
import { Temporal } from '../../../../../src/kernel/dates.js';
import type { InquiryBody } from '../../../../../src/protocol/intermediary/message.js';
import { reconcileFault } from '../../../../../src/protocol/intermediary/reconcile.js';
import { REGISTERED_ACCOUNT } from '../../../../../src/protocol/intermediary/registeredAccount.js';
import { BODIES, TAX_INFORMATION } from '../../../../../src/reference/intermediary/seed.js';
import { PEOPLE } from '../../../../../src/reference/intermediary/seedPeople.js';
import { accountLine, bodyOf, newMessageId, taxLine } from '../../support/linkage.js';
import { one, type Case } from '../case.js';

const { items, procedureCode } = REGISTERED_ACCOUNT;
const { procedures, items: tax } = TAX_INFORMATION;

/** One line, and what it comes to. */
const brings = (no: number, title: string, line: () => InquiryBody, body: object): Case =>
  one(no, title, async ({ municipality }) => {
    const asked = line();
    const answer = await municipality.ask('inquiry', asked);
    expect(answer).toMatchObject({ status: 'DONE', body });
    expect(reconcileFault([asked], [bodyOf(answer, 'inquiry')])).toBeUndefined();
  });

const account = (name: keyof typeof PEOPLE) => () => accountLine({ unifiedAddresseeNo: PEOPLE[name] });
const notPermitted = { outcome: 'NOT_PERMITTED', lineStatus: '09', names: [{ status: '03', items: {} }] };
const provided = (given: object) => ({
  outcome: 'OK',
  lineStatus: '09',
  names: [{ status: '01', items: given }],
});

const at = (no: number, title: string, instant: string, outcome: string): Case =>
  one(no, title, async ({ municipality, stand }) => {
    await stand.setClock(Temporal.Instant.from(instant));
    expect((await municipality.ask('inquiry', taxLine())).body).toMatchObject({ outcome });
  });

/** 情報照会機能. */
export const INQUIRIES: readonly Case[] = [
  brings(
    501,
    'a registered account has its seven items',
    account('accountRegistered'),
    provided({
      [items.bankCode]: '9991',
      [items.bankNameKana]: 'ｸﾗﾓﾘ',
      [items.branchCode]: '101',
      [items.branchNameKana]: 'ﾎﾝﾃﾝ',
      [items.accountType]: '1',
      [items.accountNumber]: '0012345',
      [items.holderKana]: 'ｸﾗﾓﾘ ﾊﾅｺ',
    }),
  ),
  one(502, 'only the items that were asked for come back', async ({ municipality }) => {
    const answer = await municipality.ask('inquiry', accountLine({ itemCodes: [items.holderKana] }));
    expect(bodyOf(answer, 'inquiry').names[0]?.items).toEqual({ [items.holderKana]: 'ｸﾗﾓﾘ ﾊﾅｺ' });
  }),
  one(503, 'without items, those of the list come back', async ({ municipality }) => {
    const { itemCodes: _, ...line } = taxLine();
    const answer = await municipality.ask('inquiry', line);
    expect(Object.keys(bodyOf(answer, 'inquiry').names[0]?.items ?? {})).toEqual([tax.income, tax.taxAmount]);
  }),
  brings(
    504,
    'an item that is not on the list is not permitted',
    () => taxLine({ itemCodes: [tax.income, tax.dependants] }),
    notPermitted,
  ),
  brings(
    505,
    'a row that has ended permits nothing',
    () => taxLine({ procedureCode: procedures.expired }),
    notPermitted,
  ),
  brings(
    506,
    'a procedure that is not on the list is not permitted',
    () => taxLine({ procedureCode: procedures.unlisted }),
    notPermitted,
  ),
  brings(
    507,
    'a procedure of another information is not permitted',
    () => taxLine({ procedureCode }),
    notPermitted,
  ),
  brings(
    508,
    'a provider that does not hold the information is not permitted',
    () => taxLine({ providerBodyCode: BODIES.neighbour.bodyCode }),
    notPermitted,
  ),
  brings(
    509,
    'a provider that nobody knows is not permitted',
    () => taxLine({ providerBodyCode: '9999999999999999' }),
    notPermitted,
  ),
  brings(
    510,
    'a task that is not on the list is not permitted',
    () => taxLine({ taskCode: 'JM00000000000999' }),
    notPermitted,
  ),
  one(511, 'what is permitted to one body is not permitted to another', async ({ neighbour }) => {
    const line = taxLine({ unifiedAddresseeNo: '000000000000201' });
    expect((await neighbour.ask('inquiry', line)).body).toMatchObject(notPermitted);
  }),
  at(512, 'the last second of the last day in Japan is permitted', '2027-06-30T14:59:59Z', 'OK'),
  at(513, 'the first second after it is not', '2027-06-30T15:00:00Z', 'NOT_PERMITTED'),
  brings(514, 'no registered account: no data', account('accountNotRegistered'), {
    outcome: 'NO_DATA',
    names: [{ status: '02', items: {} }],
  }),
  brings(515, 'an account that is another person’s is not provided', account('provisionStopped'), {
    outcome: 'PROVIDER_REFUSED',
    names: [{ status: '05', items: {} }],
  }),
  brings(516, 'an account of somebody who has died is not provided', account('deceased'), {
    outcome: 'PROVIDER_REFUSED',
  }),
  brings(
    517,
    'an account at a bank that has closed is provided as it is',
    account('bankClosed'),
    provided({ [items.bankCode]: '9998' }),
  ),
  brings(
    518,
    'an account in the name of a relative is provided: whoever pays compares',
    account('holderDiffers'),
    provided({ [items.holderKana]: 'ｼｵﾔ ﾀﾛｳ' }),
  ),
  brings(
    519,
    'somebody who has moved here is known to the city of before',
    () => taxLine(),
    provided({ [tax.income]: '3000001' }),
  ),
  one(520, 'a registered account is not asked for without a consent', async ({ municipality }) => {
    const { consentId: _, ...line } = accountLine();
    expect(await municipality.ask('inquiry', line)).toMatchObject({
      status: 'REFUSED',
      reason: 'CONSENT_REQUIRED',
    });
  }),
  one(521, 'a record number is used once', async ({ municipality }) => {
    const { recordId } = bodyOf(await municipality.ask('inquiry', accountLine()), 'inquiry');
    const again = await municipality.ask('inquiry', accountLine({ recordId }));
    expect(again.body).toMatchObject({ outcome: 'DUPLICATE_RECORD', lineStatus: '31', names: [] });
  }),
  one(522, '… also when what it was used for failed', async ({ municipality }) => {
    const failed = taxLine({ procedureCode: procedures.unlisted });
    await municipality.ask('inquiry', failed);
    const again = await municipality.ask('inquiry', taxLine({ recordId: failed.recordId }));
    expect(again.body).toMatchObject({ outcome: 'DUPLICATE_RECORD' });
  }),
  one(523, '… but not by a message that was refused', async ({ municipality }) => {
    const line = accountLine();
    await municipality.ask('inquiry', line, { layoutVersion: '2031-01' });
    expect((await municipality.ask('inquiry', line)).body).toMatchObject({ outcome: 'OK' });
  }),
  one(524, 'two bodies may use the same record number', async ({ municipality, neighbour }) => {
    const line = accountLine();
    await municipality.ask('inquiry', line);
    const other = await neighbour.ask('inquiry', { ...line, unifiedAddresseeNo: '000000000000201' });
    expect(other.body).toMatchObject({ outcome: 'OK' });
  }),
  one(525, 'the answer can be fetched again by the number of the message', async ({ municipality }) => {
    const envelope = municipality.envelope('inquiry', accountLine());
    const answer = await municipality.send(envelope);
    expect(await municipality.get(`/v1/messages/${envelope.messageId}`, envelope.messageId)).toEqual(answer);
  }),
  one(526, 'of a message that never came there is nothing', async ({ municipality }) => {
    const messageId = newMessageId();
    expect(await municipality.wire('GET', `/v1/messages/${messageId}`)).toMatchObject({ status: 404 });
    const asked = await municipality.ask('query', { ask: 'message', messageId });
    expect(asked.body).toEqual({ ask: 'message', state: 'UNKNOWN' });
  }),
];
