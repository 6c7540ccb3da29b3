import { KuramoriError } from '../../kernel/errors.js';
import type { KeyState } from './key.js';

/**
 * What may follow (NIST SP 800-57 part 1 §7; handbook 14 §3). There is no way back, and a key that is in use is first
 * replaced, then destroyed.
 */
const MAY_FOLLOW: Readonly<Record<KeyState, readonly KeyState[]>> = {
  preActive: ['active', 'compromised', 'destroyed'],
  active: ['deactivated', 'compromised'],
  deactivated: ['compromised', 'destroyed'],
  compromised: ['destroyed'],
  destroyed: [],
};

/** States in which a key opens what it once sealed; a compromised one too, so that all can be moved away from it. */
const OPENING: readonly KeyState[] = ['active', 'deactivated', 'compromised'];

export function mayFollow(from: KeyState, to: KeyState): boolean {
  return MAY_FOLLOW[from].includes(to);
}

export function opens(state: KeyState): boolean {
  return OPENING.includes(state);
}

/** @throws KuramoriError CONFLICT when a key may not change so */
export function assertTransition(from: KeyState, to: KeyState): void {
  if (mayFollow(from, to)) return;
  throw new KuramoriError(
    'CONFLICT',
    `A key that is ${from} cannot become ${to}. A key in use is replaced by a rotation first.`,
    { from, to },
  );
}
