import type { VaultBulkOrder, VaultBulkReport } from '../processes/vaultBulk.js';
import type { VaultFloorOrder, VaultFloorReport } from '../processes/vaultFloor.js';
import type { BenchHouse } from './house.js';
import { order } from './orders.js';
import { openBenchVault } from './vaultHouse.js';
import { startVaultFloor } from './vaultScene.js';

/** A vault whose work without a network is measured, and its floor: a process each. */
export interface VaultBulk {
  tell(what: VaultBulkOrder): Promise<VaultBulkReport>;
  floor(what: VaultFloorOrder): Promise<VaultFloorReport>;
  close(): Promise<void>;
}

const PROGRAM = new URL('../processes/vaultBulk.js', import.meta.url);
/** The floor's process would write entries of a gateway there; here it does not. */
const DATABASE = 'bench_vault_records';

export async function openVaultBulk(house: BenchHouse): Promise<VaultBulk> {
  // A run that ended in an error has left it in a house that is kept.
  await house.drop(DATABASE);
  await house.emptyDatabase(DATABASE);
  const vault = await openBenchVault(house, { program: PROGRAM, flags: ['--expose-gc'] });
  const floor = await startVaultFloor(house, vault, DATABASE);
  return {
    tell: (what) => order(vault.process, what),
    floor: (what) => order(floor, what),
    close: async () => {
      await floor.stop();
      await vault.close();
      await house.drop(DATABASE);
    },
  };
}

/** So many in a second. */
export function perSecond({ done, ms }: VaultBulkReport): number {
  return (done * 1000) / ms;
}
