import type { Clock } from '../../kernel/clock.js';
import { REFUSALS_PERSON_HOUR_RAISED, WATCHED_PEOPLE_MAX } from '../../kernel/limits.js';
import { UnknownKeys } from '../assertion/forgery.js';

const HOUR_MS = 60 * 60_000;

/** What is seen of refusals only when they are counted. */
export interface Watch {
  readonly unknownKeys: UnknownKeys;
  readonly forbidden: ForbiddenPurposes;
}

/** Begins to count; a vault that is started anew begins anew. */
export function newWatch(clock: Clock): Watch {
  return { unknownKeys: new UnknownKeys(clock), forbidden: new ForbiddenPurposes(clock) };
}

/** Counts refused purposes by person, within 60 minutes, of what draws on no budget (handbook 15 §10: on 5/h). */
export class ForbiddenPurposes {
  readonly #clock: Clock;
  readonly #people = new Map<string, readonly number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one more. @returns whether it is one too many within the hour */
  note(personId: string): boolean {
    const now = this.#clock.now().epochMilliseconds;
    const before = (this.#people.get(personId) ?? []).filter((at) => at > now - HOUR_MS);
    // Who was refused longest ago is forgotten first.
    this.#people.delete(personId);
    const [oldest] = this.#people.keys();
    if (oldest !== undefined && this.#people.size >= WATCHED_PEOPLE_MAX) this.#people.delete(oldest);
    this.#people.set(personId, [...before, now].slice(-REFUSALS_PERSON_HOUR_RAISED));
    return before.length + 1 >= REFUSALS_PERSON_HOUR_RAISED;
  }
}
