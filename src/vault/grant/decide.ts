import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import type { VaultOperation } from '../assertion/operation.js';
import { VaultRefusal, type VaultRule } from '../refusal.js';
import type { Person } from '../staff/person.js';
import { grantObstacle, personObstacle, type Grant } from './grant.js';
import { grantsFor } from './grant.store.js';

/**
 * The grant by which a person may do an operation for a purpose on a day (handbook 15 §5, §6.1): role, training and
 * secrecy of the person, then the grant itself, all as they stand now.
 * @throws KuramoriError FORBIDDEN_PURPOSE, which tells the caller no detail
 * @example
 * const grant = await grantFor(database, actor.person, 'REFUND', 'reveal', today(clock));
 */
export async function grantFor(
  session: Session,
  person: Person,
  purpose: string,
  op: VaultOperation,
  day: IsoDate,
): Promise<Grant> {
  const obstacle = personObstacle(person, day);
  if (obstacle !== undefined) throw new VaultRefusal(obstacle);
  return grantInForce(await grantsFor(session, person.personId, purpose), person, op, day);
}

/** The pure part of {@link grantFor}: the rule that is told is that of the newest grant. */
export function grantInForce(
  grants: readonly Grant[],
  person: Person,
  op: VaultOperation,
  day: IsoDate,
): Grant {
  let rule: VaultRule = 'grant-missing';
  for (const grant of grants) {
    const obstacle = grantObstacle(grant, person, day);
    if (obstacle === undefined && grant.operations.includes(op)) return grant;
    rule = obstacle ?? 'grant-operation';
  }
  throw new VaultRefusal(rule);
}
