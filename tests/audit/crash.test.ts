import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openAuditLog } from '../../src/audit/log.js';
import { verifySequence } from '../../src/audit/verify.js';
import { findPrograms, reachableFolder } from '../../src/cli/embedded/binaries.js';
import { startCluster, type Cluster } from '../../src/cli/embedded/cluster.js';
import { openDatabase } from '../../src/kernel/database/database.js';
import { migrate } from '../../src/kernel/database/migrations.js';
import { recordOf } from './records.js';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-crash-'));
const clusters: Cluster[] = [];
afterAll(async () => {
  await clusters.at(-1)?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<Cluster> {
  const cluster = await startCluster({ folder });
  clusters.push(cluster);
  return cluster;
}

describe('the audit log, when the server is killed,', () => {
  it('still holds every record it had answered for, without a gap', async () => {
    const cluster = await start();
    const owner = openDatabase({ url: cluster.adminUrl('postgres'), application: 'tests', connections: 3 });
    await migrate(owner, 'migrations/records');
    const log = openAuditLog(owner);
    const answered: bigint[] = [];
    const refused: unknown[] = [];
    const changes = openDatabase({ url: cluster.adminUrl('postgres'), application: 'tests', connections: 8 });
    /** As a change does it: the record commits with it, ahead of the disk. */
    const change = async () => {
      const appended = await changes.transaction('test.change', (tx) => log.appendAhead(tx, recordOf()));
      await log.flushed();
      return appended;
    };
    const writers = Array.from({ length: 16 }, async (_, writer) => {
      while (refused.length === 0) {
        await (writer % 4 === 0 ? change() : log.append(recordOf())).then(
          ({ recordNo }) => answered.push(recordNo),
          (refusal: unknown) => refused.push(refusal),
        );
      }
    });
    await expect.poll(() => answered.length, { timeout: 10_000, interval: 5 }).toBeGreaterThan(500);
    const data = join(reachableFolder(folder, await findPrograms()), 'data');
    process.kill(Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL');
    await cluster.ended;
    await Promise.all(writers);
    await Promise.all([owner.close(), changes.close()]);
    const codes = ['AUDIT_UNAVAILABLE', 'DATABASE_UNAVAILABLE'];
    for (const refusal of refused) expect(codes).toContain((refusal as { code?: unknown }).code);

    const recovered = openDatabase({
      url: (await start()).adminUrl('postgres'),
      application: 'tests',
      connections: 3,
    });
    const check = await verifySequence(recovered);
    expect(check.faults).toEqual([]);
    expect(new Set(answered).size).toBe(answered.length);
    expect(answered.every((recordNo) => recordNo <= check.records)).toBe(true);
    expect((await openAuditLog(recovered).append(recordOf())).recordNo).toBe(check.records + 1n);
    await recovered.close();
  }, 60_000);
});
