import { KuramoriError } from '../../kernel/errors.js';
import type { TransferStateName } from '../client/transferWire.js';

/** What may follow (handbook 13 §3). A medium is carried; by HTTPS a package is delivered at once. */
const MAY_FOLLOW: Readonly<Record<TransferStateName, readonly TransferStateName[]>> = {
  FROZEN: ['APPROVED', 'ABORTED'],
  APPROVED: ['ASSEMBLED', 'ABORTED'],
  ASSEMBLED: ['SEALED', 'ABORTED'],
  SEALED: ['RELEASED', 'ABORTED'],
  RELEASED: ['IN_CARRY', 'DELIVERED', 'ABORTED'],
  IN_CARRY: ['DELIVERED', 'ABORTED'],
  DELIVERED: ['ACCEPTED', 'PARTLY_ACCEPTED', 'REJECTED'],
  ACCEPTED: ['ACTIVE'],
  PARTLY_ACCEPTED: ['ACTIVE'],
  REJECTED: ['CLOSED'],
  ACTIVE: ['RESULT_RECEIVED'],
  RESULT_RECEIVED: ['RESULT_RECEIVED', 'RECONCILED'],
  RECONCILED: ['RESULT_RECEIVED', 'CLOSED'],
  CLOSED: [],
  ABORTED: [],
};

export function mayFollow(from: TransferStateName, to: TransferStateName): boolean {
  return MAY_FOLLOW[from].includes(to);
}

/** @throws KuramoriError CONFLICT when a transfer may not change so */
export function assertMayFollow(from: TransferStateName, to: TransferStateName): void {
  if (mayFollow(from, to)) return;
  throw new KuramoriError('CONFLICT', `A transfer that is ${from} cannot become ${to}.`, { from, to });
}
