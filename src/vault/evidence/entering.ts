import { z } from 'zod';
import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { EVIDENCE_TEXT_CHARS_MAX } from '../../kernel/limits.js';
import { enteredWords } from '../entered.js';
import { refusalToOfficer } from '../refusal.js';
import { personState, type VaultRole } from '../staff/person.js';
import { requirePerson } from '../staff/staff.store.js';

/** Who answers for an entry: a person of the vault's register. */
export const officerId = z.string().min(1).max(64);

/** 責任者 of any kind. */
export const OFFICERS: readonly VaultRole[] = ['unitOfficer', 'chiefOfficer', 'auditOfficer'];

/**
 * The person is employed today and has one of the roles.
 * @throws KuramoriError NOT_FOUND; ACCOUNT_REVOKED; FORBIDDEN_PURPOSE with the rule
 */
export async function assertOfficer(
  session: Session,
  personId: string,
  day: IsoDate,
  roles: readonly VaultRole[] = OFFICERS,
): Promise<void> {
  const person = await requirePerson(session, personId);
  const state = personState(person, day);
  if (state === 'revoked') throw refusalToOfficer('person-revoked');
  if (state !== 'employed') throw refusalToOfficer('employment-ended');
  if (!roles.includes(person.role)) throw refusalToOfficer('role');
}

/**
 * A text of an evidence, as it is stored.
 * @throws KuramoriError BAD_INPUT when it is blank, too long, or may hold an individual number
 */
export function entryText(text: string, field: string): string {
  return enteredWords(text, field, EVIDENCE_TEXT_CHARS_MAX);
}
