import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';

/** 人事情報の受領: one arrival of the personnel feed. */
export interface PersonnelFeed {
  /** 基準日: the day whose state it tells. */
  readonly asOf: IsoDate;
  /** People it named. */
  readonly people: number;
  readonly receivedBy: string;
  /** ISO instant. */
  readonly receivedAt: string;
}

/** The feed that tells of the latest day, or none. */
export async function lastFeed(session: Session): Promise<Pick<PersonnelFeed, 'asOf'> | undefined> {
  const [row] = await session.run(
    'vault.feed.last',
    ({ raw }) => raw<{ asOf: IsoDate }[]>`
    select as_of::text as "asOf" from vault.personnel_feed order by as_of desc, id desc limit 1`,
  );
  return row;
}

/** Makes feeds wait for each other until the transaction's end. */
export async function serializeFeeds(tx: Session): Promise<void> {
  await tx.run(
    'vault.feed.serialize',
    ({ raw }) => raw`select pg_advisory_xact_lock(hashtextextended('vault.personnelFeed', 0))`,
  );
}

/** Writes an arrival. */
export async function insertFeed(tx: Session, feed: PersonnelFeed): Promise<void> {
  await tx.run(
    'vault.feed.insert',
    ({ raw }) => raw`
    insert into vault.personnel_feed (as_of, people, received_by, received_at)
    values (${feed.asOf}::date, ${feed.people}, ${feed.receivedBy}, ${feed.receivedAt}::timestamptz)`,
  );
}
