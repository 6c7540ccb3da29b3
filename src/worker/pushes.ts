import {
  WORKER_CHANGES_EXPECTED_MS,
  WORKER_CHANGES_IDLE_POLL_MS,
  WORKER_CHANGES_POLL_MS,
  WORKER_POLL_MS,
} from '../kernel/limits.js';
import type { VaultClient } from '../vault/client/client.js';
import { readChanges } from './push/changes.js';
import { handOverNext, type HandOverDeps } from './push/handOver.js';
import { Repeating, type StepReport } from './repeating.js';

/** What pushes are worked with. */
export interface PushesDeps extends HandOverDeps {
  readonly vault: Pick<VaultClient, 'operate' | 'pushChanges'>;
  /** Handovers at once. */
  readonly handOvers: number;
  /** A clock that nobody sets, in milliseconds. */
  readonly monotonicMs: () => number;
  readonly report: (work: 'handOver' | 'changes') => StepReport;
}

/** Pushes at work. */
export interface RunningPushes {
  /** Takes nothing more; resolves when what is under way has ended. */
  stop(): Promise<void>;
}

/**
 * Hands pushes to the vault and reads what becomes of them, until it is stopped. One hand looks into the outbox and
 * wakes the next when there was something: an idle worker asks one short statement per WORKER_POLL_MS.
 */
export function startPushes(deps: PushesDeps): RunningPushes {
  let expectedUntil = Number.NEGATIVE_INFINITY;
  const expectChanges = () => {
    expectedUntil = deps.monotonicMs() + WORKER_CHANGES_EXPECTED_MS;
    changes.wake();
  };
  const changes = new Repeating(async () => {
    const { found, more } = await readChanges(deps);
    if (found > 0) expectedUntil = deps.monotonicMs() + WORKER_CHANGES_EXPECTED_MS;
    if (more) return 0;
    return deps.monotonicMs() < expectedUntil ? WORKER_CHANGES_POLL_MS : WORKER_CHANGES_IDLE_POLL_MS;
  }, deps.report('changes'));
  const hands: Repeating[] = [];
  const hand = (at: number) =>
    new Repeating(async () => {
      const outcome = await handOverNext(deps);
      if (outcome === undefined) return at === 0 ? WORKER_POLL_MS : WORKER_CHANGES_IDLE_POLL_MS;
      hands[at + 1]?.wake();
      if (outcome.kind === 'handedOver') expectChanges();
      return 0;
    }, deps.report('handOver'));
  for (let at = 0; at < deps.handOvers; at++) hands.push(hand(at));
  return {
    stop: async () => {
      await Promise.all(hands.map((each) => each.stop()));
      await changes.stop();
    },
  };
}
