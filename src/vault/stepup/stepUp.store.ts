import type { Session } from '../../kernel/database/database.js';
import { Temporal } from '../../kernel/dates.js';
import { VAULT_PURGED_ROWS_MAX } from '../../kernel/limits.js';

/** 再認証: of one person, on one terminal, for one purpose. */
export interface StepUp {
  /** `SU-…` */
  readonly stepUpId: string;
  readonly personId: string;
  readonly terminalId: string;
  readonly purpose: string;
  readonly at: Temporal.Instant;
  /** Exclusive. */
  readonly until: Temporal.Instant;
}

interface StepUpRow {
  readonly step_up_id: string;
  readonly person_id: string;
  readonly terminal_id: string;
  readonly purpose: string;
  readonly at: string;
  readonly until: string;
}

export async function insertStepUp(tx: Session, stepUp: StepUp): Promise<void> {
  await tx.run(
    'vault.stepUp.insert',
    ({ raw }) => raw`
    insert into vault.step_up (step_up_id, person_id, terminal_id, purpose, at, until)
    values (${stepUp.stepUpId}, ${stepUp.personId}, ${stepUp.terminalId}, ${stepUp.purpose},
      ${stepUp.at.toString()}, ${stepUp.until.toString()})`,
  );
}

/** A step-up, or none. */
export async function findStepUp(session: Session, stepUpId: string): Promise<StepUp | undefined> {
  const [row] = await session.run(
    'vault.stepUp.find',
    ({ raw }) => raw<StepUpRow[]>`select * from vault.step_up where step_up_id = ${stepUpId}`,
  );
  return (
    row && {
      stepUpId: row.step_up_id,
      personId: row.person_id,
      terminalId: row.terminal_id,
      purpose: row.purpose,
      at: Temporal.Instant.from(row.at),
      until: Temporal.Instant.from(row.until),
    }
  );
}

/** Ends every step-up of a person. @returns how many */
export async function deleteStepUpsOf(tx: Session, personId: string): Promise<number> {
  const rows = await tx.run(
    'vault.stepUp.deleteAll',
    ({ raw }) => raw`delete from vault.step_up where person_id = ${personId} returning step_up_id`,
  );
  return rows.length;
}

/** Forgets step-ups that are over. @returns how many; call again while it is VAULT_PURGED_ROWS_MAX */
export async function purgeStepUps(session: Session, now: Temporal.Instant): Promise<number> {
  const rows = await session.run(
    'vault.stepUp.purge',
    ({ raw }) => raw`
    delete from vault.step_up where step_up_id in (
      select step_up_id from vault.step_up where until <= ${now.toString()} limit ${VAULT_PURGED_ROWS_MAX})
    returning step_up_id`,
  );
  return rows.length;
}
