import { ROTATION_BATCH_RECORDS_MAX } from '../../src/kernel/limits.js';
import type { FigureLine } from '../support/figure.js';
import type { BenchHouse } from '../support/house.js';
import { alternate, median } from '../support/rounds.js';
import { openVaultBulk, perSecond } from '../support/vaultBulk.js';

const ROUNDS = 3;
const ROWS = 20_000;

/**
 * 鍵更新: rows of a rotation of class `subject`, from one version of the key to the next: each batch is locked, its
 * shred keys are read, data keys are unwrapped and wrapped, written, and what was written is unwrapped again,
 * cursor and rows in one transaction. After every rotation each record is opened and compared. Floor: in one
 * process, batches of the same size, the bare unwrapping and wrapping of what is in memory, and one bare update
 * by the primary key.
 */
export async function vaultRewrap(house: BenchHouse): Promise<readonly FigureLine[]> {
  const bulk = await openVaultBulk(house);
  await bulk.tell({ kind: 'register', from: 0, count: ROWS });
  const { values, floors } = await alternate(
    ROUNDS,
    async () => {
      const rate = perSecond(await bulk.tell({ kind: 'rewrap' }));
      await bulk.tell({ kind: 'check', count: ROWS });
      return rate;
    },
    async () =>
      (await bulk.floor({ kind: 'rewrap', count: ROWS, batch: ROTATION_BATCH_RECORDS_MAX })).perSecond,
    (rate) => `${Math.round(rate)} rows/s`,
  );
  await bulk.close();
  return [{ figure: 'vault.rewrap', value: median(values), unit: 'rows/s', floor: median(floors) }];
}
