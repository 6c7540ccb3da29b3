/**
 * The operations that a terminal asserts to the vault (design §7, handbook 14 §7), and what an assertion of each names.
 * The client signs by this table and the vault reads by it. It runs in browsers too: nothing of Node here.
 */

/** How many subjects an assertion names: none that anybody has a reference of yet, one, or any number. */
export type SubjectsNamed = 'none' | 'one' | 'any';

export interface OperationForm {
  readonly named: SubjectsNamed;
  /** `count` when no subject is named: a search and a registration are about one person all the same. */
  readonly countWithoutRef: 0 | 1;
  /** What is answered is sealed to a key of the reader, which the assertion names. */
  readonly sealed?: true;
}

const one: OperationForm = { named: 'one', countWithoutRef: 0 };
const any: OperationForm = { named: 'any', countWithoutRef: 0 };

export const VAULT_OPERATION_FORMS = {
  register: { named: 'none', countWithoutRef: 1 },
  resolve: { named: 'none', countWithoutRef: 1 },
  status: any,
  reveal: { ...one, sealed: true },
  attachToDocument: one,
  push: one,
  cancelPush: one,
  recordConsent: one,
  withdrawConsent: one,
  viewRefundAccount: one,
  revealRefundAccount: { ...one, sealed: true },
  takeRefundAccount: one,
  confirmRefundPayment: one,
  packageAssemble: any,
  packageRelease: { named: 'none', countWithoutRef: 0 },
  supersede: one,
  hold: one,
  releaseHold: one,
  erase: any,
  endTask: any,
  resumeTask: any,
  listCandidates: { named: 'none', countWithoutRef: 0 },
  stepUp: { named: 'none', countWithoutRef: 0 },
  requestApproval: any,
  openApproval: { named: 'none', countWithoutRef: 0 },
  decideApproval: { named: 'none', countWithoutRef: 0 },
  evidence: { named: 'none', countWithoutRef: 0 },
  openAnalysis: { named: 'none', countWithoutRef: 0 },
  reviewAnalysis: { named: 'none', countWithoutRef: 0 },
  registerCopies: any,
  deleteCopies: any,
  listPendingProvisions: { named: 'none', countWithoutRef: 0 },
  decideProvision: { named: 'none', countWithoutRef: 0 },
  switchProvision: { named: 'none', countWithoutRef: 0 },
  openBreakGlass: { named: 'none', countWithoutRef: 0 },
  reviewBreakGlass: { named: 'none', countWithoutRef: 0 },
  listBreakGlass: { named: 'none', countWithoutRef: 0 },
} as const satisfies Record<string, OperationForm>;

/** One operation of the vault (操作). */
export type VaultOperation = keyof typeof VAULT_OPERATION_FORMS;

/** Whether a value names an operation of the vault. */
export function isVaultOperation(value: unknown): value is VaultOperation {
  return typeof value === 'string' && Object.hasOwn(VAULT_OPERATION_FORMS, value);
}

/** The form of an operation. */
export function operationForm(op: VaultOperation): OperationForm {
  return VAULT_OPERATION_FORMS[op];
}
