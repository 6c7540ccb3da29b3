/**
 * The client for front ends and jobs: signs an operation on the terminal, seals to the vault, opens what the vault
 * sealed. Runs in Node 20 and in browsers; needs WebCrypto, `jose` and `canonicalize`; sends nothing itself.
 */
export {
  openAnalysisRequest,
  reviewAnalysisRequest,
  type OpenAnalysisDetails,
  type ReviewAnalysisDetails,
} from './analysis.js';
export { checkAnchor, type Anchor, type AnchorJwk } from './anchor.js';
export {
  approvalRequest,
  approvedRequest,
  decideApprovalRequest,
  openApprovalRequest,
  type ApprovalDetails,
  type ApprovedDetails,
  type DecideApprovalDetails,
  type OpenApprovalDetails,
  type PaymentComparedAct,
  type PaymentFileAct,
  type PaymentJournalComparedAct,
  type KeyDestructionAct,
  type RegistrationAct,
  type TwoPersonAct,
} from './approvals.js';
export { newJti, signAssertion, type SignedOperation, type TerminalSigner } from './assertion.js';
export {
  breakGlassApprovalRequest,
  breakGlassListRequest,
  breakGlassReviewApprovalRequest,
  openBreakGlassRequest,
  reviewBreakGlassRequest,
  type BreakGlassFinding,
  type OpenBreakGlassDetails,
} from './breakGlass.js';
export type { AssertionDetails, OperationContext } from './details.js';
export { evidenceRequest, type EvidenceDetails } from './evidence.js';
export type { Json, JsonObject } from './json.js';
export {
  newReaderKey,
  newTerminalKey,
  type ReaderKey,
  type SealingPublicJwk,
  type TerminalKey,
  type TerminalPublicJwk,
} from './keys.js';
export {
  newTerminalPasskey,
  type NewTerminalPasskey,
  type PasskeyHolder,
  type TerminalPasskey,
} from './passkey.js';
export { openSealed, type AskedFor } from './open.js';
export type { VaultOperation as OperationName } from '../kernel/vaultOperations.js';
export {
  numberSearchRequest,
  registerRequest,
  revealRequest,
  stepUpRequest,
  type NumberSearchDetails,
  type RegisterDetails,
  type RevealDetails,
  type RevealRequest,
  type StepUpDetails,
  type ToVault,
} from './requests.js';
export {
  candidatesRequest,
  endTaskRequest,
  resumeTaskRequest,
  type CandidatesDetails,
  type TaskDetails,
  type TaskEndDetails,
} from './retention.js';
export {
  acquireCodeRequest,
  cancelPushRequest,
  inquireRefundAccountRequest,
  newPushRequestId,
  type AcquireCodeDetails,
  type CancelPushDetails,
  type InquireRefundAccountDetails,
  type PushDetails,
} from './pushes.js';
export {
  confirmRefundPaymentRequest,
  newConsentId,
  recordConsentRequest,
  revealRefundAccountRequest,
  takeRefundAccountRequest,
  viewRefundAccountRequest,
  withdrawConsentRequest,
  type ConfirmRefundPaymentDetails,
  type RecordConsentDetails,
  type RefundDetails,
  type RevealRefundAccountDetails,
  type RevealRefundAccountRequest,
  type ShownAccount,
  type TakeRefundAccountDetails,
  type WithdrawConsentDetails,
} from './refunds.js';
export {
  decideProvisionRequest,
  deleteCopiesRequest,
  pendingProvisionsRequest,
  provisionApprovalRequest,
  registerCopiesRequest,
  switchProvisionRequest,
  type GivenCopy,
} from './provision.js';
export { sealToVault, type SealedInput } from './seal.js';
export {
  assemblyApprovalRequest,
  assemblyRequest,
  releaseApprovalRequest,
  releaseRequest,
  transferSettingRequest,
  type PackageAssembly,
  type PackageRelease,
} from './transfers.js';
export { verifyPublishedKeys, type KeysExpected, type PublishedJwk, type VaultKeys } from './vaultKeys.js';
