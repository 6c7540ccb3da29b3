import type { VaultOperation } from '../../kernel/vaultOperations.js';

export { isVaultOperation, type VaultOperation } from '../../kernel/vaultOperations.js';

interface OperationRule {
  /** The budget that it draws on (handbook 15 §6.5). */
  readonly budget: 'reveal' | 'lookup' | undefined;
  /** Its answer is never told a second time from a store (handbook 15 §5). */
  readonly toldOnce: boolean;
  /** On terminals of a 取扱区域 alone. */
  readonly workZoneOnly: boolean;
  /** Without one: the way to one's own step-up, and what looks at grants and roles itself. */
  readonly grantNeeded: boolean;
  /** What a second person approves before anything else is looked at (handbook 15 §6.3). */
  readonly approved?: 'always' | 'severalSubjects';
}

const ordinary: OperationRule = {
  budget: undefined,
  toldOnce: false,
  workZoneOnly: false,
  grantNeeded: true,
};

const byTwo: OperationRule = { ...ordinary, approved: 'always' };
const severalByTwo: OperationRule = { ...ordinary, approved: 'severalSubjects' };

/** What holds for each operation; what its assertion names stands in `VAULT_OPERATION_FORMS`. */
const RULES = {
  register: ordinary,
  resolve: { ...ordinary, budget: 'lookup', toldOnce: true },
  status: severalByTwo,
  reveal: { ...ordinary, budget: 'reveal', toldOnce: true, workZoneOnly: true },
  attachToDocument: { ...ordinary, budget: 'reveal', toldOnce: true, workZoneOnly: true },
  push: ordinary,
  cancelPush: ordinary,
  recordConsent: ordinary,
  withdrawConsent: ordinary,
  viewRefundAccount: ordinary,
  revealRefundAccount: { ...ordinary, budget: 'reveal', toldOnce: true, workZoneOnly: true },
  takeRefundAccount: { ...ordinary, workZoneOnly: true },
  confirmRefundPayment: ordinary,
  packageAssemble: byTwo,
  packageRelease: byTwo,
  supersede: byTwo,
  hold: byTwo,
  releaseHold: byTwo,
  erase: byTwo,
  endTask: severalByTwo,
  resumeTask: severalByTwo,
  listCandidates: { ...ordinary, toldOnce: true },
  stepUp: { ...ordinary, toldOnce: true, grantNeeded: false },
  requestApproval: { ...ordinary, grantNeeded: false },
  openApproval: { ...ordinary, grantNeeded: false },
  decideApproval: { ...ordinary, grantNeeded: false },
  evidence: { ...ordinary, toldOnce: true, grantNeeded: false },
  openAnalysis: { ...ordinary, toldOnce: true, grantNeeded: false },
  reviewAnalysis: { ...ordinary, grantNeeded: false },
  registerCopies: ordinary,
  deleteCopies: ordinary,
  listPendingProvisions: { ...ordinary, toldOnce: true },
  decideProvision: ordinary,
  switchProvision: ordinary,
  openBreakGlass: { ...byTwo, workZoneOnly: true, grantNeeded: false },
  reviewBreakGlass: { ...byTwo, grantNeeded: false },
  listBreakGlass: { ...ordinary, toldOnce: true, grantNeeded: false },
} as const satisfies Record<VaultOperation, OperationRule>;

/** What holds for an operation. */
export function operationRule(op: VaultOperation): OperationRule {
  return RULES[op];
}
