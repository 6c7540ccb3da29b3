import { describe, expect, it } from 'vitest';
import { prepare } from '../../src/audit/batch.js';
import { Waiting, WaitingQueue } from '../../src/audit/queue.js';
import { auditUnavailable } from '../../src/audit/unavailable.js';
import { recordOf } from './records.js';

const record = prepare(recordOf());
const waiting = (deadlineMs = 10_000) =>
  new Waiting(record, deadlineMs, () => auditUnavailable('deadline', 'notWritten'));

/** A queue of as many that wait; their timers are stopped by resolving them at the end. */
function filled(count: number): { queue: WaitingQueue; all: Waiting[] } {
  const queue = new WaitingQueue();
  const all = Array.from({ length: count }, () => waiting());
  for (const item of all) queue.add(item);
  return { queue, all };
}

const ANY = { records: 1e9, bytes: 1e9, entries: 1e9, subjects: 1e9 };

const end = (all: readonly Waiting[]) => {
  for (const item of all) item.resolve({ recordNo: 1n, firstSequence: 1n });
};

describe('the queue of records that wait', () => {
  it('gives batches of bounded records in order of arrival', () => {
    const { queue, all } = filled(7);
    expect([1, 2, 3, 4].map(() => queue.take({ ...ANY, records: 3 }))).toEqual([
      all.slice(0, 3),
      all.slice(3, 6),
      all.slice(6),
      [],
    ]);
    expect([queue.records, queue.bytes]).toEqual([0, 0]);
    end(all);
  });

  it('gives batches of bounded bytes, but never an empty one', () => {
    const { queue, all } = filled(5);
    expect(queue.bytes).toBe(5 * record.bodyBytes);
    expect(queue.take({ ...ANY, bytes: 2 * record.bodyBytes })).toHaveLength(2);
    expect(queue.take({ ...ANY, bytes: 1 })).toHaveLength(1);
    expect(queue.bytes).toBe(2 * record.bodyBytes);
    end(all);
  });

  it.each([
    ['entries', record.entryCount],
    ['subjects', record.subjectCount],
  ] as const)('gives batches of bounded %s, but never an empty one', (measure, each) => {
    expect(each).toBeGreaterThan(0);
    const { queue, all } = filled(5);
    expect(queue.take({ ...ANY, [measure]: 3 * each })).toHaveLength(3);
    expect(queue.take({ ...ANY, [measure]: 0 })).toHaveLength(1);
    end(all);
  });

  it('forgets from its front what is settled', () => {
    const { queue, all } = filled(4);
    end(all.slice(0, 2));
    end(all.slice(3));
    queue.dropSettled();
    expect(queue.records).toBe(2);
    end(all);
  });

  it('rejects what waits longer than its deadline', async () => {
    const item = waiting(10);
    await expect(item.answer).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    expect(item.settled).toBe(true);
  });
});
