import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STAFF } from '../../src/demonstration/staffList.js';
import { linkVaultPersons } from '../../src/demonstration/vaultPersons.js';
import { systemClock } from '../../src/kernel/clock.js';
import type { VaultFloorOrder, VaultFloorReport } from '../processes/vaultFloor.js';
import type { VaultLoadSetting, VaultOrder, VaultReport, VaultSubject } from '../processes/vaultLoad.js';
import { FLOOR_URLS } from './bareVaultTables.js';
import type { Child } from './children.js';
import { progress, type FigureLine } from './figure.js';
import { GATEWAY_PROGRAM, startBenchGateway } from './gateway.js';
import type { BenchHouse } from './house.js';
import { CODES_ACQUIRED, startBenchIntermediary } from './intermediary.js';
import { order } from './orders.js';
import { patternedNumbers } from './patternedNumbers.js';
import { assertMeasured, median, percentile } from './rounds.js';
import { clerkId } from './vaultClerks.js';
import { openBenchVault, type BenchVault, type BenchVaultOptions } from './vaultHouse.js';

/** Gateway, vault, and whoever asks them: a process each. */
export interface VaultScene {
  /** Tells the load something, with a token that has its full five minutes. */
  tell<Report = VaultReport>(what: WithoutToken<VaultOrder>): Promise<Report>;
  floor(what: VaultFloorOrder): Promise<VaultFloorReport>;
  /** People of the records who may have a number, each with one. */
  readonly subjects: readonly VaultSubject[];
  close(): Promise<void>;
}

type WithoutToken<Order> = Order extends unknown ? Omit<Order, 'token'> : never;

/** Callers at once. */
export const CALLERS = 16;
const DATABASE = 'bench_vault';
/** Of the records but one row is read in a request, by its key: a small municipality serves as well. */
const PEOPLE = 2_000;
const ROLE = 'numberHandler';
const FLOOR = new URL('../processes/vaultFloor.js', import.meta.url);
const LOAD = new URL('../processes/vaultLoad.js', import.meta.url);

/** Starts the vault, a gateway before it on a copy of a demonstration, the load and the floor; enrols clerks. */
export function openVaultScene(house: BenchHouse, clerks: number): Promise<VaultScene> {
  return openScene(house, clerks, {});
}

/**
 * The same with a worker, and the reference intermediary server behind the vault. The people are few: those whose code
 * the server has.
 */
export async function openPushScene(house: BenchHouse, clerks: number): Promise<VaultScene> {
  const beside: BenchVaultOptions['beside'] = (folder, certificates) =>
    startBenchIntermediary(house, folder, certificates, clerks);
  return openScene(house, clerks, { beside, isPushing: true });
}

interface SceneOptions extends Pick<BenchVaultOptions, 'beside'> {
  readonly isPushing?: true;
}

async function openScene(
  house: BenchHouse,
  clerks: number,
  { beside, isPushing }: SceneOptions,
): Promise<VaultScene> {
  // A run that ended in an error has left it in a house that is kept.
  await house.drop(DATABASE);
  await house.demonstrationCopy(DATABASE, PEOPLE);
  const vault = await openBenchVault(house, beside ? { beside } : {});
  const worker = isPushing && (await startBenchWorker(house, vault));
  const gateway = await startBenchGateway(house, DATABASE, ROLE, { environment: vault.forGateway });
  await linkClerks(house, clerks);
  const load = house.children.start(LOAD, { arguments: [settingFile(house, vault, gateway.address)] });
  const floor = await startVaultFloor(house, vault, DATABASE);
  const tell = async <Report>(what: WithoutToken<VaultOrder>): Promise<Report> =>
    order<Report>(load, { ...what, token: await gateway.freshToken() });
  await tell({ kind: 'enrol', clerks });
  progress(`  ${clerks} clerks enrolled with the vault`);
  return {
    tell,
    floor: (what) => order(floor, what),
    subjects: await (isPushing ? linkedSubjectsOf(house) : subjectsOf(house)),
    close: async () => {
      await Promise.all([load.stop(), floor.stop(), gateway.stop()]);
      if (worker) await worker.stop();
      await vault.close();
      await house.drop(DATABASE);
    },
  };
}

/** One account is signed in for all of them: the gateway must take it for each. */
async function linkClerks(house: BenchHouse, clerks: number): Promise<void> {
  const { staffId = '' } = STAFF.find(({ role }) => role === ROLE) ?? {};
  const owner = house.open(DATABASE, 'owner', 1);
  try {
    const ids = Array.from({ length: clerks }, (_, at) => clerkId(at));
    await owner.transaction('bench.link', (tx) => linkVaultPersons(tx, systemClock, staffId, ids));
  } finally {
    await owner.close();
  }
}

async function startBenchWorker(house: BenchHouse, vault: BenchVault): Promise<Child> {
  const worker = house.children.start(GATEWAY_PROGRAM, {
    arguments: ['worker'],
    environment: {
      RECORDS_WORKER_DATABASE_URL: house.url(DATABASE, 'worker'),
      KURAMORI_WORKER_PORT: '0',
      KURAMORI_WORKER_LOG_LEVEL: 'warn',
      ...vault.forWorker,
    },
  });
  await worker.message();
  return worker;
}

/** A process that does the bare minimum of the vault's work; its tables are made by then. */
export async function startVaultFloor(house: BenchHouse, vault: BenchVault, records: string): Promise<Child> {
  const floor = house.children.start(FLOOR, {
    environment: {
      [FLOOR_URLS.records]: house.url(records, 'owner'),
      [FLOOR_URLS.vault]: vault.ownerUrl('vault'),
      [FLOOR_URLS.shred]: vault.ownerUrl('shred'),
    },
  });
  await floor.message();
  return floor;
}

/** Lines of a rate with its percentiles, each round's, beside those of the floor. */
export function speedLines(
  figure: string,
  unit: string,
  values: readonly VaultReport[],
  floors: readonly VaultFloorReport[],
): readonly FigureLine[] {
  const at = (share: number, reports: readonly { readonly whole: readonly number[] }[]) =>
    median(reports.map(({ whole }) => percentile(whole, share)));
  const part = (pick: (report: VaultReport) => readonly number[], share: number) =>
    median(values.map((report) => percentile(pick(report), share)));
  const parts = (share: number) => ({
    signing: part(({ signing }) => signing, share),
    answering: part(({ answering }) => answering, share),
    opening: part(({ opening }) => opening, share),
  });
  const rate = (reports: readonly { readonly perSecond: number }[]) =>
    median(reports.map(({ perSecond }) => perSecond));
  return [
    { figure, value: rate(values), unit, floor: rate(floors) },
    {
      figure: `${figure}.p50`,
      value: at(0.5, values),
      unit: 'ms',
      floor: at(0.5, floors),
      parts: parts(0.5),
    },
    {
      figure: `${figure}.p99`,
      value: at(0.99, values),
      unit: 'ms',
      floor: at(0.99, floors),
      parts: parts(0.99),
    },
  ];
}

/** One round, told to a person. */
export function toldRound({ perSecond, whole }: Pick<VaultReport, 'perSecond' | 'whole'>): string {
  const [p50, p99] = [percentile(whole, 0.5), percentile(whole, 0.99)];
  return `${Math.round(perSecond)}/s (p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)} ms)`;
}

function settingFile(
  house: BenchHouse,
  { socket, municipality, address, certificates }: BenchVault,
  gateway: string,
) {
  const { caFile, gateway: own } = certificates;
  const setting: VaultLoadSetting = {
    gateway,
    socket,
    municipality,
    vault: {
      url: address,
      ca: readFileSync(caFile, 'utf8'),
      key: readFileSync(own.keyFile, 'utf8'),
      certificate: readFileSync(own.certificateFile, 'utf8'),
    },
    callers: CALLERS,
  };
  const file = join(house.home, 'vault.json');
  writeFileSync(file, JSON.stringify(setting), { mode: 0o600 });
  return file;
}

async function subjectsOf(house: BenchHouse): Promise<readonly VaultSubject[]> {
  const owner = house.open(DATABASE, 'owner', 1);
  try {
    const rows = await owner.run(
      'bench.people',
      ({ raw }) => raw<{ addresseeNo: string }[]>`
      select addressee_no as "addresseeNo" from records.addressee a
      where corporate_no is null and merged_into is null
        and not exists (select from records.protection_reach r where r.addressee_no = a.addressee_no)
      order by md5(addressee_no)`,
    );
    assertMeasured(rows.length > 0, 'The demonstration has nobody who may have a number.');
    const numbers = patternedNumbers(0, rows.length);
    return rows.map(({ addresseeNo }, at) => ({ addresseeNo, number: numbers[at] ?? '' }));
  } finally {
    await owner.close();
  }
}

/** As many people as the reference server has codes of, each linked to one of them in the records, too. */
async function linkedSubjectsOf(house: BenchHouse): Promise<readonly VaultSubject[]> {
  const people = (await subjectsOf(house)).slice(0, CODES_ACQUIRED.length);
  const owner = house.open(DATABASE, 'owner', 1);
  try {
    await owner.run(
      'bench.link',
      ({ raw }) => raw`
      update records.addressee a set unified_addressee_no = given.no
      from unnest(${people.map(({ addresseeNo }) => addresseeNo)}::text[], ${[...CODES_ACQUIRED]}::text[])
        as given (addressee, no) where a.addressee_no = given.addressee`,
    );
  } finally {
    await owner.close();
  }
  return people.map((person, at) => ({ ...person, unifiedAddresseeNo: CODES_ACQUIRED[at] ?? '' }));
}
