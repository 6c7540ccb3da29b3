import type { TRANSFER_STATES } from '../../../schema/records/transfer.js';
import { KuramoriError } from '../../kernel/errors.js';

/** 移管事案の状態 (handbook 13 §3), of one case. */
export type TransferStateWord = (typeof TRANSFER_STATES)[number];

/**
 * The life of a case in a transfer. Until `delivered` it may be aborted; `active` holds the collection lock. A
 * package goes by medium (`inCarry`) or by HTTPS, straight from `released` to `delivered`. Results come monthly, so
 * that a case which was reconciled may receive another.
 */
const NEXT: Readonly<Record<TransferStateWord, readonly TransferStateWord[]>> = {
  candidate: ['noticed', 'aborted'],
  noticed: ['frozen', 'aborted'],
  frozen: ['approved', 'aborted'],
  approved: ['assembled', 'aborted'],
  assembled: ['sealed', 'aborted'],
  sealed: ['released', 'aborted'],
  released: ['inCarry', 'delivered', 'aborted'],
  inCarry: ['delivered', 'aborted'],
  delivered: ['active', 'rejected'],
  active: ['resultReceived'],
  resultReceived: ['resultReceived', 'reconciled'],
  reconciled: ['resultReceived', 'closed'],
  rejected: [],
  closed: [],
  aborted: [],
};

/** Whether a case may go from one state to another. */
export function mayFollow(from: TransferStateWord, to: TransferStateWord): boolean {
  return NEXT[from].includes(to);
}

/** States from which one may go on to another. */
export function statesBefore(to: TransferStateWord): readonly TransferStateWord[] {
  return (Object.keys(NEXT) as TransferStateWord[]).filter((from) => mayFollow(from, to));
}

/**
 * 移管の取下げ: a person takes a case out. After the freeze a single case cannot leave: what is handed over is one whole,
 * which the vault aborts, and what was accepted the organization returns.
 * @throws KuramoriError CONFLICT
 */
export function assertMayWithdraw(from: TransferStateWord): void {
  if (from === 'candidate' || from === 'noticed') return;
  throw new KuramoriError(
    'CONFLICT',
    'The case is frozen with its round or has left it. Abort the package in the vault, or ask for its return.',
  );
}

/** Whether the organization alone collects: no dunning, no new seizure, no set-off (handbook 13 §3). */
export function isLocked(state: TransferStateWord): boolean {
  return state === 'active' || state === 'resultReceived' || state === 'reconciled';
}
