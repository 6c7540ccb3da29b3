import { KuramoriError } from '../../kernel/errors.js';
import { decideApproval, openApproval, requestApproval } from '../approval/effects.js';
import { openAnalysis, reviewAnalysis } from '../analysis/review.js';
import type { VaultOperation } from '../assertion/operation.js';
import { listBreakGlass } from '../breakGlass/list.js';
import { openBreakGlass } from '../breakGlass/open.js';
import { reviewBreakGlass } from '../breakGlass/review.js';
import type { VaultContext } from '../context.js';
import { erase } from '../erasure/effect.js';
import { evidence } from '../evidence/effect.js';
import { endHold, hold } from '../hold/effects.js';
import {
  decideProvision,
  deleteCopies,
  listPendingProvisions,
  registerCopies,
} from '../provision/effects.js';
import { switchProvision } from '../provision/switch.js';
import { acceptPush as push } from '../push/accept.js';
import { cancelPush } from '../push/cancel.js';
import { register } from '../record/register.js';
import { resolve } from '../record/resolve.js';
import { reveal } from '../record/reveal.js';
import { status } from '../record/status.js';
import { supersede } from '../record/supersede.js';
import { packageAssemble } from '../transfer/package/assemble.js';
import { packageRelease } from '../transfer/package/release.js';
import { endTask, resumeTask } from '../retention/effects.js';
import { listCandidates } from '../retention/listing.js';

import { recordConsent } from '../refund/consent.js';
import { confirmRefundPayment } from '../refund/confirm.js';
import { revealRefundAccount, viewRefundAccount } from '../refund/show.js';
import { takeRefundAccount } from '../refund/take.js';
import { withdrawConsent } from '../refund/withdraw.js';
import type { Claimed } from './run.js';
import { stepUp } from './stepUp.js';
import type { Completed, Trail } from './trail.js';

/** What an effect works with. */
export interface EffectCall extends Claimed {
  readonly context: VaultContext;
  /** For effects that write: their completion commits with the change. */
  readonly trail: Pick<Trail, 'completesIn'>;
  /** Number of the intent's entry. */
  readonly intent: string;
}

/** What an operation came to. */
export interface Effect extends Completed {
  /** What the caller is told. */
  readonly result: unknown;
  /** Number of the entry, where it was written with the change. */
  readonly entry?: string;
}

type RunEffect = (call: EffectCall) => Promise<Effect>;

const EFFECTS: Partial<Record<VaultOperation, RunEffect>> = {
  register,
  resolve,
  reveal,
  status,
  supersede,
  hold,
  releaseHold: endHold,
  erase,
  packageAssemble,
  packageRelease,
  endTask,
  resumeTask,
  listCandidates,
  stepUp,
  requestApproval,
  openApproval,
  decideApproval,
  evidence,
  openAnalysis,
  reviewAnalysis,

  push,
  cancelPush,
  recordConsent,
  withdrawConsent,
  viewRefundAccount,
  revealRefundAccount,
  takeRefundAccount,
  confirmRefundPayment,

  registerCopies,
  deleteCopies,
  listPendingProvisions,
  decideProvision,
  switchProvision,

  openBreakGlass,
  reviewBreakGlass,
  listBreakGlass,
};

/** @throws KuramoriError NOT_FOUND for an operation that this release does not offer over the network */
export function effectOf(op: VaultOperation): RunEffect {
  const effect = EFFECTS[op];
  if (effect) return effect;
  throw new KuramoriError(
    'NOT_FOUND',
    'This operation is not offered here. Use the command line of the vault.',
  );
}
