import type { Session } from '../../kernel/database/database.js';
import { dayInJapan, type Temporal } from '../../kernel/dates.js';
import { voidApprovalsOf } from '../approval/consume.js';
import { withdrawGrantsOf } from '../grant/grant.store.js';
import { deleteStepUpsOf } from '../stepup/stepUp.store.js';
import { openCarriesWith, type Carry } from '../transfer/carry/carry.store.js';
import { revokeCredentialsOf } from './credential.js';
import { lockPerson, personNotFound } from './staff.store.js';

/** What died with a withdrawal, for the log. */
export interface PersonRevoked {
  readonly credentials: readonly string[];
  readonly stepUps: number;
  readonly grants: readonly bigint[];
  readonly approvals: readonly string[];
  /** Media that the person still carries: somebody must take them over, so they are told to who withdraws. */
  readonly openCarries: readonly Pick<Carry, 'carryId' | 'packageId' | 'serialNo'>[];
}

/**
 * 即時停止: withdraws a person at once and for good, and with the person keys, step-ups, grants, requests, and
 * approvals that were given and not used yet (handbook 15 §6.2). Holds from the commit on: nothing is cached. Whether
 * the officer may is for `mayRevoke`. A second call changes nothing more.
 * @param tx a transaction: write its audit entry in the same
 * @throws KuramoriError NOT_FOUND
 */
export async function revokeNow(
  tx: Session,
  personId: string,
  now: Temporal.Instant,
): Promise<PersonRevoked> {
  if ((await lockPerson(tx, personId)) === undefined) personNotFound();
  await tx.run(
    'vault.staff.revoke',
    ({ raw }) => raw`
    update vault.person set revoked_at = coalesce(revoked_at, ${now.toString()}) where person_id = ${personId}`,
  );
  return {
    credentials: await revokeCredentialsOf(tx, personId, now),
    stepUps: await deleteStepUpsOf(tx, personId),
    grants: await withdrawGrantsOf(tx, personId, dayInJapan(now).toString()),
    approvals: await voidApprovalsOf(tx, personId),
    openCarries: await openCarriesWith(tx, personId),
  };
}
