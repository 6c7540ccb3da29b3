import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startCluster } from '../../src/cli/embedded/cluster.js';
import { openDatabase } from '../../src/kernel/database/database.js';
import { migrate } from '../../src/kernel/database/migrations.js';

declare module 'vitest' {
  export interface ProvidedContext {
    adminUrl: string;
  }
}

/** One cluster for the whole run, with a migrated template that each test file copies. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-test-'));
  const cluster = await startCluster({
    folder,
    settings: [
      'fsync=off',
      'synchronous_commit=off',
      'full_page_writes=off',
      'shared_buffers=128MB',
      'max_connections=300',
    ],
  });
  const admin = openDatabase({ url: cluster.adminUrl('postgres'), application: 'tests', connections: 1 });
  await admin.run('tests.template', ({ raw }) => raw.unsafe('create database kuramori_template'));
  await admin.close();
  const template = openDatabase({
    url: cluster.adminUrl('kuramori_template'),
    application: 'tests',
    connections: 1,
  });
  await migrate(template, 'migrations/records');
  await template.close();
  project.provide('adminUrl', cluster.adminUrl('postgres'));
  return async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
