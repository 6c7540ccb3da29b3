import { VAULT_BREAKER_FAILURES_MAX, VAULT_BREAKER_OPEN_MS } from '../../kernel/limits.js';

/**
 * Stops asking a vault that does not answer: after VAULT_BREAKER_FAILURES_MAX failures in a row calls are refused at
 * once; after VAULT_BREAKER_OPEN_MS one is let through to try, and its outcome decides for the others.
 */
export class Breaker {
  readonly #monotonicMs: () => number;
  #failures = 0;
  #openUntil = 0;
  #trying = false;

  /** @param monotonicMs a clock that nobody sets, in milliseconds */
  constructor(monotonicMs: () => number = () => performance.now()) {
    this.#monotonicMs = monotonicMs;
  }

  /** @returns whether a call may be made now; then `succeeded` or `failed` must follow */
  admits(): boolean {
    if (this.#failures < VAULT_BREAKER_FAILURES_MAX) return true;
    if (this.#trying || this.#monotonicMs() < this.#openUntil) return false;
    this.#trying = true;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#trying = false;
  }

  failed(): void {
    this.#failures += 1;
    this.#trying = false;
    this.#openUntil = this.#monotonicMs() + VAULT_BREAKER_OPEN_MS;
  }
}
