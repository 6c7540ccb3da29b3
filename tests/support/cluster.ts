import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startCluster, type Cluster } from '../../src/cli/embedded/cluster.js';
import { openDatabase } from '../../src/kernel/database/database.js';
import { migrate } from '../../src/kernel/database/migrations.js';
import { fastestFolder } from './folder.js';

declare module 'vitest' {
  export interface ProvidedContext {
    adminUrl: string;
  }
}

/** What the tests write, and the processes they start, goes with the run. */
function ownTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-'));
  // A test's own server runs as an account that has to pass through.
  chmodSync(folder, 0o711);
  process.env['TMPDIR'] = folder;
  return folder;
}

/** One cluster for the whole run, with migrated templates that test files copy. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const temporary = ownTemporaryFolder();
  const folder = mkdtempSync(join(fastestFolder(), 'kuramori-test-'));
  const cluster = await startCluster({
    folder,
    settings: [
      'fsync=off',
      'synchronous_commit=off',
      'full_page_writes=off',
      // What is not in memory for good need not be kept in it.
      'max_wal_size=256MB',
      'min_wal_size=64MB',
      'shared_buffers=128MB',
      'max_connections=300',
    ],
  });
  await makeTemplate(cluster, 'kuramori_template', 'migrations/records');
  await makeTemplate(cluster, 'kuramori_vault_template', 'migrations/vault');
  await makeTemplate(cluster, 'kuramori_shred_template', 'migrations/shred');
  project.provide('adminUrl', cluster.adminUrl('postgres'));
  return async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
    rmSync(temporary, { recursive: true, force: true });
  };
}

async function makeTemplate(cluster: Cluster, name: string, migrations: string): Promise<void> {
  const admin = openDatabase({ url: cluster.adminUrl('postgres'), application: 'tests', connections: 1 });
  await admin.run('tests.template', ({ raw }) => raw.unsafe(`create database ${name}`));
  await admin.close();
  const template = openDatabase({ url: cluster.adminUrl(name), application: 'tests', connections: 1 });
  await migrate(template, migrations);
  await template.close();
}
