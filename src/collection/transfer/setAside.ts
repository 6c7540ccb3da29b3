import { KuramoriError } from '../../kernel/errors.js';

/** What is held, as a proposal to set it aside sees it. */
export interface HoldStanding {
  readonly state: 'held' | 'taken' | 'heldAnew' | 'setAside';
  /** A proposal to set it aside that nobody has decided. */
  readonly isProposed: boolean;
}

/** @throws KuramoriError CONFLICT */
export function assertMaySetAside({ state, isProposed }: HoldStanding): void {
  if (state !== 'held')
    throw conflict('It is held no more, or for another reason. Read the holds of the round again.', 'holdId');
  if (isProposed) throw conflict('To set it aside was proposed already. Have it decided first.', 'holdId');
}

/** A proposal as its decision sees it. Persons count, not accounts (handbook 15 §2). */
export interface SetAsideStanding {
  readonly state: HoldStanding['state'];
  readonly outcome: 'approved' | 'rejected' | undefined;
  readonly proposerPerson: string;
}

/** @throws KuramoriError CONFLICT; DUAL_CONTROL_REQUIRED */
export function assertSetAsideDecidable(
  { state, outcome: before, proposerPerson }: SetAsideStanding,
  outcome: 'approved' | 'rejected',
  deciderPerson: string,
): void {
  if (before !== undefined) throw conflict('It was decided already. Read it again.', 'setAsideId');
  if (proposerPerson === deciderPerson)
    throw new KuramoriError(
      'DUAL_CONTROL_REQUIRED',
      'Who proposed to set it aside does not decide it. Another person must.',
      { field: 'setAsideId' },
    );
  if (outcome === 'approved' && state !== 'held')
    throw conflict('What was held is held no more, or for another reason. Reject it.', 'setAsideId');
}

function conflict(sentence: string, field: string): KuramoriError {
  return new KuramoriError('CONFLICT', sentence, { field });
}
