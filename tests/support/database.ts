import { randomBytes } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import { openDatabase, type Database } from '../../src/kernel/database/database.js';

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

const PASSWORD = 'test';

/** Copies the migrated template, or another; dropped when the file's tests are over. */
export async function testDatabase(template = 'kuramori_template'): Promise<TestDatabase> {
  const adminUrl = inject('adminUrl');
  const name = `kuramori_${randomBytes(6).toString('hex')}`;
  const admin = openDatabase({ url: adminUrl, application: 'tests', connections: 1 });
  await admin.run('tests.lock', ({ raw }) => raw`select pg_advisory_lock(1)`);
  await admin.run('tests.create', ({ raw }) =>
    raw.unsafe(`create database ${name} template ${template} strategy file_copy`),
  );
  for (const role of ['gateway', 'loader', 'worker']) {
    await admin.run('tests.role', ({ raw }) =>
      raw.unsafe(`do $$ begin
        if not exists (select from pg_roles where rolname = 'test_${role}') then
          create role test_${role} login password '${PASSWORD}' in role kuramori_${role};
        end if; end $$`),
    );
  }
  await admin.run('tests.unlock', ({ raw }) => raw`select pg_advisory_unlock(1)`);
  await admin.close();
  const url = (role?: string) => {
    const copy = new URL(adminUrl);
    copy.pathname = `/${name}`;
    if (role !== undefined) {
      copy.username = `test_${role}`;
      copy.password = PASSWORD;
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
  afterAll(async () => {
    await Promise.all(Object.values(opened).map((database) => database.close()));
    const cleaner = openDatabase({ url: adminUrl, application: 'tests', connections: 1 });
    await cleaner.run('tests.drop', ({ raw }) => raw.unsafe(`drop database if exists ${name} with (force)`));
    await cleaner.close();
  });
  return { name, urls, ...opened };
}
