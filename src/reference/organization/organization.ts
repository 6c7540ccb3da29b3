import { instantText, type Clock } from '../../kernel/clock.js';
import { KuramoriError } from '../../kernel/errors.js';
import { organizationKeys, type OrganizationKeys } from './keys.js';
import { Place } from './place.js';
import { readPlan, type Plan } from './plan.js';
import { readSenders, type Sender } from './senders.js';

/** An organization that stands in for a real one (滞納整理機構), without its doors. */
export interface Organization {
  readonly body: { readonly bodyCode: string; readonly name: string };
  readonly place: Place;
  readonly keys: OrganizationKeys;
  readonly clock: Clock;
  /** Files that are read anew each time. */
  senders(): readonly Sender[];
  plan(): Plan;
  /** The moment, as records hold it. */
  now(): string;
  /** Packages whose ciphertext is coming in. */
  readonly uploads: Set<string>;
  /** Does one thing at a time: a series has one end. */
  turn<T>(work: () => Promise<T>): Promise<T>;
}

/** What an organization is made of. */
export interface OrganizationSettings {
  readonly data: string;
  readonly bodyCode: string;
  readonly name: string;
}

export const SENDERS_FILE = 'senders.json';
export const PLAN_FILE = 'plan.json';

/** Opens the data folder, made when missing. */
export async function openOrganization(settings: OrganizationSettings, clock: Clock): Promise<Organization> {
  const place = new Place(settings.data);
  const keys = await organizationKeys(settings.data, clock);
  let last: Promise<unknown> = Promise.resolve();
  return {
    body: { bodyCode: settings.bodyCode, name: settings.name },
    place,
    keys,
    clock,
    senders: () => readSenders(place.file(SENDERS_FILE)),
    plan: () => readPlan(place.file(PLAN_FILE)),
    now: () => instantText(clock),
    uploads: new Set(),
    turn: (work) => {
      const mine = last.then(work, work);
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** No package of that number was taken. */
export function unknownPackage(): KuramoriError {
  return new KuramoriError('NOT_FOUND', 'No package of this number was taken.');
}
