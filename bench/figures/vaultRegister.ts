import { REGISTRATION_CHUNK_LINES_MAX } from '../../src/kernel/limits.js';
import type { VaultBulkReport } from '../processes/vaultBulk.js';
import type { FigureLine } from '../support/figure.js';
import type { BenchHouse } from '../support/house.js';
import { alternate, median } from '../support/rounds.js';
import { openVaultBulk, perSecond } from '../support/vaultBulk.js';

const ROUNDS = 3;
const ROUND_NUMBERS = 20_000;
const WARM_NUMBERS = 4_000;
const PER_SECOND_LEAST = 5_000;
const BYTES_PER_MEGABYTE = 1_000_000;

/**
 * 一括登録: numbers of a file, in chunks as the command sends them, two at a time: read strictly, looked for,
 * sealed, written with shred key and index value, an entry of the log with each chunk. Measured within the
 * vault's process, without the socket and without the approval. Afterwards every record is opened and compared.
 * `peak_rss` is the most memory the process has had, as far as collections let it; `held` is what is left after
 * one: no part of the file.
 *
 * Floor: in one process, batches of the same size, the bare cryptography (HMAC, two times AES-GCM, HKDF) of one
 * while the one before it is inserted into plain tables, with one entry for each.
 */
export async function vaultRegister(house: BenchHouse): Promise<readonly FigureLine[]> {
  const bulk = await openVaultBulk(house);
  const batch = REGISTRATION_CHUNK_LINES_MAX;
  let next = 0;
  const register = (count: number) => {
    const from = next;
    next += count;
    return bulk.tell({ kind: 'register', from, count });
  };
  const floor = (count: number) => bulk.floor({ kind: 'registerMany', count, batch });
  const reports = [await register(WARM_NUMBERS)];
  await floor(WARM_NUMBERS);
  const { values, floors } = await alternate(
    ROUNDS,
    async () => {
      const report = await register(ROUND_NUMBERS);
      reports.push(report);
      return perSecond(report);
    },
    async () => (await floor(ROUND_NUMBERS)).perSecond,
    (rate) => `${Math.round(rate)} numbers/s`,
  );
  await bulk.tell({ kind: 'check', count: next });
  await bulk.close();
  return [
    {
      figure: 'vault.register',
      value: median(values),
      unit: 'numbers/s',
      floor: median(floors),
      limit: { least: PER_SECOND_LEAST },
    },
    memoryLine('peak_rss', reports, ({ peakRss }) => peakRss),
    memoryLine('held', reports, ({ held }) => held),
  ];
}

/** At the end; and after so many numbers each. */
function memoryLine(
  name: string,
  reports: readonly VaultBulkReport[],
  pick: (report: VaultBulkReport) => number,
): FigureLine {
  const megabytes = reports.map((report) => pick(report) / BYTES_PER_MEGABYTE);
  const parts = megabytes.map(
    (value, round) => [`after${WARM_NUMBERS + round * ROUND_NUMBERS}`, value] as const,
  );
  return {
    figure: `vault.register.${name}`,
    value: megabytes.at(-1) ?? 0,
    unit: 'MB',
    parts: Object.fromEntries(parts),
  };
}
