import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { openDatabase, type Database } from '../../src/kernel/database/database.js';
import { copyDatabase, dropDatabase } from './admin.js';
import { TEST_PASSWORD } from './roles.js';
import { afterwards } from './afterwards.js';

/** A records database of its own for one test file, and a session as each of its users. */
export interface TestDatabase {
  readonly name: string;
  /** As the owner, who may do everything: to prepare and to look. */
  readonly owner: Database;
  /** As the gateway runs: the least privilege. */
  readonly gateway: Database;
  /** As the loads run. */
  readonly loader: Database;
  /** As the worker runs. */
  readonly worker: Database;
  readonly urls: Readonly<Record<'owner' | 'gateway' | 'loader' | 'worker', string>>;
}

/** Copies the migrated template, or another; dropped when the file's tests are over. */
export async function testDatabase(template = 'kuramori_template'): Promise<TestDatabase> {
  const adminUrl = inject('adminUrl');
  const name = `kuramori_${randomBytes(6).toString('hex')}`;
  await copyDatabase(name, template);
  const url = (role?: string) => {
    const copy = new URL(adminUrl);
    copy.pathname = `/${name}`;
    if (role !== undefined) {
      copy.username = `test_${role}`;
      copy.password = TEST_PASSWORD;
    }
    return copy.toString();
  };
  const urls = { owner: url(), gateway: url('gateway'), loader: url('loader'), worker: url('worker') };
  const open = (text: string, connections: number) =>
    openDatabase({ url: text, application: 'tests', connections });
  const opened = {
    owner: open(urls.owner, 4),
    gateway: open(urls.gateway, 12),
    loader: open(urls.loader, 4),
    worker: open(urls.worker, 12),
  };
  afterwards(async () => {
    await Promise.all(Object.values(opened).map((database) => database.close()));
    await dropDatabase(name);
  });
  return { name, urls, ...opened };
}
