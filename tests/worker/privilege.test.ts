import { expect, test } from 'vitest';
import { assertLeastPrivilege } from '../../src/worker/privilege.js';
import { testDatabase } from '../support/database.js';

const db = await testDatabase();

test('a worker runs as a user that can hand over and nothing else', async () => {
  await expect(assertLeastPrivilege(db.worker)).resolves.toBeUndefined();
});

test.each(['owner', 'gateway', 'loader'] as const)('and refuses to run as the %s', async (user) => {
  await expect(assertLeastPrivilege(db[user])).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringContaining('only a member of kuramori_worker') as string,
  });
});

test('the user of the worker reads no person, no account, no assessment and none of the log', async () => {
  for (const table of [
    'records.addressee',
    'records.debit_account',
    'records.levy_line',
    'audit.record',
    'access.staff',
  ])
    await expect(
      db.worker.run('test.read', ({ raw }) => raw.unsafe(`select from ${table} limit 1`)),
    ).rejects.toMatchObject({ facts: { sqlstate: '42501' } });
});

test('the user of the gateway cannot read what waits signed, nor write what only the vault knows', async () => {
  const denied = { facts: { sqlstate: '42501' } };
  await expect(
    db.gateway.run('test.read', ({ raw }) => raw`select from records.push_outbox`),
  ).rejects.toMatchObject(denied);
  await expect(
    db.gateway.run(
      'test.forge',
      ({ raw }) => raw`insert into records.push_state (push_request_id, state, at, vault_sequence)
        values (gen_random_uuid(), 'DONE', now(), 1)`,
    ),
  ).rejects.toMatchObject(denied);
  await expect(
    db.gateway.run(
      'test.forge',
      ({ raw }) => raw`insert into records.push_state (push_request_id, state, at)
        values (gen_random_uuid(), 'DONE', now())`,
    ),
  ).rejects.toMatchObject({ facts: { constraint: 'push_state_of_its_source' } });
});
