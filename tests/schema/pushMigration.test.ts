import { expect, test } from 'vitest';
import { installBuiltInRoles } from '../../src/access/register/roles.store.js';
import { Records } from '../support/records.js';
import { foundedBefore } from './founded.js';

const founded = await foundedBefore('_push.sql', 'push:');
const { database } = founded;

test('a municipality founded before there were pushes gets their tables, roles and cursor', async () => {
  const records = new Records(database);
  const addresseeNo = await records.addressee();
  await founded.upgrade();
  await founded.expectInRoles();
  await installBuiltInRoles(database);
  await founded.expectInRoles();
  const pushRequestId = await records.push(addresseeNo, {}, [{ state: 'AWAITING_SIGNATURE' }]);
  const [row] = await database.run(
    'test.standing',
    ({ raw }) => raw`
    select push_request_id, state, (select sequence from records.push_cursor) as sequence from records.push_standing`,
  );
  expect(row).toEqual({ push_request_id: pushRequestId, state: 'AWAITING_SIGNATURE', sequence: 0n });
});
