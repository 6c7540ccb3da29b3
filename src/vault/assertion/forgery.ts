import type { Clock } from '../../kernel/clock.js';
import { UNKNOWN_KEYS_PER_MINUTE_RAISED, VAULT_SERVICES_MAX } from '../../kernel/limits.js';

const MINUTE_MS = 60_000;

/**
 * Counts assertions under keys that are not in force, by the service that carried them. One is a mistake, such as a key
 * whose renewal was forgotten; many within a minute are somebody who tries.
 */
export class UnknownKeys {
  readonly #clock: Clock;
  readonly #minutes = new Map<string, { readonly startedAt: number; count: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one more. @returns whether it is one too many within the minute */
  note(service: string): boolean {
    const now = this.#clock.now().epochMilliseconds;
    const known = this.#minutes.get(service);
    const minute = known && now < known.startedAt + MINUTE_MS ? known : { startedAt: now, count: 0 };
    // Only services of ours come so far; their number is bounded by the configuration, and here once more.
    if (!known && this.#minutes.size >= VAULT_SERVICES_MAX) this.#minutes.clear();
    this.#minutes.set(service, minute);
    minute.count += 1;
    return minute.count >= UNKNOWN_KEYS_PER_MINUTE_RAISED;
  }
}
