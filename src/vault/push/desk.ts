import { KuramoriError } from '../../kernel/errors.js';
import type { ListName, ListOf } from '../../protocol/intermediary/lists.js';
import type { Look } from '../intermediary/lists.js';
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

  /**
   * Reads a list of the intermediary server.
   * @throws KuramoriError CONFIGURATION_INVALID; TIMEOUT when the server is away, FORBIDDEN_PURPOSE when it does not
   *   show the list
   */
  async listed<Name extends ListName>(name: Name, look: Look = {}): Promise<ListOf<Name>> {
    const answered = await this.configured().look(name, look);
    if (answered === 'refused')
      throw new KuramoriError(
        'FORBIDDEN_PURPOSE',
        'The intermediary server does not show this to the person who was named. Look at its staff table.',
      );
    if (typeof answered === 'string')
      throw new KuramoriError(
        'TIMEOUT',
        'The intermediary server did not answer in a form that is understood. Try again later.',
        { rule: answered },
      );
    return answered;
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
