import { isFinal, PUSH_STATES, type PushState } from '../../protocol/push.js';
import { KuramoriError } from '../../kernel/errors.js';

/** 連携状態: a state that arises before the vault has the push or beside it, or one of the vault's. */
export type PushStanding = (typeof LOCAL_STATES)[number] | PushState;

/**
 * `WAITING` 引渡し待ち, `HANDED_OVER` 引渡し済 (the vault took it, its journal was not read yet), `AWAITING_SIGNATURE`
 * 署名待ち (its signature ended before the vault had it), `NOT_ACCEPTED` 不受理 (the vault refused the operation).
 */
const LOCAL_STATES = ['WAITING', 'HANDED_OVER', 'AWAITING_SIGNATURE', 'NOT_ACCEPTED', 'CANCELLED'] as const;

/** A push as far as a clerk's next step depends on it. */
export interface StandingPush {
  readonly state: PushStanding;
  /** Whether the vault's journal has told of it. */
  readonly atVault: boolean;
  /** Epoch milliseconds at which its newest signature ends. */
  readonly validUntil: number;
}

/** A refund whose account is to be inquired. */
export interface RefundToPay {
  readonly addresseeNo: string;
  readonly outcome: 'approved' | 'rejected' | null;
  readonly isPaid: boolean;
  /** States of the inquiries that were made for it. */
  readonly inquiries: readonly PushStanding[];
}

/**
 * Whether a push may be signed again: it never came to the vault, and no signature of it is on its way any more.
 * @param now epoch milliseconds
 * @throws KuramoriError CONFLICT
 */
export function assertSignable({ state, atVault, validUntil }: StandingPush, now: number): void {
  if (atVault || state === 'HANDED_OVER')
    throw conflict('The vault has the push. It needs no new signature; read its state.');
  if (state === 'CANCELLED') throw conflict('The push was cancelled. Ask for a new one.');
  if (state === 'WAITING' && now < validUntil)
    throw conflict(
      'The push is signed and waits for the vault. Wait for it, or until its signature has ended.',
    );
}

/** @throws KuramoriError CONFLICT when nothing can be taken back any more */
export function assertOpen({ state }: Pick<StandingPush, 'state'>): void {
  if (state === 'CANCELLED' || (isVaultState(state) && isFinal(state)))
    throw conflict('The push has ended. There is nothing to cancel.');
}

/**
 * Whether a push has come to nothing, so that the same may be asked for once more.
 * @returns false also for one that waits for a signature: that one is to be signed again
 */
export function cameToNothing(state: PushStanding): boolean {
  return state === 'NOT_ACCEPTED' || (isVaultState(state) && isFinal(state) && state !== 'DONE');
}

/** @throws KuramoriError CONFLICT: an account is inquired once for a refund that is to be paid (handbook 12 §7) */
export function assertInquirable({ outcome, isPaid, inquiries }: RefundToPay): void {
  const fault =
    outcome !== 'approved'
      ? 'The refund is not approved. An account is inquired after the decision.'
      : isPaid
        ? 'The refund is paid. Its account is inquired no more.'
        : inquiries.some((state) => !cameToNothing(state))
          ? 'The account was inquired for this refund already. Read its state; sign it again where it waits for that.'
          : undefined;
  if (fault !== undefined) throw new KuramoriError('CONFLICT', fault, { field: 'refundId' });
}

function isVaultState(state: PushStanding): state is PushState {
  return (PUSH_STATES as readonly string[]).includes(state);
}

function conflict(sentence: string): KuramoriError {
  return new KuramoriError('CONFLICT', sentence, { field: 'pushRequestId' });
}
