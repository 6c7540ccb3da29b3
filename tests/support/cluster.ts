import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startCluster, type Cluster } from '../../src/cli/embedded/cluster.js';
import { openDatabase } from '../../src/kernel/database/database.js';
import { migrate } from '../../src/kernel/database/migrations.js';
import { fastestFolder } from './folder.js';
import { makeLogin } from './roles.js';

declare module 'vitest' {
  export interface ProvidedContext {
    adminUrl: string;
    /** Folder of what Node compiled. */
    compiled: string;
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
  let cluster: Cluster | undefined;
  const clear = async () => {
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
    rmSync(temporary, { recursive: true, force: true });
  };
  try {
    cluster = await startedIn(folder);
    await makeTemplates(cluster);
  } catch (error) {
    await clear();
    throw error;
  }
  project.provide('adminUrl', cluster.adminUrl('postgres'));
  project.provide('compiled', join(temporary, 'compiled'));
  return clear;
}

function startedIn(folder: string): Promise<Cluster> {
  return startCluster({
    folder,
    settings: [
      'fsync=off',
      'synchronous_commit=off',
      'full_page_writes=off',
      // What is not in memory for good need not be kept in it.
      'max_wal_size=256MB',
      'min_wal_size=64MB',
      'shared_buffers=128MB',
      // The most that was seen at once is about half of it: what is not closed fails here.
      'max_connections=200',
      // What a plan is made of is what the test made, not when a cleaner came by.
      'autovacuum=off',
      // Thousands of connections prove the same passwords, and nobody is to be kept from guessing them.
      'scram_iterations=1',
    ],
  });
}

async function makeTemplates(cluster: Cluster): Promise<void> {
  await keepPasswordCheaply(cluster);
  await makeTemplate(cluster, 'kuramori_template', 'migrations/records');
  await makeTemplate(cluster, 'kuramori_vault_template', 'migrations/vault');
  await makeTemplate(cluster, 'kuramori_shred_template', 'migrations/shred');
  await makeLogins(cluster);
}

/** Every database of the cluster knows the same logins. */
async function makeLogins(cluster: Cluster): Promise<void> {
  const admin = openDatabase({ url: cluster.adminUrl('postgres'), application: 'tests', connections: 1 });
  for (const role of ['gateway', 'loader', 'worker', 'vault']) await makeLogin(admin, role);
  await admin.close();
}

/** The superuser's password was kept when the folder was made, before the cluster had its settings. */
async function keepPasswordCheaply(cluster: Cluster): Promise<void> {
  const url = cluster.adminUrl('postgres');
  const admin = openDatabase({ url, application: 'tests', connections: 1 });
  const { username, password } = new URL(url);
  await admin.run('tests.password', ({ raw }) => raw.unsafe(`alter role ${username} password '${password}'`));
  await admin.close();
}

async function makeTemplate(cluster: Cluster, name: string, migrations: string): Promise<void> {
  const admin = openDatabase({ url: cluster.adminUrl('postgres'), application: 'tests', connections: 1 });
  await admin.run('tests.template', ({ raw }) => raw.unsafe(`create database ${name}`));
  await admin.close();
  const template = openDatabase({ url: cluster.adminUrl(name), application: 'tests', connections: 1 });
  await migrate(template, migrations);
  await template.close();
}
