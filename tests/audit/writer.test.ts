import { afterEach, describe, expect, it } from 'vitest';
import { prepare } from '../../src/audit/batch.js';
import { SharedFlush } from '../../src/audit/flush.js';
import { Partitions } from '../../src/audit/partitions.js';
import { GroupCommitWriter } from '../../src/audit/writer.js';
import type { Database } from '../../src/kernel/database/database.js';
import { AUDIT_UNFLUSHED_BATCHES_MAX } from '../../src/kernel/limits.js';
import { recordOf } from './records.js';

/** A database that numbers at once and whose disk ends a flush when the test says so. */
class SlowDisk {
  appends = 0;
  flushes: { end: () => void; fail: (reason: Error) => void }[] = [];
  readonly database = { run: (name: string) => this.#run(name) } as unknown as Database;

  #run(name: string): Promise<unknown> {
    if (name === 'audit.ensurePartitions') return Promise.resolve([{ end: 1_000_000_000n }]);
    if (name === 'audit.append') {
      this.appends += 1;
      const first = BigInt(this.appends);
      return Promise.resolve([{ first_record: first, first_sequence: first }]);
    }
    return new Promise((resolve, reject) => {
      this.flushes.push({ end: () => resolve(undefined), fail: reject });
    });
  }
}

let disk = new SlowDisk();
afterEach(() => {
  disk = new SlowDisk();
});

function writerOn({ database }: SlowDisk): GroupCommitWriter {
  const limits = { appendMs: 2_000, queueRecords: 1_000 };
  return new GroupCommitWriter(database, new Partitions(database), new SharedFlush(database), limits);
}

const turns = async (count = 20) => {
  for (let turn = 0; turn < count; turn += 1)
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
};

const append = (writer: GroupCommitWriter) => {
  const appended = writer.append(prepare(recordOf()));
  const state = { over: false };
  appended.then(
    () => (state.over = true),
    () => (state.over = true),
  );
  return { appended, state };
};

describe('the writer of the audit log', () => {
  it('writes the next batch while the one before is flushed, and answers neither before its own flush', async () => {
    const writer = writerOn(disk);
    const first = append(writer);
    await turns();
    const second = append(writer);
    await turns();
    expect(disk.appends).toBe(2);
    expect(disk.flushes).toHaveLength(1);
    expect([first.state.over, second.state.over]).toEqual([false, false]);
    disk.flushes[0]?.end();
    await first.appended;
    await turns();
    expect(second.state.over).toBe(false);
    disk.flushes[1]?.end();
    expect(await second.appended).toEqual({ recordNo: 2n, firstSequence: 2n });
  });

  it('says that the outcome is unknown when the flush fails: the batch has committed', async () => {
    const writer = writerOn(disk);
    const { appended } = append(writer);
    const rejected = expect(appended).rejects.toMatchObject({
      code: 'AUDIT_UNAVAILABLE',
      facts: { hindrance: 'database', outcome: 'unknown' },
    });
    await turns();
    disk.flushes[0]?.fail(new Error('the disk is away'));
    await rejected;
    const next = append(writer);
    await turns();
    disk.flushes[1]?.end();
    expect(await next.appended).toEqual({ recordNo: 2n, firstSequence: 2n });
  });

  it('writes no further ahead of the disk than so many batches', async () => {
    const writer = writerOn(disk);
    const all = [];
    for (let batch = 0; batch < AUDIT_UNFLUSHED_BATCHES_MAX + 3; batch += 1) {
      all.push(append(writer).appended);
      await turns(5);
    }
    expect(disk.appends).toBe(AUDIT_UNFLUSHED_BATCHES_MAX);
    for (let flush = 0; flush < disk.flushes.length; flush += 1) {
      disk.flushes[flush]?.end();
      await turns(5);
    }
    expect(await Promise.all(all)).toHaveLength(AUDIT_UNFLUSHED_BATCHES_MAX + 3);
  });

  it('closes only when everything that was written is on the disk', async () => {
    const writer = writerOn(disk);
    const { appended } = append(writer);
    await turns();
    let closed = false;
    const closing = writer.close().then(() => (closed = true));
    await turns();
    expect(closed).toBe(false);
    disk.flushes[0]?.end();
    await Promise.all([appended, closing]);
  });
});
