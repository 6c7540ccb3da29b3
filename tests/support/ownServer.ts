import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startCluster, type Cluster } from '../../src/cli/embedded/cluster.js';
import { openDatabase } from '../../src/kernel/database/database.js';
import { migrate } from '../../src/kernel/database/migrations.js';
import { fastestFolder } from './folder.js';
import { makeLogin, TEST_PASSWORD } from './roles.js';
import { afterwards } from './afterwards.js';

/** What a killed server had said to be committed must be there: fsync alone may be off, for the machine stays up. */
const SETTINGS = ['fsync=off', 'full_page_writes=off', 'shared_buffers=32MB', 'max_connections=100'];

/** A database server of one test file, which it may kill, freeze and start again. */
export class OwnServer {
  readonly #folder: string;
  #cluster: Cluster;
  #frozen: readonly number[] = [];

  private constructor(folder: string, cluster: Cluster) {
    [this.#folder, this.#cluster] = [folder, cluster];
  }

  /** @param databases names, with the folders of their migrations */
  static async start(databases: Readonly<Record<string, string>>): Promise<OwnServer> {
    const folder = mkdtempSync(join(fastestFolder(), 'kuramori-own-'));
    const server = new OwnServer(folder, await startCluster({ folder, settings: SETTINGS }));
    afterwards(async () => {
      server.thaw();
      await server.#cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    const admin = openDatabase({ url: server.adminUrl('postgres'), application: 'tests', connections: 1 });
    for (const [name, migrations] of Object.entries(databases)) {
      await admin.run('tests.create', ({ raw }) => raw.unsafe(`create database ${name}`));
      const made = openDatabase({ url: server.adminUrl(name), application: 'tests', connections: 1 });
      await migrate(made, migrations);
      await made.close();
    }
    await admin.close();
    return server;
  }

  /** As the superuser, who may do everything. */
  adminUrl(database: string): string {
    return this.#cluster.adminUrl(database);
  }

  /** As a user of a role that the migrations made. */
  async userUrl(database: string, role: string): Promise<string> {
    const admin = openDatabase({ url: this.adminUrl(database), application: 'tests', connections: 1 });
    await makeLogin(admin, role);
    await admin.close();
    const url = new URL(this.adminUrl(database));
    [url.username, url.password] = [`test_${role}`, TEST_PASSWORD];
    return url.toString();
  }

  /** Kills every process of it at once, as a power failure would. */
  async kill(): Promise<void> {
    for (const pid of this.#pids()) process.kill(pid, 'SIGKILL');
    await this.#cluster.ended;
  }

  /** Starts it again on what it left, at its port. */
  async restart(): Promise<void> {
    const { port } = this.#cluster;
    this.#cluster = await startCluster({ folder: this.#folder, settings: SETTINGS, port });
  }

  /** Every process of it stands still: connections are taken, and nothing is answered. */
  freeze(): void {
    this.#frozen = this.#pids();
    for (const pid of this.#frozen) process.kill(pid, 'SIGSTOP');
  }

  thaw(): void {
    for (const pid of this.#frozen) process.kill(pid, 'SIGCONT');
    this.#frozen = [];
  }

  /** The server’s own process, and one for each connection. */
  #pids(): readonly number[] {
    const [line = ''] = readFileSync(join(this.#folder, 'data', 'postmaster.pid'), 'utf8').split('\n');
    const children = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).stdout;
    const own = children.split('\n').flatMap((each) => {
      const [pid = '', parent] = each.trim().split(/\s+/);
      return parent === line ? [Number(pid)] : [];
    });
    return [Number(line), ...own];
  }
}
