import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TransferOrder, TransferReport } from '../processes/transferPackage.js';
import type { FigureLine } from '../support/figure.js';
import type { BenchHouse } from '../support/house.js';
import { order } from '../support/orders.js';
import { alternate, median } from '../support/rounds.js';

const PROGRAM = new URL('../processes/transferPackage.js', import.meta.url);
const CASES = 10_000;
const ROUNDS = 3;
/** Of the process that builds and opens. */
const HEAP_MEGABYTES_MAX = 64;
const BYTES_PER_MEGABYTE = 1_000_000;

/**
 * 移管データ: a package of 10,000 cases, built from files on the disk (every cell, total and digest checked, tar, age,
 * two signatures, flushed, read back) and opened through all of the receiver's checks. `peak_rss` is the most memory
 * the process has had: after 1,000 cases, and after 10,000.
 *
 * Floor: SHA-256 and ChaCha20-Poly1305 of the same bytes by `node:crypto`, read from the same files.
 */
export async function transferPackage(house: BenchHouse): Promise<readonly FigureLine[]> {
  const folder = join(house.home, 'transfer');
  // Whatever were kept of each row would not fit.
  const child = house.children.start(PROGRAM, { flags: [`--max-old-space-size=${HEAP_MEGABYTES_MAX}`] });
  await child.message();
  const tell = (what: TransferOrder) => order<TransferReport>(child, what);
  let made = 0;
  const packageId = () => `0193b1d0-0000-7000-8000-${String((made += 1)).padStart(12, '0')}`;
  const begin = async (name: string, cases: number) => {
    const place = join(folder, name);
    mkdirSync(place, { recursive: true });
    await tell({ kind: 'make', folder: place, cases });
  };
  const opens: number[] = [];
  const buildAndOpen = async () => {
    const id = packageId();
    const built = perSecond(await tell({ kind: 'build', packageId: id }));
    opens.push(perSecond(await tell({ kind: 'open', packageId: id })));
    return built;
  };
  try {
    await begin('small', CASES / 10);
    await buildAndOpen();
    const small = await tell({ kind: 'floor' });
    opens.length = 0;
    await begin('large', CASES);
    const floor = async () => perSecond(await tell({ kind: 'floor' }));
    const { values, floors } = await alternate(
      ROUNDS,
      buildAndOpen,
      floor,
      (rate) => `${Math.round(rate)} rows/s`,
    );
    const { peakRss, bytes } = await tell({ kind: 'floor' });
    return [
      {
        figure: 'transfer.package',
        value: median(values),
        unit: 'rows/s',
        floor: median(floors),
        parts: { megabytes: bytes / BYTES_PER_MEGABYTE },
      },
      { figure: 'transfer.package.open', value: median(opens), unit: 'rows/s', floor: median(floors) },
      {
        figure: 'transfer.package.peak_rss',
        value: peakRss / BYTES_PER_MEGABYTE,
        unit: 'MB',
        parts: { after1000: small.peakRss / BYTES_PER_MEGABYTE, after10000: peakRss / BYTES_PER_MEGABYTE },
      },
    ];
  } finally {
    await child.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function perSecond({ rows, ms }: TransferReport): number {
  return (rows * 1000) / ms;
}
