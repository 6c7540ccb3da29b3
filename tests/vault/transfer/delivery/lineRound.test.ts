import { expect, test } from 'vitest';
import { TRANSFER_ERASURE_ASK_MS, TRANSFER_ERASURES_ASKED_MAX } from '../../../../src/kernel/limits.js';
import { LineRound, type Attempt } from '../../../../src/vault/transfer/delivery/lineRound.js';
import { insertDraft } from '../../../../src/vault/transfer/draft/draft.store.js';
import { draftOf, transferScene } from '../support/scene.js';

const NONE = { ca: '', key: '', certificate: '' };
const SILENT = '242047';
const { vault, transfers } = await transferScene();
const owner = vault.databases.owner.vault;
const line = new LineRound(transfers.context);

/** A transfer that has closed, and of whose erasure nothing was reported. */
async function closed(recipient?: string): Promise<void> {
  const draft = draftOf(recipient === undefined ? {} : { recipient });
  await owner.transaction('test.closed', async (tx) => {
    await insertDraft(tx, vault.clock, draft);
    await tx.run(
      'test.state',
      ({ raw }) => raw`insert into vault.transfer_state (package_id, step, state, at, by, reason)
      values (${draft.draftId}, 1, 'CLOSED', ${vault.clock.now().toString()}, 'vault', 'test')`,
    );
  });
}

/** How many steps one round tries. */
async function tried(answer: Attempt): Promise<number> {
  let steps = 0;
  await line.run(NONE, (what, work) => {
    steps += 1;
    return answer(what, work);
  });
  return steps;
}

test('a round asks for so many erasures, each once a day, and an organization that is silent once', async () => {
  for (let at = 0; at < TRANSFER_ERASURES_ASKED_MAX + 2; at += 1) await closed();
  const silent: Attempt = () => Promise.resolve('TIMEOUT');
  const answers: Attempt = () => Promise.resolve(undefined);
  expect(await tried(silent)).toBe(1);
  expect(await tried(answers)).toBe(TRANSFER_ERASURES_ASKED_MAX);
  expect(await tried(answers)).toBe(2);
  expect(await tried(answers)).toBe(0);
  vault.clock.move(TRANSFER_ERASURE_ASK_MS);
  await closed(SILENT);
  expect(await tried(answers)).toBe(TRANSFER_ERASURES_ASKED_MAX);
  // The other organization is tried, whatever became of the first.
  expect(await tried(silent)).toBe(2);
});
