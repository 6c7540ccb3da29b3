import { expect, it } from 'vitest';
import type { KeyDestructionAct } from '../../../src/client/index.js';
import { keyAdministration } from '../../../src/vault/keyAdministration.js';
import { byTwos, codeOf, done } from './support/two.js';
import { testService } from './support/vault.js';

const vault = await testService();
const { asks, opens, decides } = byTwos(vault);
const custodian = await vault.officer('P-0200', { role: 'keyCustodian' });
const officer = await vault.officer('P-0100', { role: 'unitOfficer' });
const clerk = await vault.person('P-1029', ['register', 'erase']);
const handlers = keyAdministration(vault.context, () => undefined);
const act = (own: Partial<KeyDestructionAct['said']> = {}): KeyDestructionAct => ({
  op: 'destroyKey',
  said: { keyClass: 'factor', version: 1, reason: '鍵更新の完了による', ...own },
});
const destroy = (version: number, approvalId: string) =>
  handlers['keys.destroy']!(
    { keyClass: 'factor', version, personId: custodian.personId, approvalId },
    'hanako',
  );

it('a key is destroyed by the key custodian who asked, after another person was shown which and agreed', async () => {
  await handlers['keys.rotate']!({ keyClass: 'factor' }, 'hanako');
  for (let state = 'running'; state === 'running';)
    ({ state } = (await handlers['keys.continue']!({ keyClass: 'factor' }, 'hanako')) as { state: string });
  await handlers['keys.retire']!({ keyClass: 'factor', version: 1 }, 'hanako');
  const approvalId = done(await asks(custodian, act()))['approvalId'] as string;
  expect(done(await opens(officer, approvalId))).toMatchObject({
    kind: 'destroyKey',
    requestedBy: 'P-0200',
    summary: { count: 1, sample: ['factor-1'], reason: '鍵更新の完了による' },
  });
  await expect(destroy(1, approvalId)).rejects.toMatchObject({ facts: { rule: 'missing' } });
  expect(done(await decides(officer, approvalId))).toEqual({ approvalId, state: 'approved' });
  await destroy(1, approvalId);
  const [row] = await vault.databases.owner.vault.run(
    'tests.key',
    ({ raw }) => raw`select state, wrapped from vault.key where key_id = 'factor-1'`,
  );
  expect(row).toEqual({ state: 'destroyed', wrapped: null });
});

it('is asked for by a key custodian alone, and for a key that can be', async () => {
  expect(codeOf(await asks(clerk, act()))).toBe('FORBIDDEN_PURPOSE');
  expect(codeOf(await asks(officer, act()))).toBe('FORBIDDEN_PURPOSE');
  expect(codeOf(await asks(custodian, act({ keyClass: 'root' })))).toBe('BAD_INPUT body');
  expect(codeOf(await asks(custodian, act({ version: 0 })))).toBe('BAD_INPUT body');
});
