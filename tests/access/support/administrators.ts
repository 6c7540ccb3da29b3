import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../src/kernel/clock.js';
import type { AskedApproval } from '../../../src/access/register/approval.store.js';
import { decideApproval, openApproval, requestApproval } from '../../../src/access/register/approval.js';
import { dayOf, SYSTEM_ACTOR, type RegisterChange } from '../../../src/access/register/change.js';
import { grantRole } from '../../../src/access/register/grants.js';
import { createStaff } from '../../../src/access/register/staff.js';
import { setState } from '../../../src/access/register/staff.store.js';
import type { Database } from '../../../src/kernel/database/database.js';

/** A change of the register by somebody. */
export function changeBy(actorId: string, clock: Clock, reason = '人事異動のため'): RegisterChange {
  const at = clock.now();
  return { actorId, at, purpose: 'ADMINISTRATION', caseRef: undefined, requestId: randomUUID(), reason };
}

/** Takes access administrators in, each a person of his own: `P-` and the staff id. @param owner of the schema */
export async function newAdministrators(
  owner: Database,
  clock: Clock,
  department: string,
  staffIds: readonly string[],
): Promise<void> {
  await owner.transaction('test.administrators', async (tx) => {
    for (const staffId of staffIds) {
      const change = changeBy(SYSTEM_ACTOR, clock);
      const person = { personId: `P-${staffId}`, name: '試験　管理', kana: 'シケン　カンリ', department };
      const employed = { employmentFrom: '2020-04-01', employmentTo: undefined };
      await createStaff(tx, change, { staffId, ...person, ...employed });
      const role = { role: 'accessAdministrator', validFrom: dayOf(change), validTo: undefined };
      await grantRole(tx, change, staffId, role);
      await setState(tx, staffId, 'active');
    }
  });
}

/** Has one administrator ask, and another open and approve. @returns number of the request */
export async function approvedBy(
  gateway: Database,
  clock: Clock,
  asked: AskedApproval,
  [requester, approver]: readonly [string, string],
): Promise<string> {
  const id = await gateway.transaction('test.request', (tx) =>
    requestApproval(tx, changeBy(requester, clock), asked),
  );
  await gateway.transaction('test.approve', async (tx) => {
    await openApproval(tx, changeBy(approver, clock), id);
    await decideApproval(tx, changeBy(approver, clock), id, { outcome: 'approved' });
  });
  return String(id);
}
