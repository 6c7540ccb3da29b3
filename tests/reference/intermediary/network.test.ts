import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { provisionsOf } from '../../../src/reference/intermediary/body.js';
import { OUTAGE, type Permission } from '../../../src/reference/intermediary/network.js';
import { BODIES } from '../../../src/reference/intermediary/seed.js';
import { PEOPLE } from '../../../src/reference/intermediary/seedPeople.js';
import { opened, type Opened } from './support/exchange.js';
import { ownFolder } from './support/folder.js';
import { accountLine, newMessageId, taxLine } from './support/linkage.js';
import { NOON } from './support/stand.js';

const { municipality, registry } = BODIES;
const folder = ownFolder();
let open: Opened;
beforeAll(async () => {
  open = await opened(join(folder, 'data'));
});
afterAll(() => open.exchange.close());

async function permitted(line = accountLine(), messageId = newMessageId()): Promise<Permission> {
  const [permission] = await open.exchange.network.permit(municipality.bodyCode, messageId, [line]);
  return permission!;
}

describe('a permission (情報提供許可証)', () => {
  test('is bound to message, line, person and row', async () => {
    const line = accountLine();
    const messageId = newMessageId();
    expect(await permitted(line, messageId)).toMatchObject({
      messageId,
      lineNo: 1,
      inquirerBodyCode: municipality.bodyCode,
      providerBodyCode: registry.bodyCode,
      unifiedAddresseeNo: line.unifiedAddresseeNo,
      rowId: 'ROW-01',
      issuedAt: NOON.toString(),
    });
  });

  test('of a line is issued once in ten minutes, and then anew', async () => {
    const line = accountLine();
    const messageId = newMessageId();
    const first = await permitted(line, messageId);
    expect(await permitted(line, messageId)).toEqual(first);
    open.clock.set(NOON.add({ minutes: 10 }));
    const second = await permitted(line, messageId);
    expect(second).toMatchObject({ attempt: 2 });
    expect(second.permissionId).not.toBe(first.permissionId);
    open.clock.set(NOON);
  });

  test('is used once: a provider answers it the same way ever after', async () => {
    const { network } = open.exchange;
    const line = accountLine();
    const permission = await permitted(line);
    expect(await network.provide([{ permission, line }])).toBe('PROVIDED');
    const first = network.provisionOf(permission);
    expect(first).toMatchObject({ state: 'PROVIDED', providedAt: NOON.toString() });
    open.clock.set(NOON.add({ minutes: 5 }));
    const other = accountLine({ unifiedAddresseeNo: PEOPLE.bankClosed });
    await network.provide([{ permission, line: other }]);
    expect(network.provisionOf(permission)).toEqual(first);
    open.clock.set(NOON);
  });

  test('that has ended brings nothing', async () => {
    const { network } = open.exchange;
    const line = accountLine();
    const permission = await permitted(line);
    open.clock.set(NOON.add({ minutes: 10 }));
    await network.provide([{ permission, line }]);
    expect(network.provisionOf(permission)).toMatchObject({ state: 'REFUSED', items: {} });
    open.clock.set(NOON);
  });

  test('does not open another information or person at the provider', async () => {
    const { network } = open.exchange;
    const permission = await permitted();
    await network.provide([{ permission, line: taxLine() }]);
    expect(network.provisionOf(permission)).toMatchObject({ state: 'REFUSED', items: {} });
    const person = await permitted(accountLine({ unifiedAddresseeNo: PEOPLE.accountNotRegistered }));
    await network.provide([{ permission: person, line: accountLine() }]);
    expect(network.provisionOf(person)).toMatchObject({ state: 'NO_DATA' });
  });

  test('waits while there is no route, and those of other providers do not', async () => {
    const { network } = open.exchange;
    const [account, tax] = [accountLine(), taxLine()];
    const [first, second] = [await permitted(account), await permitted(tax)];
    network.outages.add(registry.bodyCode);
    const asked = [
      { permission: first, line: account },
      { permission: second, line: tax },
    ];
    expect(await network.provide(asked)).toBe(OUTAGE);
    expect(network.provisionOf(first)).toBeUndefined();
    expect(network.provisionOf(second)).toMatchObject({ state: 'PROVIDED' });
    network.outages.clear();
    const provider = open.exchange.bodies.get(registry.bodyCode)!;
    expect(provisionsOf(provider).has(first.permissionId)).toBe(false);
  });
});
