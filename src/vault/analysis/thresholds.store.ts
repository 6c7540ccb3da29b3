import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { THRESHOLDS_AT_FOUNDING, thresholdsForm, type Thresholds } from './thresholds.js';

/** 基準値 with their version: the number of their row, 0 for those of the program. */
export interface VersionedThresholds {
  readonly version: bigint;
  /** None of the program's. */
  readonly validFrom: IsoDate | undefined;
  readonly thresholds: Thresholds;
}

/** The thresholds that hold on a day. */
export async function thresholdsOn(session: Session, day: IsoDate): Promise<VersionedThresholds> {
  const [row] = await session.run(
    'vault.analysis.thresholds',
    ({ raw }) => raw<{ id: bigint; validFrom: IsoDate; thresholds: unknown }[]>`
    select id, valid_from::text as "validFrom", thresholds from vault.analysis_threshold
    where valid_from <= ${day}::date order by valid_from desc, id desc limit 1`,
  );
  if (row === undefined) return { version: 0n, validFrom: undefined, thresholds: THRESHOLDS_AT_FOUNDING };
  // A row of an earlier release that lacks a threshold gets the program's.
  const thresholds = thresholdsForm.parse({ ...THRESHOLDS_AT_FOUNDING, ...(row.thresholds as object) });
  return { version: row.id, validFrom: row.validFrom, thresholds };
}

/** Enters thresholds from a day on. @param at ISO instant @returns their version */
export async function insertThresholds(
  tx: Session,
  entry: Pick<VersionedThresholds, 'thresholds'> & Record<'validFrom' | 'reason' | 'by', string>,
  at: string,
): Promise<bigint> {
  const [row] = await tx.run(
    'vault.analysis.insertThresholds',
    ({ raw }) => raw<[{ id: bigint }]>`
    insert into vault.analysis_threshold (valid_from, thresholds, reason, entered_by, entered_at)
    values (${entry.validFrom}::date, ${JSON.stringify(entry.thresholds)}::text::jsonb, ${entry.reason}, ${entry.by},
      ${at}::timestamptz) returning id`,
  );
  return row.id;
}
