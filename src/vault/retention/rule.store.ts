import type { Session } from '../../kernel/database/database.js';
import { plainDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { RETENTION_YEARS_MAX } from '../../kernel/limits.js';
import { violates } from '../../kernel/database/errors.js';
import { RETENTION_RULES_AT_FOUNDING, type RetentionRule } from './rule.js';

/** All rules that ever were in force. */
export async function readRetentionRules(session: Session): Promise<readonly RetentionRule[]> {
  return session.run(
    'vault.retention.rules',
    ({ raw }) => raw<RetentionRule[]>`
    select class, years, valid_from as "validFrom", basis from vault.retention_rule order by class, valid_from`,
  );
}

/** Writes the rules a vault starts with. Repeating it changes nothing. */
export async function installRetentionRules(session: Session): Promise<void> {
  for (const rule of RETENTION_RULES_AT_FOUNDING) {
    await session.run(
      'vault.retention.install',
      ({ raw }) => raw`
      insert into vault.retention_rule (class, years, valid_from, basis)
      values (${rule.class}, ${rule.years}, ${rule.validFrom}, ${rule.basis}) on conflict do nothing`,
    );
  }
}

/**
 * Registers a rule from a day on. Rules are never changed: what they once allowed must stay explicable.
 * @throws KuramoriError BAD_INPUT, CONFLICT when the class has a rule from that day already
 */
export async function addRetentionRule(session: Session, rule: RetentionRule): Promise<void> {
  plainDate(rule.validFrom);
  if (!Number.isSafeInteger(rule.years) || rule.years < 1 || rule.years > RETENTION_YEARS_MAX) {
    throw new KuramoriError('BAD_INPUT', `A retention period has 1 to ${RETENTION_YEARS_MAX} whole years.`, {
      field: 'years',
    });
  }
  if (rule.class === 'ERASURE') {
    throw new KuramoriError('BAD_INPUT', 'Records of erasure are kept for ever. They have no period.', {
      field: 'class',
    });
  }
  try {
    await session.run(
      'vault.retention.add',
      ({ raw }) => raw`
      insert into vault.retention_rule (class, years, valid_from, basis)
      values (${rule.class}, ${rule.years}, ${rule.validFrom}, ${rule.basis})`,
    );
  } catch (error) {
    if (!violates(error, 'retention_rule_class_valid_from_pk')) throw error;
    throw new KuramoriError('CONFLICT', 'The class has a rule from that day already. Choose another day.');
  }
}
