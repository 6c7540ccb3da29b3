import type { VaultFloorReport } from '../processes/vaultFloor.js';
import type { VaultReport } from '../processes/vaultLoad.js';
import type { FigureLine } from '../support/figure.js';
import type { BenchHouse } from '../support/house.js';
import { alternate, assertMeasured } from '../support/rounds.js';
import { CALLERS, openVaultScene, speedLines, toldRound } from '../support/vaultScene.js';

const CLERKS = 32;
const ROUNDS = 3;
const ROUND_NUMBERS = 320;
const WARM_NUMBERS = 160;

/**
 * 個人番号の登録, one by one: 16 clerks at a time, each of whom seals a number to the vault, signs, and has the gateway
 * register it, which keeps the reference in the records. Floor: in one process, 16 at a time, the bare
 * cryptography of a registration (verify Ed25519, open ECDH-ES, HMAC, seal the record) and the bare inserts of
 * shred key, record, index value and as many audit records, in the same order, those that come together as one
 * statement.
 */
export async function vaultRegisterSingle(house: BenchHouse): Promise<readonly FigureLine[]> {
  const scene = await openVaultScene(house, CLERKS);
  assertMeasured(
    scene.subjects.length >= WARM_NUMBERS + ROUNDS * ROUND_NUMBERS,
    'The demonstration has too few people.',
  );
  let next = 0;
  const register = (count: number) => {
    const subjects = scene.subjects.slice(next, next + count);
    next += count;
    return scene.tell({ kind: 'register', subjects });
  };
  const floor = (count: number) => scene.floor({ kind: 'registerOne', count, callers: CALLERS });
  await register(WARM_NUMBERS);
  await floor(WARM_NUMBERS);
  const { values, floors } = await alternate<VaultReport | VaultFloorReport>(
    ROUNDS,
    () => register(ROUND_NUMBERS),
    () => floor(ROUND_NUMBERS),
    toldRound,
  );
  await scene.close();
  return speedLines('vault.register.single', 'numbers/s', values as readonly VaultReport[], floors);
}
