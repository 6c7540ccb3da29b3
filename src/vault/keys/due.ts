import { Temporal } from '../../kernel/dates.js';
import type { Session } from '../../kernel/database/database.js';
import { KEY_DUE_DAYS_BEFORE, KEY_USES_DUE } from '../../kernel/limits.js';
import { CRYPTOPERIODS } from './cryptoperiods.js';
import type { KeyClass } from './key.js';
import { minVersionOf, readRegister, type KeyRegister, type KeyRow } from './store.js';

/** `seal`: it must no longer seal. `open`: nothing may lie under it any more. `uses`: it has been used too often. */
export type DueReason = 'seal' | 'open' | 'uses';

/** A key whose end is near or past. */
export interface KeyDue {
  readonly keyId: string;
  readonly keyClass: KeyClass;
  readonly version: number;
  readonly reason: DueReason;
  /** ISO instant; absent for `uses`, which no clock tells. */
  readonly at?: string;
  readonly overdue: boolean;
}

const HOURS_PER_DAY = 24;

/** The keys that must be rotated or retired soon, as the database knows them. Also of a sealed vault. */
export async function keysDue(session: Session, now: Temporal.Instant): Promise<readonly KeyDue[]> {
  return dueOf(await readRegister(session), now);
}

/** Pure: the ends of cryptoperiods (handbook 14 §3) that are nearer than KEY_DUE_DAYS_BEFORE, and worn keys. */
export function dueOf(register: KeyRegister, now: Temporal.Instant): readonly KeyDue[] {
  return register.keys.flatMap((row) => {
    if (row.state === 'active') return [...sealDue(row, now), ...usesDue(row)];
    const retired = row.version < minVersionOf(register, row.keyClass);
    return row.state === 'preActive' || row.state === 'destroyed' || retired ? [] : openDue(row, now);
  });
}

function sealDue(row: KeyRow, now: Temporal.Instant): KeyDue[] {
  return dueAfter(row, 'seal', CRYPTOPERIODS[row.keyClass].sealDays, now);
}

function openDue(row: KeyRow, now: Temporal.Instant): KeyDue[] {
  return dueAfter(row, 'open', CRYPTOPERIODS[row.keyClass].openDays, now);
}

function usesDue({ keyId, keyClass, version, uses }: KeyRow): KeyDue[] {
  if (uses < BigInt(Math.floor(KEY_USES_DUE))) return [];
  return [{ keyId, keyClass, version, reason: 'uses', overdue: false }];
}

function dueAfter(row: KeyRow, reason: DueReason, days: number | undefined, now: Temporal.Instant): KeyDue[] {
  if (days === undefined || row.activatedAt === null) return [];
  const at = Temporal.Instant.from(row.activatedAt).add({ hours: days * HOURS_PER_DAY });
  const from = at.subtract({ hours: KEY_DUE_DAYS_BEFORE * HOURS_PER_DAY });
  if (Temporal.Instant.compare(now, from) < 0) return [];
  const { keyId, keyClass, version } = row;
  const overdue = Temporal.Instant.compare(now, at) >= 0;
  return [{ keyId, keyClass, version, reason, at: at.toString(), overdue }];
}
