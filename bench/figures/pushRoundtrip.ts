import type { VaultFloorReport } from '../processes/vaultFloor.js';
import type { VaultReport } from '../processes/vaultLoad.js';
import type { FigureLine } from '../support/figure.js';
import type { BenchHouse } from '../support/house.js';
import { alternate } from '../support/rounds.js';
import { CALLERS, openPushScene, speedLines, toldRound } from '../support/vaultScene.js';

const CLERKS = CALLERS;
const ROUNDS = 3;
const ROUND_PUSHES = 320;
const WARM_PUSHES = 160;

/**
 * 中間サーバーへの連携: 16 clerks at a time, each of whom signs, asks `acquireCode`, and asks `pushRequest { state }`
 * every 20 ms until it is DONE. Gateway, worker, vault, reference intermediary server and load are processes of their
 * own; between all but the first mutual TLS; both logs on, each step durable before the next. `answering` is the
 * mutation, `visible` the time from its answer until the end is seen. The people's codes are there already, so that
 * the other side needs no time of its own.
 *
 * Floor: in one process, 16 at a time, the bare inserts of as many audit records into two databases and the bare
 * signatures, one after the other in the same order. No TLS, no HTTP, no rules, no outbox, no journal, nobody asks.
 */
export async function pushRoundtrip(house: BenchHouse): Promise<readonly FigureLine[]> {
  const scene = await openPushScene(house, CLERKS);
  await scene.tell({ kind: 'register', subjects: scene.subjects });
  const push = (count: number) => scene.tell({ kind: 'push', count });
  const floor = (count: number) => scene.floor({ kind: 'push', count, callers: CALLERS });
  await push(WARM_PUSHES);
  await floor(WARM_PUSHES);
  const { values, floors } = await alternate<VaultReport | VaultFloorReport>(
    ROUNDS,
    () => push(ROUND_PUSHES),
    () => floor(ROUND_PUSHES),
    toldRound,
  );
  const lines = speedLines('push.roundtrip', 'pushes/s', values as readonly VaultReport[], floors);
  await scene.close();
  return lines.map(withVisible);
}

/** Nothing is opened in a push: the last part is the waiting for what becomes of it. */
function withVisible({ parts, ...line }: FigureLine): FigureLine {
  if (parts === undefined) return line;
  const { opening: visible = 0, ...others } = parts;
  return { ...line, parts: { ...others, visible } };
}
