import type { Session } from '../../kernel/database/database.js';
import type { Temporal } from '../../kernel/dates.js';
import { VAULT_PURGED_ROWS_MAX } from '../../kernel/limits.js';
import type { UsedAssertion } from './used.js';

/** @returns false when the `jti` is there already: the unique index decides, whatever runs beside it */
export async function insertUsed(
  session: Session,
  used: Omit<UsedAssertion, 'outcome' | 'result'>,
  keptUntil: Temporal.Instant,
): Promise<boolean> {
  const rows = await session.run(
    'vault.assertion.claim',
    ({ raw }) => raw`
    insert into vault.used_assertion
      (jti, body_digest, op, subjects, person_id, request_id, outcome, kept_until)
    values (${used.jti}, ${used.bodyDigest}, ${used.op}, ${used.subjects}, ${used.personId}, ${used.requestId},
      'unknown', ${keptUntil.toString()})
    on conflict (jti) do nothing returning jti`,
  );
  return rows.length === 1;
}

/** The first use of a `jti`. */
export async function findUsed(session: Session, jti: string): Promise<UsedAssertion | undefined> {
  const [row] = await session.run(
    'vault.assertion.find',
    ({ raw }) => raw<UsedAssertion[]>`
    select jti, body_digest as "bodyDigest", op, subjects, person_id as "personId", request_id as "requestId",
      outcome, result
    from vault.used_assertion where jti = ${jti}`,
  );
  return row;
}

/** @returns false when there is no such use, or it is settled already */
export async function updateOutcome(
  session: Session,
  jti: string,
  outcome: 'done' | 'refused',
  result: string | null,
): Promise<boolean> {
  const rows = await session.run(
    'vault.assertion.settle',
    ({ raw }) => raw`
    update vault.used_assertion set outcome = ${outcome}, result = ${result}::text::jsonb
    where jti = ${jti} and outcome = 'unknown' returning jti`,
  );
  return rows.length === 1;
}

/** Forgets uses whose time is over. @returns how many; call again while it is VAULT_PURGED_ROWS_MAX */
export async function purgeUsedAssertions(session: Session, now: Temporal.Instant): Promise<number> {
  const rows = await session.run(
    'vault.assertion.purge',
    ({ raw }) => raw`
    delete from vault.used_assertion where jti in (
      select jti from vault.used_assertion where kept_until <= ${now.toString()}
      order by kept_until limit ${VAULT_PURGED_ROWS_MAX}) returning jti`,
  );
  return rows.length;
}
