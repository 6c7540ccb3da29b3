import { describe, expect, test } from 'vitest';
import { intermediaryAdministration, type ToldBatch } from '../../../src/vault/push/administration.js';
import { PushDesk } from '../../../src/vault/push/desk.js';
import { entriesOf } from '../transfer/support/log.js';
import { batching, GATHERED } from './batch/support.js';

const it = await batching();
const { vault, peer, batched, after, newest } = it;
const { context } = vault;
const handlers = intermediaryAdministration(context);
const asked = (command: string, input = {}) => handlers[command]!(input, 'keiri');
const RANGE = { from: '2026-11-01', to: '2026-11-30' };
const owner = vault.databases.owner.vault;

describe('what an operator asks of the intermediary server', () => {
  test('shows the newest batches, without anything of what was sent', async () => {
    await batched(2);
    await after(GATHERED);
    const [first] = (await asked('intermediary.batches')) as readonly ToldBatch[];
    const { batchId } = await newest();
    const now = vault.clock.now();
    expect(first).toEqual({
      batchId,
      state: 'PENDING',
      reason: 'WAITING',
      lineCount: 2,
      attempt: 1,
      formedAt: now.toString(),
      changedAt: now.toString(),
      nextAttemptAt: now.add({ minutes: 1 }).toString(),
    });
    expect((await entriesOf(vault, 'Vault.inquiryBatches')).at(-1)).toMatchObject({
      reason: 'listed',
      raised: true,
    });
    peer.forget();
    await after(1);
    const [ended] = (await asked('intermediary.batches')) as readonly ToldBatch[];
    expect(ended).toMatchObject({ state: 'FAILED', reason: 'UNRESOLVED', nextAttemptAt: null });
  });

  test('is refused where none is configured, and the log says so', async () => {
    const none = intermediaryAdministration({ ...context, pushes: new PushDesk(undefined) });
    await expect(none['intermediary.status']!({}, 'keiri')).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    });
    expect((await entriesOf(vault, 'Vault.intermediaryStatus')).at(-1)).toMatchObject({
      decision: 'refuse',
      reason: 'CONFIGURATION_INVALID',
    });
  });

  test('says when the server tells nothing that is understood', async () => {
    await expect(asked('intermediary.status')).rejects.toMatchObject({
      code: 'TIMEOUT',
      facts: { rule: 'noAnswer' },
    });
  });

  test.each([
    ['nobody of the register', 'P-9999', '', 'NOT_FOUND'],
    ['somebody who has left', 'P-2001', `employment_to = '2026-11-01'`, 'ACCOUNT_REVOKED'],
    ['somebody between two units', 'P-2002', `unit_until = '2026-11-01'`, 'CONFLICT'],
  ])('is not done on behalf of %s', async (_, personId, set, code) => {
    if (set !== '') {
      await vault.person(personId, ['push']);
      await owner.run('test.person', ({ raw }) =>
        raw.unsafe(`update vault.person set ${set} where person_id = '${personId}'`),
      );
    }
    await expect(asked('intermediary.records', { ...RANGE, personId })).rejects.toMatchObject({ code });
  });

  test('takes no entry of another form', async () => {
    for (const input of [{ personId: 'P-1029' }, { ...RANGE, from: 'yesterday', personId: 'P-1029' }])
      await expect(asked('intermediary.records', input)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    for (const command of ['intermediary.batches', 'intermediary.status'])
      await expect(asked(command, { all: true })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });
});
