import { describe, expect, test } from 'vitest';
import { batching, GATHERED } from './support.js';

const { vault, peer, people, after, batched, last, newest, sentBatches } = await batching();
const owner = vault.databases.owner.vault;

describe('the lines of a batch', () => {
  test('name the same records when a restore has them gathered once more', async () => {
    const ids = await batched(2);
    await after(GATHERED);
    const { batchId } = await newest();
    const first = sentBatches().at(-1)!;
    // As they stand in a backup of before they were gathered.
    await owner.run(
      'test.restored',
      ({ raw }) => raw`
      update vault.push set batch_id = null, line_no = null, state = 'ACCEPTED', attempt = 0,
        next_attempt_at = accepted_at where push_request_id = any (${[...ids]}::text[])`,
    );
    await owner.run(
      'test.lost',
      ({ raw }) => raw`delete from vault.inquiry_batch where batch_id = ${batchId}`,
    );
    for (const { unifiedAddresseeNo } of people)
      peer.endings.set(unifiedAddresseeNo, { line: '31', outcome: 'DUPLICATE_RECORD' });
    await after(1);
    const again = sentBatches().at(-1)!;
    expect(again.messageId).not.toBe(first.messageId);
    const records = ({ body }: typeof first) => body.lines.map(({ recordId }) => recordId).toSorted();
    expect(records(again)).toEqual(records(first));
    await after(1);
    expect(await last(ids)).toEqual(ids.map(() => 'FAILED DUPLICATE_RECORD'));
  });
});
