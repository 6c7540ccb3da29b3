import { KuramoriError } from '../../kernel/errors.js';
import type { Intermediary } from '../intermediary/intermediary.js';

/** Where operations leave pushes for whoever carries them out. */
export class PushDesk {
  /** None where no intermediary server is configured: then no push is taken. */
  readonly intermediary: Intermediary | undefined;
  #wake: () => void = () => undefined;

  constructor(intermediary: Intermediary | undefined) {
    this.intermediary = intermediary;
  }

  /** @throws KuramoriError CONFIGURATION_INVALID where none is configured */
  configured(): Intermediary {
    if (this.intermediary !== undefined) return this.intermediary;
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'No intermediary server is configured, so nothing is asked of one. Set KURAMORI_VAULT_INTERMEDIARY_URL and ' +
        'what belongs to it.',
    );
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
