import { afterEach, describe, expect, it } from 'vitest';
import { prepare } from '../../src/audit/batch.js';
import { SharedFlush } from '../../src/audit/flush.js';
import { Partitions } from '../../src/audit/partitions.js';
import { Indexer } from '../../src/audit/indexer.js';
import { GroupCommitWriter } from '../../src/audit/writer.js';
import type { Database } from '../../src/kernel/database/database.js';
import { AUDIT_UNFLUSHED_BATCHES_MAX } from '../../src/kernel/limits.js';
import { recordOf } from './records.js';

/** A database that numbers at once and whose disk ends a flush when the test says so. */
class SlowDisk {
  appends: string[] = [];
  records = 0;
  flushes: { end: () => void; fail: (reason: Error) => void }[] = [];
  readonly database = { run: (name: string) => this.#run(name) } as unknown as Database;

  #run(name: string): Promise<unknown> {
    if (name === 'audit.ensurePartitions') return Promise.resolve([{ end: 1_000_000_000n }]);
    if (name === 'audit.appendAhead' || name === 'audit.append') {
      const first = BigInt(this.records + 1);
      this.appends.push(name);
      // The tests append one at a time or, ahead of the disk, two.
      this.records += name === 'audit.append' ? 1 : 2;
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

/** @param quickCommitMs below 0: a disk that is taken for a slow one from the beginning */
function writerOn({ database }: SlowDisk, quickCommitMs = -1): GroupCommitWriter {
  const limits = { appendMs: 2_000, queueRecords: 1_000, quickCommitMs };
  return new GroupCommitWriter(
    database,
    new Partitions(database),
    new SharedFlush(database),
    new Indexer(database),
    limits,
  );
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

/** Two that come together: they do not wait alone, and are written ahead of the disk. */
const appendTwo = (writer: GroupCommitWriter) => [append(writer), append(writer)] as const;

describe('the writer of the audit log', () => {
  it('writes a record that comes alone with a commit that waits for the disk itself', async () => {
    const writer = writerOn(disk);
    expect(await append(writer).appended).toEqual({ recordNo: 1n, firstSequence: 1n });
    expect(await append(writer).appended).toEqual({ recordNo: 2n, firstSequence: 2n });
    expect(disk.appends).toEqual(['audit.append', 'audit.append']);
    expect(disk.flushes).toHaveLength(0);
  });

  it('lets the commit of a batch wait for a quick disk itself', async () => {
    const writer = writerOn(disk, 1_000);
    await Promise.all(appendTwo(writer).map(({ appended }) => appended));
    expect(disk.appends).toEqual(['audit.append']);
    expect(disk.flushes).toHaveLength(0);
  });

  it('writes the next batch while the one before is flushed, and answers neither before its own flush', async () => {
    const writer = writerOn(disk);
    const [first] = appendTwo(writer);
    await turns();
    const [second] = appendTwo(writer);
    await turns();
    expect(disk.appends).toEqual(['audit.appendAhead', 'audit.appendAhead']);
    expect(disk.flushes).toHaveLength(1);
    expect([first.state.over, second.state.over]).toEqual([false, false]);
    disk.flushes[0]?.end();
    await first.appended;
    await turns();
    expect(second.state.over).toBe(false);
    disk.flushes[1]?.end();
    expect(await second.appended).toEqual({ recordNo: 3n, firstSequence: 3n });
  });

  it('says that the outcome is unknown when the flush fails: the batch has committed', async () => {
    const writer = writerOn(disk);
    const rejected = Promise.all(
      appendTwo(writer).map(({ appended }) =>
        expect(appended).rejects.toMatchObject({
          code: 'AUDIT_UNAVAILABLE',
          facts: { hindrance: 'database', outcome: 'unknown' },
        }),
      ),
    );
    await turns();
    disk.flushes[0]?.fail(new Error('the disk is away'));
    await rejected;
    expect(await append(writer).appended).toEqual({ recordNo: 3n, firstSequence: 3n });
  });

  it('writes no further ahead of the disk than so many batches', async () => {
    const writer = writerOn(disk);
    const all = [];
    for (let batch = 0; batch < AUDIT_UNFLUSHED_BATCHES_MAX + 3; batch += 1) {
      all.push(...appendTwo(writer).map(({ appended }) => appended));
      await turns(5);
    }
    expect(disk.appends).toHaveLength(AUDIT_UNFLUSHED_BATCHES_MAX);
    for (let flush = 0; flush < disk.flushes.length; flush += 1) {
      disk.flushes[flush]?.end();
      await turns(5);
    }
    expect(disk.appends.every((name) => name === 'audit.appendAhead')).toBe(true);
    await expect.poll(() => disk.flushes.length).toBeGreaterThan(1);
  });

  it('closes only when everything that was written is on the disk', async () => {
    const writer = writerOn(disk);
    const all = appendTwo(writer).map(({ appended }) => appended);
    await turns();
    let closed = false;
    const closing = writer.close().then(() => (closed = true));
    await turns();
    expect(closed).toBe(false);
    disk.flushes[0]?.end();
    await Promise.all([...all, closing]);
  });
});
