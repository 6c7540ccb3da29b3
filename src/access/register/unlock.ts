import { randomUUID } from 'node:crypto';
import type { AuditLog } from '../../audit/log.js';
import type { AuditRecord } from '../../audit/record.js';
import type { Clock } from '../../kernel/clock.js';
import type { Database, Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { latestTries, lockTries, noteUnlocked } from '../signin/attempts.store.js';
import { lockoutAt } from '../signin/lockout.js';
import { recordChange, recordStaffEvent, SYSTEM_ACTOR, type RegisterChange } from './change.js';
import { changeableAccount, reactivateStaff, resetCredentials } from './staff.js';

/** Why, as the register and the audit log have it. */
const REASON = '緊急解除';

/**
 * 緊急解除: unlocks an account from the console, for when nobody is left who could do it by the API. Whoever knows
 * their staff ids can lock out every access administrator with wrong passwords; he must not keep them out.
 * @param database a session of the owner of the schema
 * @returns an enrolment code when a hundred failures had stopped the account, which has to set its credentials anew
 *   (handbook 15 §3)
 * @throws KuramoriError NOT_FOUND, CONFLICT when the account is revoked or neither suspended nor locked
 */
export async function unlockStaff(
  database: Database,
  audit: Pick<AuditLog, 'appendIn'>,
  clock: Clock,
  staffId: string,
): Promise<string | undefined> {
  const change: RegisterChange = {
    actorId: SYSTEM_ACTOR,
    at: clock.now(),
    purpose: 'ADMINISTRATION',
    caseRef: undefined,
    requestId: randomUUID(),
    reason: REASON,
  };
  return database.transaction('access.staff.unlock', async (tx) => {
    await lockTries(tx, staffId);
    const { state } = await changeableAccount(tx, change, staffId, ['pending', 'active', 'suspended']);
    const lockout = lockoutAt(await latestTries(tx, staffId), change.at.epochMilliseconds);
    if (state === 'suspended') await reactivateStaff(tx, change, staffId);
    else if (lockout.state === 'open') throw nothingToUnlock();
    else await clearLock(tx, change, staffId);
    const code = lockout.state === 'stopped' ? await resetCredentials(tx, change, staffId) : undefined;
    await audit.appendIn(tx, unlockRecord(change));
    return code?.enrolmentCode;
  });
}

async function clearLock(tx: Session, change: RegisterChange, staffId: string): Promise<void> {
  const changeId = await recordChange(tx, change, 'staff.unlock');
  await noteUnlocked(tx, staffId, change.at.toString());
  await recordStaffEvent(tx, staffId, 'unlocked', change.reason, changeId);
}

function nothingToUnlock(): KuramoriError {
  return new KuramoriError(
    'CONFLICT',
    'The account is neither suspended nor locked. Who lost his credentials gets new ones from an administrator.',
  );
}

/** Raised, so that the auditors see that somebody acted past the administrators. */
function unlockRecord(change: RegisterChange): AuditRecord {
  return {
    kind: 'staffChange',
    at: change.at.toString({ fractionalSecondDigits: 3 }),
    requestId: change.requestId,
    actorId: change.actorId,
    roles: [],
    department: '',
    terminal: 'console',
    sessionId: 'console',
    strength: 'console',
    clientApp: 'kuramori',
    purpose: change.purpose,
    entries: [
      {
        coordinate: 'Staff.unlock',
        decision: 'allow',
        reason: change.reason,
        raised: true,
        rows: 1,
        subjects: [],
      },
    ],
  };
}
