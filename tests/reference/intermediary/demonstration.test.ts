import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { copiesOf } from '../../../src/reference/intermediary/body.js';
import { SettableClock } from '../../../src/reference/intermediary/clock.js';
import { demonstrationForm, type Demonstration } from '../../../src/reference/intermediary/demonstration.js';
import { openExchange } from '../../../src/reference/intermediary/open.js';
import { BODIES } from '../../../src/reference/intermediary/seed.js';
import { INVENTED_BRANCH, PEOPLE } from '../../../src/reference/intermediary/seedPeople.js';
import { ownFolder } from './support/folder.js';

const folder = ownFolder();

const { municipality, registry } = BODIES;
const account = { ...INVENTED_BRANCH, accountNumber: '7100001', holderKana: 'ｼﾞﾖｳｼﾞﾏ ﾘﾖｳ' };
const withCode = { unifiedAddresseeNo: '710000000000001', hasCode: true, account };
const withoutCode = { unifiedAddresseeNo: '710000000000002', hasCode: false };

function opened(data: string, people: Demonstration['people']) {
  return openExchange({ data, seed: 'test', staff: [], people, clock: new SettableClock() });
}

describe('the people of a demonstration', () => {
  test('are known beside the invented ones, with the code and the account that they have', async () => {
    const exchange = await opened(join(folder, 'one'), [withCode, withoutCode]);
    const states = [withCode.unifiedAddresseeNo, withoutCode.unifiedAddresseeNo, PEOPLE.accountRegistered];
    expect(states.map((no) => exchange.network.codeState(municipality.bodyCode, no))).toEqual([
      'ACQUIRED',
      'NOT_REQUESTED',
      'ACQUIRED',
    ]);
    const copies = [...copiesOf(exchange.bodies.get(registry.bodyCode)!).values()];
    const [mine] = copies.filter(({ unifiedAddresseeNo }) => unifiedAddresseeNo === '910000000000001');
    expect(mine?.items).toMatchObject({ KZ01: '9991', KZ06: '7100001', KZ07: 'ｼﾞﾖｳｼﾞﾏ ﾘﾖｳ' });
    await exchange.close();
  });

  test('who come later are added, and whoever was known stays as he was', async () => {
    const data = join(folder, 'two');
    await (await opened(data, [])).close();
    const first = await opened(data, [withoutCode]);
    await first.network.acquireCode(municipality.bodyCode, withoutCode.unifiedAddresseeNo);
    await first.close();
    const { account: _, ...without } = withCode;
    const second = await opened(data, [without, { ...withoutCode, account }]);
    const { network, bodies } = second;
    expect(network.codeState(municipality.bodyCode, without.unifiedAddresseeNo)).toBe('ACQUIRED');
    expect(network.codeState(municipality.bodyCode, withoutCode.unifiedAddresseeNo)).toBe('REQUESTED');
    const numbers = [...copiesOf(bodies.get(registry.bodyCode)!).values()].map(
      (copy) => copy.unifiedAddresseeNo,
    );
    expect(numbers.filter((number) => number.startsWith('91'))).toEqual([]);
    await second.close();
  });

  test.each([
    ['a number of the invented people', { ...withCode, unifiedAddresseeNo: PEOPLE.accountRegistered }],
    ['a number whose like at the registry is theirs', { ...withCode, unifiedAddresseeNo: '700000000000101' }],
    [
      'an account number that is too long',
      { ...withCode, account: { ...account, accountNumber: '12345678' } },
    ],
    ['a member that nobody knows', { ...withCode, name: '城島　涼' }],
  ])('are refused with %s', (_name, person) => {
    expect(demonstrationForm.safeParse({ people: [withCode], staff: [] }).success).toBe(true);
    expect(demonstrationForm.safeParse({ people: [person], staff: [] }).success).toBe(false);
  });
});
