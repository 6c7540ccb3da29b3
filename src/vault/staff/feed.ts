import type { Session } from '../../kernel/database/database.js';
import { dayInJapan, type IsoDate, type Temporal } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { insertFeed, lastFeed, serializeFeeds } from './feed.store.js';
import { registerPerson, type PersonEntry } from './register.js';
import { lockPerson } from './staff.store.js';

/** What the personnel system says: people as they are on a day, or only those who have changed, or nobody. */
export interface FeedEntry {
  /** 基準日: the day whose state it tells. */
  readonly asOf: IsoDate;
  readonly people: readonly PersonEntry[];
}

/** What a feed came to. */
export interface FeedTaken {
  readonly asOf: IsoDate;
  readonly people: number;
  readonly created: number;
  /** Grants that ended with an old unit or an old employment. */
  readonly withdrawnGrants: readonly bigint[];
  /** People who were withdrawn here, which is final: what the feed says of them is left aside. */
  readonly leftAside: readonly string[];
}

/**
 * Takes a personnel feed (人事情報, handbook 15 §6.2): everybody it names is entered as it says, and that it arrived is
 * kept, also where it names nobody. Who is not named stays as he is. All of it, or nothing.
 * @param tx a transaction: write its audit entry in the same
 * @throws KuramoriError BAD_INPUT for a day that has not come, or a person who is named twice; CONFLICT when a feed of
 *   a later day has arrived, for it would bring back what has changed since; as `registerPerson`
 */
export async function takeFeed(
  tx: Session,
  { asOf, people }: FeedEntry,
  now: Temporal.Instant,
  receivedBy: string,
): Promise<FeedTaken> {
  if (asOf > dayInJapan(now).toString())
    throw new KuramoriError('BAD_INPUT', 'The day has not come yet.', { field: 'asOf' });
  if (new Set(people.map(({ personId }) => personId)).size !== people.length)
    throw new KuramoriError('BAD_INPUT', 'A person is named twice. Name each once.', { field: 'people' });
  await serializeFeeds(tx);
  const last = await lastFeed(tx);
  if (last !== undefined && asOf < last.asOf)
    throw new KuramoriError('CONFLICT', 'A feed of a later day has arrived already. Have a new one made.');
  const withdrawnGrants: bigint[] = [];
  const leftAside: string[] = [];
  let created = 0;
  for (const entry of people) {
    const known = await lockPerson(tx, entry.personId);
    if (known?.revokedAt !== undefined) {
      leftAside.push(entry.personId);
      continue;
    }
    const registered = await registerPerson(tx, entry, now);
    created += registered.created ? 1 : 0;
    withdrawnGrants.push(...registered.withdrawnGrants);
  }
  const receivedAt = now.toString({ fractionalSecondDigits: 3 });
  await insertFeed(tx, { asOf, people: people.length, receivedBy, receivedAt });
  return { asOf, people: people.length, created, withdrawnGrants, leftAside };
}
