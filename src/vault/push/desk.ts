import type { Intermediary } from '../intermediary/intermediary.js';

/** Where operations leave pushes for whoever carries them out. */
export class PushDesk {
  /** None where no intermediary server is configured: then no push is taken. */
  readonly intermediary: Intermediary | undefined;
  #wake: () => void = () => undefined;

  constructor(intermediary: Intermediary | undefined) {
    this.intermediary = intermediary;
  }

  /** @param wake called when a push was accepted */
  onWake(wake: () => void): void {
    this.#wake = wake;
  }

  /** Something is due now. Nothing is lost without it: it is found a moment later. */
  wake(): void {
    this.#wake();
  }
}
