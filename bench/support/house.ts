import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findPrograms, reachableFolder } from '../../src/cli/embedded/binaries.js';
import { startHouseDatabase, type HouseDatabase } from '../../src/cli/house/database.js';
import { houseSecrets, type HouseSecrets } from '../../src/cli/house/secrets.js';
import { buildDemonstration } from '../../src/demonstration/build.js';
import { PEOPLE_MIN } from '../../src/demonstration/municipality.js';
import { plainDate } from '../../src/kernel/dates.js';
import { openDatabase, type Database } from '../../src/kernel/database/database.js';
import { migrate } from '../../src/kernel/database/migrations.js';
import { KuramoriError } from '../../src/kernel/errors.js';
import { DEMONSTRATION_PEOPLE_MAX } from '../../src/kernel/limits.js';
import { RECORDS_MIGRATIONS } from '../../src/kernel/paths.js';
import { Children } from './children.js';
import { progress } from './figure.js';

/** Residents of the demonstration when `BENCH_PEOPLE` does not say. */
const PEOPLE_DEFAULT = 20_000;
const SEED = 1;
/** The gateway, its floor and its peers hold a pool each at the same time. */
const SETTINGS = ['max_connections=200'];
/** The day that is today in the demonstration. */
const REFERENCE_DATE = '2026-11-01';

/** Who a measurement is in the database. */
export type BenchUser = 'owner' | 'gateway' | 'loader' | 'worker';

/**
 * One embedded cluster, fsync on, with what all figures share. Nothing of it is left afterwards, unless `BENCH_HOME`
 * names a folder to keep it in: filling a big municipality takes longer than measuring it.
 */
export interface BenchHouse {
  /** Folder for files of the measurement. */
  readonly home: string;
  readonly secrets: HouseSecrets;
  readonly children: Children;
  /** Folder for CPU profiles of the gateway, when `BENCH_PROFILE` asks for them. */
  readonly profileFolder: string | undefined;
  /** Residents of the demonstration that figures are taken on. */
  readonly people: number;
  /** The database of a filled demonstration; filled when first asked for. */
  demonstration(people?: number): Promise<string>;
  /** The folder with the credentials of a database's staff. */
  staffHome(database: string): string;
  /** A new migrated database without records. */
  emptyDatabase(name: string): Promise<void>;
  /** A copy of a demonstration as it was filled, file by file; nobody may be connected to the original. */
  demonstrationCopy(name: string, people?: number): Promise<void>;
  drop(name: string): Promise<void>;
  /** Has something of a figure that runs end with the house at the latest, after the processes. */
  endsWithHouse(part: { close(): Promise<void> }): void;
  url(name: string, user: BenchUser): string;
  open(name: string, user: BenchUser, connections: number): Database;
  close(): Promise<void>;
}

/** Starts the cluster. @throws KuramoriError BAD_INPUT when BENCH_PEOPLE is out of range */
export async function openBenchHouse(environment: NodeJS.ProcessEnv): Promise<BenchHouse> {
  const people = peopleOf(environment);
  const kept = environment['BENCH_HOME'];
  const home = kept === undefined ? mkdtempSync(join(tmpdir(), 'kuramori-bench-')) : resolve(kept);
  mkdirSync(home, { recursive: true });
  // The database's account, where it is another one, must pass through; what lies in here is closed by itself.
  chmodSync(home, 0o711);
  try {
    progress(`Load of the machine before: ${loadavg()[0]?.toFixed(2)}; above 0.3 the figures are disturbed.`);
    const secrets = await houseSecrets(home);
    const database = await startHouseDatabase(home, secrets, SETTINGS);
    const settings = { people, kept: kept !== undefined, profileFolder: environment['BENCH_PROFILE'] };
    return new ClusterHouse(home, secrets, database, settings);
  } catch (error) {
    if (kept === undefined) await removeFolders(home);
    throw error;
  }
}

async function removeFolders(home: string): Promise<void> {
  rmSync(reachableFolder(join(home, 'records'), await findPrograms()), { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
}

interface HouseSettings {
  readonly people: number;
  /** Whether the folder stays for the next time. */
  readonly kept: boolean;
  readonly profileFolder: string | undefined;
}

class ClusterHouse implements BenchHouse {
  readonly home: string;
  readonly secrets: HouseSecrets;
  readonly people: number;
  readonly profileFolder: string | undefined;
  readonly children = new Children();
  readonly #database: HouseDatabase;
  readonly #kept: boolean;
  readonly #filled = new Map<number, Promise<string>>();
  readonly #parts = new Set<{ close(): Promise<void> }>();

  constructor(home: string, secrets: HouseSecrets, database: HouseDatabase, settings: HouseSettings) {
    this.home = home;
    this.secrets = secrets;
    this.people = settings.people;
    this.profileFolder = settings.profileFolder;
    this.#kept = settings.kept;
    this.#database = database;
  }

  async close(): Promise<void> {
    await this.children.stopAll();
    await Promise.all([...this.#parts].map((part) => part.close()));
    await this.#database.cluster.stop();
    if (!this.#kept) await removeFolders(this.home);
  }

  demonstration(people = this.people): Promise<string> {
    const filled = this.#filled.get(people) ?? this.#fill(people);
    this.#filled.set(people, filled);
    return filled;
  }

  staffHome(database: string): string {
    const folder = join(this.home, 'staff', database);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  async emptyDatabase(name: string): Promise<void> {
    await this.#asAdministrator('bench.create', `create database ${name}`);
    await this.#migrate(name);
  }

  /** A database that was kept may come from a release before. */
  async #migrate(name: string): Promise<void> {
    const owner = this.open(name, 'owner', 1);
    try {
      await migrate(owner, RECORDS_MIGRATIONS);
    } finally {
      await owner.close();
    }
  }

  endsWithHouse(part: { close(): Promise<void> }): void {
    this.#parts.add(part);
  }

  async demonstrationCopy(name: string, people?: number): Promise<void> {
    const filled = await this.demonstration(people);
    await this.#asAdministrator(
      'bench.copy',
      `create database ${name} template ${filled} strategy file_copy`,
    );
    await this.#asAdministrator('bench.checkpoint', 'checkpoint');
  }

  drop(name: string): Promise<void> {
    return this.#asAdministrator('bench.drop', `drop database if exists ${name} with (force)`);
  }

  url(name: string, user: BenchUser): string {
    const { ownerUrl, gatewayUrl, loaderUrl, workerUrl } = this.#database;
    const url = new URL({ owner: ownerUrl, gateway: gatewayUrl, loader: loaderUrl, worker: workerUrl }[user]);
    url.pathname = `/${name}`;
    return url.toString();
  }

  open(name: string, user: BenchUser, connections: number): Database {
    return openDatabase({
      url: this.url(name, user),
      application: 'kuramori-bench',
      connections,
      statementMs: 0,
    });
  }

  async #fill(people: number): Promise<string> {
    const name = `demonstration_${people}`;
    if (await this.#isFilled(name)) {
      await this.#migrate(name);
      return name;
    }
    await this.drop(name);
    await this.emptyDatabase(name);
    progress(`Filling a demonstration municipality of ${people} people …`);
    const startedAt = performance.now();
    const owner = this.open(name, 'owner', 4);
    try {
      const options = { people, seed: SEED, referenceDate: plainDate(REFERENCE_DATE) };
      const summary = await buildDemonstration(owner, options);
      const rows = Object.values(summary).reduce((sum, count) => sum + count, 0);
      progress(`  ${rows} rows in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
      // What autovacuum would do in its own time: both sides of every figure read settled pages.
      await owner.run('bench.vacuum', ({ raw }) => raw`vacuum (analyze)`);
      await owner.run('bench.filled', ({ raw }) => raw.unsafe(`comment on database ${name} is 'filled'`));
    } finally {
      await owner.close();
    }
    return name;
  }

  /** A database that was being filled when the measurement was stopped is not one. */
  async #isFilled(name: string): Promise<boolean> {
    const administrator = this.open('postgres', 'owner', 1);
    try {
      const found = await administrator.run(
        'bench.databases',
        ({ raw }) => raw`
        select from pg_database where datname = ${name} and shobj_description(oid, 'pg_database') = 'filled'`,
      );
      return found.length > 0;
    } finally {
      await administrator.close();
    }
  }

  /** Names are ours: they may stand in a statement that takes no parameters. */
  async #asAdministrator(name: string, statement: string): Promise<void> {
    const administrator = this.open('postgres', 'owner', 1);
    try {
      await administrator.run(name, ({ raw }) => raw.unsafe(statement));
    } finally {
      await administrator.close();
    }
  }
}

function peopleOf(environment: NodeJS.ProcessEnv): number {
  const people = Number(environment['BENCH_PEOPLE'] ?? PEOPLE_DEFAULT);
  if (Number.isSafeInteger(people) && people >= PEOPLE_MIN && people <= DEMONSTRATION_PEOPLE_MAX)
    return people;
  throw new KuramoriError(
    'BAD_INPUT',
    `BENCH_PEOPLE must be a whole number from ${PEOPLE_MIN} to ${DEMONSTRATION_PEOPLE_MAX}.`,
  );
}
